/** A value that is there already, or will be: a promise only where something is waited for. */
export type Eventual<T> = T | Promise<T>

/** Goes on with a value, at once where it is there. */
export function andThen<T, R>(eventual: Eventual<T>, next: (value: T) => Eventual<R>): Eventual<R> {
  return eventual instanceof Promise ? eventual.then(next) : next(eventual)
}
