import { quote, stringifyJson } from '../../base/json.ts'
import { fieldsV1Text, shareManagedFields } from '../../machinery/apply/fields-v1.ts'
import { isEnvelope } from '../../machinery/codec/protobuf/envelope.ts'
import type { Completion, KubeObject } from '../../machinery/kind.ts'
import type { ObjectMeta } from '../../machinery/object-meta.ts'
import { readStored } from '../protobuf/read-stored.ts'

const encoder = new TextEncoder()

/** The names that every stored object of one kind begins with. */
export interface ObjectNames {
  readonly kind: string
  readonly apiVersion: string
  /** What is stored in another version, which only other servers do, as it is in this one. */
  readonly fromOtherVersion?: (stored: KubeObject) => KubeObject
  /** Of custom resources, whose versions are converted before they come here. */
  readonly custom?: object | undefined
  /**
   * With all that protobuf, and former versions, leave out: empty lists and zero values that JSON
   * has, and defaults.
   */
  readonly fromProtobuf?: (stored: KubeObject) => KubeObject
  readonly completeOnRead?: Completion | undefined
}

/**
 * The bytes of a kind's objects. They are stored without a resource version, which is known only
 * once they are, but begin so that it can be put in without parsing:
 *
 *     stored   {"kind":"Pod","apiVersion":"v1","metadata":{                       "name":"a",...
 *     served   {"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"7","name":"a",...
 *     in list  {                              "metadata":{"resourceVersion":"7","name":"a",...
 */
export class ObjectBytes {
  readonly #start: Buffer
  /** The same and the beginning of a resource version: of an object, and of an item of a list. */
  readonly #versionedStart: Buffer
  readonly #versionedItem: Buffer
  /** Where `"metadata"` begins. */
  readonly #metadataAt: number
  readonly #names: ObjectNames
  #completion: Completion | undefined

  constructor(objectNames: ObjectNames) {
    const { kind, apiVersion } = objectNames
    this.#names = objectNames
    this.#completion = objectNames.completeOnRead
    const names = `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},`
    this.#start = Buffer.from(`${names}"metadata":{`)
    this.#metadataAt = Buffer.byteLength(names)
    this.#versionedStart = Buffer.from(`${names}"metadata":{"resourceVersion":"`)
    this.#versionedItem = this.#versionedStart.subarray(this.#metadataAt)
  }

  /** What is read from now on is complete. */
  completeOnRead(completion: Completion): void {
    this.#completion = completion
  }

  /** The object that is stored; throws where it is none. */
  read(stored: Uint8Array): KubeObject {
    const object = this.#read(stored)
    return this.#completion === undefined ? object : this.#completion.complete(object)
  }

