/**
 * Something large that is made when it is first asked for, and then kept. A failure is not: those
 * who wait for it have it, and whoever asks later has it made again.
 */
export class MadeOnce<T> {
  readonly #make: () => Promise<T>
  #made: Promise<T> | undefined

  constructor(make: () => Promise<T>) {
    this.#make = make
  }

  get(): Promise<T> {
    if (this.#made !== undefined) return this.#made
    const made = this.#make()
    this.#made = made
    made.catch(() => {
      this.#made = undefined
    })
    return made
  }
}
