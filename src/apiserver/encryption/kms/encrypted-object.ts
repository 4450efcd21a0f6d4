import { decode, encode } from '../../../base/protobuf/codec.ts'
import type { Decoded } from '../../../base/protobuf/message.ts'
import { FieldPath, formatFieldError, invalid } from '../../../machinery/field-error.ts'
import { dns1123SubdomainErrors } from '../../../machinery/names.ts'
import type { Annotation, EncryptedKey } from './key-service.ts'
import { encryptedObject } from './messages.ts'

export type EncryptedObject = Decoded<typeof encryptedObject>

/** What the plugin's plaintext is: the key itself, or the seed of keys. */
export const SOURCE_TYPE = { key: 0, seed: 1 } as const
const MOST_ANNOTATION_BYTES = 32 * 1024
const MOST_KEY_ID_BYTES = 1024
const MOST_SOURCE_BYTES = 1024

/** The bytes that are stored. Throws for what upstream would not read. */
export function encodeEncryptedObject(object: EncryptedObject): Uint8Array {
  checkEncryptedObject(object)
  return encode(encryptedObject, object)
}

/** Throws for bytes that are no such object, or one beyond the limits. */
export function decodeEncryptedObject(bytes: Uint8Array): EncryptedObject {
  const object = decode(encryptedObject, bytes)
  checkEncryptedObject(object)
  return object
}

/** Throws by upstream's rules and in its words. */
export function checkEncryptedObject(object: EncryptedObject): void {
  const { encryptedDekSourceType: type, encryptedData, encryptedDekSource, keyId } = object
  if (type !== SOURCE_TYPE.key && type !== SOURCE_TYPE.seed) {
    throw new Error(`unknown encryptedDEKSourceType: ${type}`)
  }
  if (encryptedData.length === 0) throw new Error('encrypted data is empty')
  const source = 'failed to validate encrypted DEK source: encrypted DEK source'
  if (encryptedDekSource.length === 0) throw new Error(`${source} is empty`)
  if (encryptedDekSource.length > MOST_SOURCE_BYTES) {
    const size = `${encryptedDekSource.length} bytes, which exceeds the max size of`
    throw new Error(`${source} is ${size} ${MOST_SOURCE_BYTES}`)
  }
  const problem = keyIdProblem(keyId)
  if (problem !== undefined) throw new Error(`failed to validate key id: ${problem.text}`)
  checkAnnotations(object.annotations)
}

/** Why a key's id cannot be used, and the word for it in metrics. */
export function keyIdProblem(
  keyId: string,
): { readonly code: 'empty' | 'too_long'; readonly text: string } | undefined {
  if (keyId === '') return { code: 'empty', text: 'keyID is empty' }
  const length = Buffer.byteLength(keyId)
  if (length <= MOST_KEY_ID_BYTES) return undefined
  const text = `keyID is ${length} bytes, which exceeds the max size of ${MOST_KEY_ID_BYTES}`
  return { code: 'too_long', text }
}

function checkAnnotations(annotations: readonly Annotation[]): void {
  const problems: string[] = []
  let total = 0
  for (const { key, value } of annotations) {
    total += Buffer.byteLength(key) + value.length
    problems.push(...namesProblems(key))
  }
  if (total > MOST_ANNOTATION_BYTES) {
    const size = `${total}, which exceeds the max size of ${MOST_ANNOTATION_BYTES}`
    problems.push(`total size of annotations is ${size}`)
  }
  if (problems.length === 0) return
  const text = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`
  throw new Error(`failed to validate annotations: ${text}`)
}

function namesProblems(key: string): readonly string[] {
  const path = FieldPath.root.child('annotations')
  const reasons = dns1123SubdomainErrors(key).map((why) => invalid(path, key, why))
  if (reasons.length === 0 && key.split('.').length < 2) {
    reasons.push(
      invalid(path, key, 'should be a domain with at least two segments separated by dots'),
    )
  }
  return reasons.map(formatFieldError)
}

/** Equal for values that are encrypted with the same key or seed. */
export function cacheKeyOf(type: number, { ciphertext, keyId, annotations }: EncryptedKey): string {
  const parts = annotations
    .map(({ key, value }) => `${key}=${Buffer.from(value).toString('latin1')}`)
    .toSorted()
  return JSON.stringify([type, Buffer.from(ciphertext).toString('latin1'), keyId, ...parts])
}

/** What the plugin needs to decrypt an object's key or seed. */
export function keyOf({ encryptedDekSource, keyId, annotations }: EncryptedObject): EncryptedKey {
  return { ciphertext: encryptedDekSource, keyId, annotations }
}
