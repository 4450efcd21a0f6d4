import type { KeyValue, Storage } from '../../storage/storage.ts'
import { decodeTaken, encodeTaken, type PortRange } from './range-allocation.ts'

/** Upstream's key, so that its servers find what is taken. */
const KEY = '/registry/ranges/servicenodeports'

/** Which node ports are taken: looked at, and changed by what it returns. */
export type PortDecision<T> = (taken: ReadonlySet<number>) => {
  /** Undefined where nothing changes. */
  readonly taken?: ReadonlySet<number> | undefined
  /** True where nothing is asked for: what is taken does not matter. */
  readonly isIndifferent?: boolean
  readonly result: T
}

/**
 * The node ports that are taken, in one object (upstream's RangeAllocation) that all servers on a
 * store change by compare-and-swap: a port is written down before the service that has it is
 * stored, and released after that has gone. The repair frees what a crash left behind.
 */
export class PortRecord {
  readonly #storage: Storage
  readonly #range: PortRange
  /** Undefined where it must be read. */
  #known: { readonly taken: ReadonlySet<number>; readonly revision: number } | undefined
  readonly #waiting: Waiting[] = []
  readonly #refresh: () => Promise<unknown>
  #turn: Promise<void> = Promise.resolve()

  /** `refresh` brings up to date what decisions look at beside the record. */
  constructor(
    storage: Storage,
    range: PortRange,
    refresh: () => Promise<unknown> = () => Promise.resolve(),
  ) {
    this.#storage = storage
    this.#range = range
    this.#refresh = refresh
  }

  /** As this server knows it; others may have changed it since. */
  get taken(): ReadonlySet<number> {
    return this.#known?.taken ?? new Set()
  }

  /** What is stored now. */
  async read(): Promise<ReadonlySet<number>> {
    this.#learn(await this.#storage.get(KEY))
    return this.taken
  }

  /**
   * Decides upon what is taken, asked again whenever another server has changed it meanwhile. All
   * that is asked while one change is on its way to the store goes there with the next. A write
   * proves that what was decided upon was true; what refuses or finds nothing to do writes nothing,
   * so that on a shared store it is decided upon what is read.
   */
  change<T>(decide: PortDecision<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const attempt = (taken: ReadonlySet<number>) => {
        const { result, taken: changed, isIndifferent } = decide(taken)
        return { taken: changed, isIndifferent, settle: () => resolve(result) }
      }
      this.#waiting.push({ attempt, reject })
      this.#turn = this.#turn.then(() => this.#decideAll(this.#waiting.splice(0)))
    })
  }

  async release(ports: readonly number[]): Promise<void> {
    if (ports.length === 0) return
    await this.change((taken) => {
      if (!ports.some((port) => taken.has(port))) return { result: undefined }
      const rest = new Set(taken)
      for (const port of ports) rest.delete(port)
      return { taken: rest, result: undefined }
    })
  }

  /** Never rejects: whoever waits is told. */
  async #decideAll(batch: readonly Waiting[]): Promise<void> {
    let isProven = this.#storage.isShared !== true
    try {
      while (batch.length > 0) {
        if (this.#known === undefined) {
          await this.read()
          isProven = true
        }
        const { taken, revision } = this.#known ?? { taken: new Set<number>(), revision: 0 }
        const { settled, changed, isIndifferent } = attemptAll(batch, taken)
        if (changed === undefined && !isProven && !isIndifferent) {
          this.#known = undefined
          await this.#refresh()
          continue
        }
        if (changed !== undefined && !(await this.#write(changed, revision))) continue
        for (const settle of settled) settle()
        return
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  async #write(taken: ReadonlySet<number>, expectedModRevision: number): Promise<boolean> {
    // Where the answer is lost it is unknown what is stored.
    this.#known = undefined
    const value = encodeTaken(taken, this.#range)
    const written = await this.#storage.put(KEY, value, { expectedModRevision })
    if (written.code === 'Conflict') {
      this.#learn(written.current)
      return false
    }
    this.#known = { taken, revision: written.keyValue.modRevision }
    return true
  }

  #learn(stored: KeyValue | undefined): void {
    const taken = stored === undefined ? new Set<number>() : decodeTaken(stored.value, this.#range)
    this.#known = { taken, revision: stored?.modRevision ?? 0 }
  }
}

/** A decision that has not been made. */
interface Waiting {
  readonly attempt: (taken: ReadonlySet<number>) => {
    readonly taken?: ReadonlySet<number> | undefined
    readonly isIndifferent?: boolean | undefined
    readonly settle: () => void
  }
  readonly reject: (error: unknown) => void
}

/** One decision after the other; what one of them throws is its own failure alone. */
function attemptAll(batch: readonly Waiting[], taken: ReadonlySet<number>) {
  const settled: (() => void)[] = []
  let changed: ReadonlySet<number> | undefined
  let isIndifferent = true
  for (const { attempt, reject } of batch) {
    try {
      const decided = attempt(changed ?? taken)
      changed = decided.taken ?? changed
      isIndifferent &&= decided.isIndifferent === true
      settled.push(decided.settle)
    } catch (error) {
      isIndifferent = false
      settled.push(() => reject(error))
    }
  }
  return { settled, changed, isIndifferent }
}
