/** Counts the turns of the event loop in which others could have been served. */
export class TurnCounter {
  #turns = 0
  #isStopped = false

  constructor() {
    const turn = () => {
      if (this.#isStopped) return
      this.#turns++
      setImmediate(turn)
    }
    setImmediate(turn)
  }

  /** How many turns there have been; counts no more from now on. */
  stop(): number {
    this.#isStopped = true
    return this.#turns
  }
}
