import { formatError } from '../../base/logger.ts'
import { internalError } from '../../machinery/status-error.ts'
import { isEncrypted } from '../encryption/value-transformer.ts'
import type { StoredObject } from './stored-object.ts'

/** Why an object cannot be read. */
interface Reason {
  readonly error: Error
  /** Else it is no object of its kind. */
  readonly isUndecryptable: boolean
}

/**
 * The objects of one resource that are stored but cannot be read. Whoever asks for one of them is
 * answered 500, with its key in the storage and the reason, as upstream does. Lists differ:
 *
 * 1. For want of a key they fail too, since most often many objects are affected, the key comes
 *    back, and to leave them out would tell clients that they were deleted. Here the lists of other
 *    namespaces are answered.
 * 2. What is broken for good is left out of lists and watches, and logged. Upstream fails every
 *    list of the resource for one such object, which stops all of its controllers.
 *
 * What is broken can be deleted with ignoreStoreReadErrorWithClusterBreakingPotential.
 */
export class Unreadable {
  readonly #errorOf: ((value: Uint8Array) => Error | undefined) | undefined
  readonly #reasons = new Map<string, Reason>()

  constructor(errorOf: ((value: Uint8Array) => Error | undefined) | undefined) {
    this.#errorOf = errorOf
  }

  /** False nearly always: nothing else needs to be asked then. */
  get isAny(): boolean {
    return this.#reasons.size > 0
  }

  /** Remembers an object that cannot be read, for this reason or for want of a key; says which. */
  add(stored: StoredObject, cause: unknown): Error {
    const undecryptable = this.decryptionError(stored)
    const error = undecryptable ?? corruptObject(stored, cause)
    this.#reasons.set(stored.key, { error, isUndecryptable: undecryptable !== undefined })
    return error
  }

  /** Why an object that cannot be read cannot be decrypted, if that is the reason. */
  decryptionError({ key, storedBytes }: StoredObject): Error | undefined {
    const error = this.#errorOf?.(storedBytes)
    if (error !== undefined || !isEncrypted(storedBytes)) return error
    const why = 'identity transformer tried to read encrypted data'
    return new Error(`unable to transform key ${JSON.stringify(key)}: ${why}`)
  }

  has(key: string): boolean {
    return this.#reasons.has(key)
  }

  delete(key: string): void {
    this.#reasons.delete(key)
  }

  clear(): void {
    this.#reasons.clear()
  }

  /** Throws the 500 of the object under a key. */
  checkKey(key: string): void {
    const reason = this.#reasons.get(key)
    if (reason !== undefined) throw internalError(reason.error)
  }

  /**
   * Throws the 500 of the first object that lists below a prefix (or of a key) must not leave out.
   */
  checkList(keyOrPrefix: string): void {
    const isPrefix = keyOrPrefix.endsWith('/')
    for (const [key, { error, isUndecryptable }] of this.#reasons) {
      const isIn = isPrefix ? key.startsWith(keyOrPrefix) : key === keyOrPrefix
      if (isIn && isUndecryptable) throw internalError(error)
    }
  }
}

/** In upstream's words (storage.NewCorruptObjError), by which its own clients know it. */
function corruptObject({ key, revision }: StoredObject, cause: unknown): Error {
  const why = `object not decodable revision=${revision}: ${formatError(cause)}`
  const what = `StorageError: corrupt object, Code: 7, Key: ${key}, ResourceVersion: 0`
  return new Error(`${what}, AdditionalErrorMsg: ${why}`)
}
