/** Items pushed by one side and taken by another in the same order; unbounded. */
export class EventQueue<T> {
  #items: T[] = []
  #isEnded = false
  #failure: { readonly error: unknown } | undefined
  #wake: (() => void) | undefined

  push(item: T): void {
    this.#items.push(item)
    this.#wake?.()
  }

  /** What was pushed before is still taken. */
  end(): void {
    this.#isEnded = true
    this.#wake?.()
  }

  fail(error: unknown): void {
    this.#failure = { error }
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const items = this.#items
      this.#items = []
      yield* items
      if (this.#items.length > 0) continue
      if (this.#failure !== undefined) throw this.#failure.error
      if (this.#isEnded) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
