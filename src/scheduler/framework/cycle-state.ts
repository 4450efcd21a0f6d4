import type { Plugin } from './plugin.ts'

/** What a plugin keeps in a cycle; with `clone` where it changes as pods are added and removed. */
export type CycleValue = object & { clone?(): CycleValue }

/** What plugins of one scheduling cycle keep for each other's later calls. */
export class CycleState {
  readonly #values: Map<string, CycleValue>
  /** The plugins whose PreFilter did not step aside. */
  filters: readonly Plugin[] = []

  constructor(values: Iterable<readonly [string, CycleValue]> = []) {
    this.#values = new Map(values)
  }

  get<T extends CycleValue>(key: string): T | undefined {
    return this.#values.get(key) as T | undefined
  }

  set(key: string, value: CycleValue): void {
    this.#values.set(key, value)
  }

  /** To try changes on: what depends on pods is copied, the rest is shared. */
  clone(): CycleState {
    const values = [...this.#values].map(([key, value]) => [key, value.clone?.() ?? value] as const)
    const copy = new CycleState(values)
    copy.filters = this.filters
    return copy
  }
}
