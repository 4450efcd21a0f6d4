import type { Selection } from './selection.ts'

/** How the objects of one resource are called in the store. */
export class ObjectKeys {
  readonly #prefix: string
  readonly #isNamespaced: boolean

  /** `prefix` ends in '/'. */
  constructor(prefix: string, isNamespaced: boolean) {
    this.#prefix = prefix
    this.#isNamespaced = isNamespaced
  }

  keyOf(namespace: string, name: string): string {
    return this.#isNamespaced ? `${this.#prefix}${namespace}/${name}` : `${this.#prefix}${name}`
  }

  /** What the keys of a selection begin with. */
  startOf({ namespace, name }: Selection): string {
    if (this.#isNamespaced && namespace === '') return this.#prefix
    return this.keyOf(namespace, name)
  }

  split(key: string): [namespace: string, name: string] {
    const rest = key.slice(this.#prefix.length)
    if (!this.#isNamespaced) return ['', rest]
    const slash = rest.indexOf('/')
    return [rest.slice(0, slash), rest.slice(slash + 1)]
  }
}
