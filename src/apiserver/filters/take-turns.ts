import type { Filter } from '../handler.ts'

/**
 * So many requests begin in one turn of the event loop. With more, all clients that wait for a
 * commit would be answered at once, ask again at once, and wait for the next commit together: the
 * processor would idle while the disk works, and the disk while the processor does.
 */
const REQUESTS_AT_ONCE = 4

/**
 * Lets requests begin a few at a time, so that commits, watches and timers get their turn in
 * between, however many arrive together. Those of one priority level begin in the order of their
 * arrival, and the levels by turns: they wait here with the seats that they have got, since it is
 * the processor that they wait for, and a level's flood must not stand before another's few.
 */
export function takeTurns(): Filter {
  let begun = 0
  const waiting = new Waiting()
  const onTurn = () => {
    begun = 0
    while (begun < REQUESTS_AT_ONCE) {
      const begin = waiting.take()
      if (begin === undefined) return
      if (begun++ === 0) setImmediate(onTurn)
      begin()
    }
  }
  return (request, next) => {
    if (waiting.isEmpty && begun < REQUESTS_AT_ONCE) {
      if (begun++ === 0) setImmediate(onTurn)
      return next(request)
    }
    const { priorityLevel = '' } = request
    return new Promise<void>((resolve) => waiting.add(priorityLevel, resolve)).then(() =>
      next(request),
    )
  }
}

/** Whoever waits, by priority level; the level that was served last comes last. */
class Waiting {
  readonly #byLevel = new Map<string, (() => void)[]>()

  get isEmpty(): boolean {
    return this.#byLevel.size === 0
  }

  add(level: string, begin: () => void): void {
    const others = this.#byLevel.get(level)
    if (others === undefined) this.#byLevel.set(level, [begin])
    else others.push(begin)
  }

  take(): (() => void) | undefined {
    for (const [level, begins] of this.#byLevel) {
      const begin = begins.shift()
      this.#byLevel.delete(level)
      if (begins.length > 0) this.#byLevel.set(level, begins)
      return begin
    }
    return undefined
  }
}
