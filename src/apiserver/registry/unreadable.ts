import type { Clock } from '../../base/clock.ts'
import { formatError } from '../../base/logger.ts'
import { internalError } from '../../machinery/status-error.ts'
import type { KeyValue } from '../../storage/storage.ts'
import { isEncrypted } from '../encryption/value-transformer.ts'
import type { ObjectBytes } from './object-bytes.ts'
import { StoredObject } from './stored-object.ts'

/** Why an object cannot be read. */
interface Reason {
  readonly error: Error
  /** Else it is no object of its kind. */
  readonly isUndecryptable: boolean
  /** Of the object. */
  readonly revision: number
}

/** For so long nobody asks again for a key that was not to be had: services need time. */
const RETRY_MS = 3000

/**
 * The objects of one resource that are stored but cannot be read. Whoever asks for one of them is
 * answered 500 with the reason, as upstream does. Lists differ:
 *
 * 1. For want of a key they fail too, since most often many objects are affected, the key comes
 *    back, and to leave them out would tell clients that they were deleted. Here the lists of other
 *    namespaces are answered. They are tried again (`isDue`) when somebody asks for any object of
 *    the resource: a service that was ill may be well by now, or the configuration another one.
 * 2. What is broken for good is left out of lists and watches, and logged. Upstream fails every
 *    list of the resource for one such object, which stops all of its controllers.
 *
 * What is broken can be deleted with ignoreStoreReadErrorWithClusterBreakingPotential.
 */
export class Unreadable {
  readonly #errorOf: ((value: Uint8Array) => Error | undefined) | undefined
  readonly #clock: Clock
  readonly #reasons = new Map<string, Reason>()
  /** Monotonic milliseconds; undefined where nothing waits for a key. */
  #retryAt: number | undefined
  #retrying: Promise<void> | undefined

  constructor(errorOf: ((value: Uint8Array) => Error | undefined) | undefined, clock: Clock) {
    this.#errorOf = errorOf
    this.#clock = clock
  }

  /** Whether it is time to try again what could not be decrypted. */
  get isDue(): boolean {
    return this.#retryAt !== undefined && this.#clock.monotonic() >= this.#retryAt
  }

  /** Tries again, once for all who ask meanwhile. What is still missing waits for the next time. */
  retry(attempt: () => Promise<void>): Promise<void> {
    this.#retrying ??= attempt().finally(() => {
      this.#retrying = undefined
      const isLeft = [...this.#reasons.values()].some((reason) => reason.isUndecryptable)
      this.#retryAt = isLeft ? this.#clock.monotonic() + RETRY_MS : undefined
    })
    return this.#retrying
  }

  /** What could not be decrypted, is still in the same state and can be decrypted now. */
  *cured(items: readonly KeyValue[], bytes: ObjectBytes): Iterable<StoredObject> {
    for (const { key, value, modRevision } of items) {
      const known = this.#reasons.get(key)
      if (known?.isUndecryptable !== true || known.revision !== modRevision) continue
      const stored = new StoredObject(bytes, key, value, modRevision)
      const error = this.decryptionError(stored)
      if (error !== undefined) {
        this.#reasons.set(key, { ...known, error })
        continue
      }
      this.#reasons.delete(key)
      yield stored
    }
  }

  /** False nearly always: nothing else needs to be asked then. */
  get isAny(): boolean {
    return this.#reasons.size > 0
  }

  /** Remembers an object that cannot be read, for this reason or for want of a key; says which. */
  add(stored: StoredObject, cause: unknown): Error {
    const undecryptable = this.decryptionError(stored)
    const error = undecryptable ?? corruptObject(stored, cause)
    const isUndecryptable = undecryptable !== undefined
    this.#reasons.set(stored.key, { error, isUndecryptable, revision: stored.revision })
    if (isUndecryptable) this.#retryAt ??= this.#clock.monotonic() + RETRY_MS
    return error
  }

  /** Why an object that cannot be read cannot be decrypted, if that is the reason. */
  decryptionError({ key, storedBytes }: StoredObject): Error | undefined {
    const error = this.#errorOf?.(storedBytes)
    if (error !== undefined || !isEncrypted(storedBytes)) return error
    const cause = new Error('identity transformer tried to read encrypted data')
    const text = `unable to transform key ${JSON.stringify(key)}: ${cause.message}`
    return new Error(text, { cause })
  }

  has(key: string): boolean {
    return this.#reasons.has(key)
  }

  delete(key: string): void {
    this.#reasons.delete(key)
  }

  clear(): void {
    this.#reasons.clear()
    this.#retryAt = undefined
  }

  /** Throws the 500 of the object under a key; upstream names the key in those of lists alone. */
  checkKey(key: string): void {
    const reason = this.#reasons.get(key)
    if (reason === undefined) return
    const { error, isUndecryptable } = reason
    throw internalError(isUndecryptable && error.cause instanceof Error ? error.cause : error)
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
