/** A value that is there already, or will be: a promise only where something is waited for. */
export type Answer<T> = T | Promise<T>

/** Goes on with a value, at once where it is there. */
export function andThen<T, R>(answer: Answer<T>, next: (value: T) => Answer<R>): Answer<R> {
  return answer instanceof Promise ? answer.then(next) : next(answer)
}
