/**
 * One read for many who ask at once. Whoever asks while a read is under way shares the next one:
 * the answer is never older than the question.
 */
export class SharedRead<T> {
  readonly #read: () => Promise<T>
  #running: Promise<T> | undefined
  #next: Promise<T> | undefined

  constructor(read: () => Promise<T>) {
    this.#read = read
  }

  get(): Promise<T> {
    if (this.#running === undefined) return this.#start()
    const settled = this.#running.then(
      () => {},
      () => {},
    )
    this.#next ??= settled.then(() => {
      this.#next = undefined
      return this.#start()
    })
    return this.#next
  }

  #start(): Promise<T> {
    const running = this.#read().finally(() => {
      if (this.#running === running) this.#running = undefined
    })
    this.#running = running
    return running
  }
}
