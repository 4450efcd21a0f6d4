import { internalError } from '../../machinery/status-error.ts'
import { isEncrypted } from '../encryption/value-transformer.ts'
import type { StoredObject } from './stored-object.ts'

/**
 * The objects of one resource that cannot be decrypted, for want of a key. Upstream answers 500,
 * with the name of the key in the storage, to whoever asks for one of them and to every list that
 * it belongs to: to leave it out would tell clients that it was deleted. All other objects, and
 * here also the lists of other namespaces, are answered.
 */
export class Undecryptable {
  readonly #errorOf: ((value: Uint8Array) => Error | undefined) | undefined
  readonly #errors = new Map<string, Error>()

  constructor(errorOf: ((value: Uint8Array) => Error | undefined) | undefined) {
    this.#errorOf = errorOf
  }

  /** False nearly always: nothing else needs to be asked then. */
  get isAny(): boolean {
    return this.#errors.size > 0
  }

  /** Why an object that cannot be read cannot be decrypted, if that is the reason; remembers it. */
  add(stored: StoredObject): Error | undefined {
    const error = this.errorOf(stored)
    if (error !== undefined) this.#errors.set(stored.key, error)
    return error
  }

  errorOf({ key, storedBytes }: StoredObject): Error | undefined {
    const error = this.#errorOf?.(storedBytes)
    if (error !== undefined || !isEncrypted(storedBytes)) return error
    const why = 'identity transformer tried to read encrypted data'
    return new Error(`unable to transform key ${JSON.stringify(key)}: ${why}`)
  }

  delete(key: string): void {
    this.#errors.delete(key)
  }

  clear(): void {
    this.#errors.clear()
  }

  /** Throws the 500 of the first object under a key, or under a prefix that ends in '/'. */
  check(keyOrPrefix: string): void {
    const isPrefix = keyOrPrefix.endsWith('/')
    for (const [key, error] of this.#errors) {
      if (isPrefix ? key.startsWith(keyOrPrefix) : key === keyOrPrefix) throw internalError(error)
    }
  }
}
