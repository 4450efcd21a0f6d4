/**
 * What webhooks and policies remember of one write, so that those that came early can be asked
 * again once a later one has changed the object (upstream's reinvocation context).
 */
export class Reinvocation {
  /** The second round, in which nobody is asked for the first time. */
  isSecondRound = false
  /** Somebody has changed the object: all built-in plugins are run again, and who wants it. */
  isNeeded = false
  readonly #rounds = new Map<string, ReinvocationRound>()

  /** What a plugin remembers; the same object in both rounds. */
  roundOf(pluginName: string): ReinvocationRound {
    let round = this.#rounds.get(pluginName)
    if (round === undefined) {
      round = new ReinvocationRound()
      this.#rounds.set(pluginName, round)
    }
    return round
  }
}

/** Who was asked in the first round and who must be asked again, by ids that are the plugin's. */
class ReinvocationRound {
  /** The object as the plugin left it. */
  lastOutput: unknown
  #invoked = new Set<string>()
  readonly #due = new Set<string>()

  isDue(id: string): boolean {
    return this.#due.has(id)
  }

  /** Has been asked, and wants to be asked again after later changes. */
  addInvoked(id: string): void {
    this.#invoked.add(id)
  }

  /** The object has changed: whoever was asked before that must see it again. */
  requireInvoked(): void {
    for (const id of this.#invoked) this.#due.add(id)
    this.#invoked = new Set()
  }
}