  #read(stored: Uint8Array): KubeObject {
    const object = parseStored(stored)
    const { kind, apiVersion, custom, fromOtherVersion, fromProtobuf } = this.#names
    if (custom !== undefined) return object
    if (object.kind !== kind) throw new Error(`it is a ${object.kind}`)
    const isOther = object.apiVersion !== apiVersion
    const named = isOther ? { ...(fromOtherVersion?.(object) ?? object), apiVersion } : object
    const isComplete = !isOther && !isEnvelope(stored)
    return fromProtobuf === undefined || isComplete ? named : fromProtobuf(named)
  }

  /** Of an object of this kind, whatever resource version it has. */
  encode(object: KubeObject): Uint8Array {
    const { kind, apiVersion, metadata, ...rest } = object
    const managedFields = managedFieldsText(metadata.managedFields)
    const stored = {
      kind,
      apiVersion,
      metadata: {
        ...metadata,
        resourceVersion: undefined,
        ...(managedFields !== undefined && { managedFields: undefined }),
      },
    }
    if (managedFields === undefined) {
      return encoder.encode(stringifyJson(Object.assign(stored, rest)))
    }
    // Managed fields are longer than many an object, and the same for all that one writer makes.
    const head = stringifyJson(stored).slice(0, -'}}'.length)
    const tail = stringifyJson(rest)
    const end = tail === '{}' ? '}' : `,${tail.slice(1)}`
    return encoder.encode(`${head},"managedFields":${managedFields}}${end}`)
  }

  /** Whether a resource version can be put in: not so for what another version has written. */
  canServe(stored: Uint8Array): boolean {
    const { length } = this.#start
    // An empty metadata would need no comma after the resource version.
    if (!this.#start.equals(stored.subarray(0, length)) || stored[length] !== 0x22) return false
    return this.#completion === undefined || this.#isComplete(this.#completion, stored)
  }

  #isComplete(completion: Completion, stored: Uint8Array): boolean {
    const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.length)
    if (completion.looksComplete(bytes)) return true
    const object = this.#read(stored)
    return completion.complete(object) === object
  }

  /** How long the object with its resource version is. */
  servedLength(stored: Uint8Array, revision: number): number {
    if (revision === 0) return stored.length
    const { length } = this.#start
    return stored.length - length + this.#versionedStart.length + digitsOf(revision) + 2
  }

  /** Writes the object with its resource version, if that is not 0. Needs `canServe`. */
  copyServed(stored: Uint8Array, revision: number, target: Buffer, at: number): void {
    if (revision === 0) target.set(stored, at)
    else this.#copyVersioned(this.#versionedStart, stored, revision, target, at)
  }

  /** How long the part is that follows `{` in a list, where kind and version are the list's. */
  itemLength(stored: Uint8Array, revision: number): number {
    return this.servedLength(stored, revision) - this.#metadataAt
  }

  /** Writes that part. Needs `canServe`. */
  copyItem(stored: Uint8Array, revision: number, target: Buffer, at: number): void {
    if (revision === 0) target.set(stored.subarray(this.#metadataAt), at)
    else this.#copyVersioned(this.#versionedItem, stored, revision, target, at)
  }

  /** Lists come by here for each of their objects: without texts that are thrown away. */
  #copyVersioned(
    start: Uint8Array,
    stored: Uint8Array,
    revision: number,
    target: Buffer,
    at: number,
  ): void {
    target.set(start, at)
    const end = at + start.length + digitsOf(revision)
    let rest = revision
    for (let digit = end - 1; digit >= at + start.length; digit--) {
      target[digit] = ZERO + (rest % 10)
      rest = Math.floor(rest / 10)
    }
    target[end] = QUOTE
    target[end + 1] = COMMA
    target.set(stored.subarray(this.#start.length), end + 2)
  }
}

const ZERO = 0x30
const QUOTE = 0x22
const COMMA = 0x2c

/** How many decimal digits a positive integer has. */
function digitsOf(integer: number): number {
  let digits = 1
  for (let least = 10; integer >= least; least *= 10) digits++
  return digits
}

/** The JSON of managed fields, of texts that exist; undefined where those do not. */
function managedFieldsText(entries: ObjectMeta['managedFields']): string | undefined {
  if (entries === undefined || entries.length === 0) return undefined
  let text = '['
  for (const entry of entries) {
    const fields = entry.fieldsV1 && fieldsV1Text(entry.fieldsV1)
    if (fields === undefined) return undefined
    if (text.length > 1) text += ','
    text += `{${textField('manager', entry.manager)}${textField('operation', entry.operation)}`
    text += `${textField('apiVersion', entry.apiVersion)}${textField('time', entry.time)}`
    text += `${textField('fieldsType', entry.fieldsType)}`
    text += `${textField('subresource', entry.subresource)}"fieldsV1":${fields}}`
  }
  return `${text}]`
}

function textField(name: string, value: string | undefined): string {
  return value === undefined ? '' : `"${name}":${quote(value)},`
}

/** The same object at another resource version; 0 is that of an object that was not stored. */
export function withResourceVersion(object: KubeObject, revision: number): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata
  const versioned = revision === 0 ? metadata : { ...metadata, resourceVersion: String(revision) }
  return { ...object, metadata: versioned as ObjectMeta }
}

/** What was stored as an object; throws for anything that is none. */
export function parseStored(bytes: Uint8Array): KubeObject {
  const value = readStored(bytes)
  const { kind, apiVersion, metadata } = (value ?? {}) as Partial<KubeObject>
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') throw new Error('it has no kind')
  if (typeof metadata?.name !== 'string') throw new Error('it has no name')
  const object = value as KubeObject
  const { managedFields } = metadata
  if (!Array.isArray(managedFields)) return object
  return { ...object, metadata: { ...metadata, managedFields: shareManagedFields(managedFields) } }
}
