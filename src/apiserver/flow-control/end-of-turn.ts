/**
 * Does things once the present turn of the event loop is over, all of one turn together: what is
 * written in a turn has been handed to the system by then.
 */
export function atEndOfTurn(): (action: () => void) => void {
  let waiting: (() => void)[] = []
  const onEnd = () => {
    const actions = waiting
    waiting = []
    for (const action of actions) action()
  }
  return (action) => {
    if (waiting.push(action) === 1) setImmediate(onEnd)
  }
}
