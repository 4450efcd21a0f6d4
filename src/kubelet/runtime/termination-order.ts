import { type Clock, pause } from '../../base/clock.ts'
import { childAbort } from '../../base/lifetime.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { initContainersOf, isRestartableInit } from '../pod-types.ts'

/** Resolves when a container has ended. */
interface Ending {
  readonly ended: Promise<void>
  readonly end: () => void
}

/**
 * The order in which a pod's containers end: regular ones at once, sidecars after them, the last
 * one first. Each waits for its turn within its grace period only.
 */
export class TerminationOrder {
  readonly #clock: Clock
  readonly #endings = new Map<string, Ending>()
  readonly #prerequisites = new Map<string, readonly Promise<void>[]>()

  constructor(clock: Clock, pod: Pod, running: readonly string[]) {
    this.#clock = clock
    const isRunning = new Set(running)
    const endings = (names: readonly string[]) =>
      names.map((name) => {
        const ending = newEnding()
        if (!isRunning.has(name)) ending.end()
        this.#endings.set(name, ending)
        return ending.ended
      })
    const regular = endings(pod.spec.containers.map(({ name }) => name))
    let later: readonly Promise<void>[] = regular
    for (const spec of initContainersOf(pod).toReversed()) {
      const [ended] = endings([spec.name])
      if (!isRestartableInit(spec) || ended === undefined) continue
      this.#prerequisites.set(spec.name, later)
      later = [...regular, ended]
    }
  }

  /** Waits until all that must end before have ended, but no longer than `atMostMs`. */
  async waitForTurn(name: string, atMostMs: number, signal: AbortSignal): Promise<void> {
    const prerequisites = this.#prerequisites.get(name) ?? []
    if (prerequisites.length === 0 || atMostMs <= 0) return
    using timer = childAbort(signal)
    const isTurn = Promise.all(prerequisites).then(() => timer.abort())
    await Promise.race([isTurn, pause(this.#clock, atMostMs, timer.signal)])
    timer.abort()
    signal.throwIfAborted()
  }

  ended(name: string): void {
    this.#endings.get(name)?.end()
  }
}

function newEnding(): Ending {
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  return { ended, end }
}
