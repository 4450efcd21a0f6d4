/** What a stored value is once it has been read. */
export interface ReadValue {
  readonly value: Uint8Array
  /** It would be written otherwise today: with another key, or another provider. */
  readonly isStale: boolean
}

/**
 * How values are changed on their way to the storage and back. `key` is where the value is stored:
 * a provider may bind the two, so that nobody can put one object's value in another one's place.
 */
export interface ValueTransformer {
  /** Throws an Error for what it cannot read. */
  read(stored: Uint8Array, key: string): ReadValue
  write(value: Uint8Array, key: string): Uint8Array
  /**
   * Gets what reading a value takes and is not at hand; undefined where nothing is missing. Rejects
   * where it may be had later. Absent where nothing can be missing, ever.
   */
  prepare?(stored: Uint8Array): Promise<void> | undefined
  /**
   * By what values are written now: another one each time that this changes, which makes stale what
   * was written before. Absent where it never does.
   */
  way?(): object | undefined
  /**
   * The one in force now, where this one stands for different ones in turn: what was prepared with
   * one cannot be read with another.
   */
  current?(): ValueTransformer
}

/** A transformer and the bytes that every value it has written begins with. */
export interface PrefixedTransformer {
  readonly prefix: string
  readonly transformer: ValueTransformer
}

/** Is told of each value that a transformer with this prefix reads or writes. */
export type ObserveTransformation = <T>(
  type: 'from_storage' | 'to_storage',
  prefix: string,
  run: () => T,
) => T

const unobserved: ObserveTransformation = (_type, _prefix, run) => run()

/** What the values of every provider begin with, but those of `identity`. */
const ENCRYPTED = Buffer.from('k8s:enc:')

/** Whether a stored value was encrypted, by whatever provider. */
export function isEncrypted(stored: Uint8Array): boolean {
  return ENCRYPTED.equals(stored.subarray(0, ENCRYPTED.length))
}

/** Of the providers that encrypt a value together with its key; the others do without. */
const BOUND = ['aesgcm', 'kms'].map((provider) => Buffer.from(`k8s:enc:${provider}:`))

/** Whether a stored value can be read under the key alone for which it was encrypted. */
export function isBoundToKey(stored: Uint8Array): boolean {
  return BOUND.some((prefix) => prefix.equals(stored.subarray(0, prefix.length)))
}

/** Values as they are; refuses to read what is encrypted. */
export const identity: ValueTransformer = {
  read(stored) {
    if (isEncrypted(stored)) throw new Error('identity transformer tried to read encrypted data')
    return { value: stored, isStale: false }
  },
  write: (value) => value,
}

/**
 * Writes with the first transformer and reads with whichever has the value's prefix:
 *
 *     k8s:enc:secretbox:v1:key1:<nonce, ciphertext and tag>
 *     └ of the provider ──┘└key┘
 *
 * A value that another than the first has written is stale. `noMatch` is the error for a value
 * with the prefix of none.
 */
export function prefixTransformers(
  noMatch: string,
  transformers: readonly PrefixedTransformer[],
  observe = unobserved,
): ValueTransformer {
  const all = transformers.map(({ prefix, transformer }) => ({
    prefix: Buffer.from(prefix),
    transformer,
  }))
  const writer = all[0]?.transformer
  const remote = all.filter(({ transformer }) => transformer.prepare !== undefined)
  return {
    ...(writer?.way !== undefined && { way: () => writer.way?.() }),
    ...(remote.length > 0 && { prepare: (stored) => prepareWith(remote, stored) }),
    read: (stored, key) => readFirst(all, stored, key, { noMatch, observe }),
    write(value, key) {
      const [first] = all
      if (first === undefined) throw new Error(noMatch)
      const write = () => first.transformer.write(value, key)
      const written = observe('to_storage', first.prefix.toString(), write)
      return first.prefix.length === 0 ? written : Buffer.concat([first.prefix, written])
    },
  }
}

/** Of all whose prefix it has: which of them can read it is not known yet. */
function prepareWith(
  transformers: readonly { readonly prefix: Buffer; readonly transformer: ValueTransformer }[],
  stored: Uint8Array,
): Promise<void> | undefined {
  for (const { prefix, transformer } of transformers) {
    if (!prefix.equals(stored.subarray(0, prefix.length))) continue
    const preparing = transformer.prepare?.(stored.subarray(prefix.length))
    if (preparing !== undefined) return preparing
  }
  return undefined
}

function readFirst(
  transformers: readonly { readonly prefix: Buffer; readonly transformer: ValueTransformer }[],
  stored: Uint8Array,
  key: string,
  { noMatch, observe }: { readonly noMatch: string; readonly observe: ObserveTransformation },
): ReadValue {
  const errors: unknown[] = []
  for (const [index, { prefix, transformer }] of transformers.entries()) {
    if (!prefix.equals(stored.subarray(0, prefix.length))) continue
    try {
      const { value, isStale } = readWith(prefix, transformer, stored, key, observe)
      return { value, isStale: isStale || index > 0 }
    } catch (error) {
      // `identity` is tried for everything: that it cannot read a value says nothing new.
      if (prefix.length > 0) errors.push(error)
    }
  }
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1) throw new Error(`[${errors.map(messageOf).join(', ')}]`)
  return observe('from_storage', 'unknown', () => {
    throw new Error(noMatch)
  })
}

/** That `identity` cannot read a value counts for nothing. */
function readWith(
  prefix: Buffer,
  transformer: ValueTransformer,
  stored: Uint8Array,
  key: string,
  observe: ObserveTransformation,
): ReadValue {
  const read = () => transformer.read(stored.subarray(prefix.length), key)
  if (prefix.length > 0) return observe('from_storage', prefix.toString(), read)
  const found = read()
  return observe('from_storage', 'identity', () => found)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
