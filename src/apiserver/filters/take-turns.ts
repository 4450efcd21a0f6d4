import type { Filter } from '../handler.ts'

/**
 * So many requests begin in one turn of the event loop. With more, all clients that wait for a
 * commit would be answered at once, ask again at once, and wait for the next commit together: the
 * processor would idle while the disk works, and the disk while the processor does.
 */
const REQUESTS_AT_ONCE = 4

/**
 * Lets requests begin a few at a time, in the order of their arrival, so that commits, watches and
 * timers get their turn in between, however many arrive together.
 */
export function takeTurns(): Filter {
  let begun = 0
  const waiting: (() => void)[] = []
  const onTurn = () => {
    begun = 0
    for (const begin of waiting.splice(0, REQUESTS_AT_ONCE)) {
      if (begun++ === 0) setImmediate(onTurn)
      begin()
    }
  }
  return (request, next) => {
    if (waiting.length === 0 && begun < REQUESTS_AT_ONCE) {
      if (begun++ === 0) setImmediate(onTurn)
      return next(request)
    }
    return new Promise<void>((resolve) => waiting.push(resolve)).then(() => next(request))
  }
}
