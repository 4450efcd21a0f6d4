import type { KubeObject } from '../../machinery/kind.ts'
import type { ByteSource } from '../chunk.ts'
import { encodeForEnvelope } from '../protobuf/api-protobuf.ts'
import { type ObjectBytes, withResourceVersion } from './object-bytes.ts'

/** What a writer attaches to its write, so that nobody has to decode what it has at hand. */
export class Attachment {
  readonly object: KubeObject

  constructor(object: KubeObject) {
    this.object = object
  }
}

/**
 * One version of one object: its value, made on first use and then shared, and its bytes as they
 * are stored. What clients get differs from those in the resource version alone, and is put
 * together where it is sent from, so that nothing is kept twice.
 */
export class StoredObject implements ByteSource {
  readonly key: string
  /** Of this version: the object's resourceVersion. */
  readonly revision: number
  readonly #bytes: ObjectBytes
  readonly #stored: Uint8Array
  #source: KubeObject | undefined
  #object: KubeObject | undefined
  /** What can be served by putting in the resource version. */
  #servable: Uint8Array | undefined
  #protobuf: Buffer | undefined

  /** `source` is the decoded object where it is known; its resource version is not read. */
  constructor(
    bytes: ObjectBytes,
    key: string,
    stored: Uint8Array,
    revision: number,
    source?: KubeObject,
  ) {
    this.#bytes = bytes
    this.key = key
    this.#stored = stored
    this.revision = revision
    this.#source = source
  }

  /** The object with its resource version. Throws where the stored bytes are no object. */
  get object(): KubeObject {
    if (this.#object === undefined) {
      const source = this.#source ?? this.#bytes.read(this.#stored)
      this.#object = withResourceVersion(source, this.revision)
      this.#source = undefined
    }
    return this.#object
  }

  /** JSON with the resource version. */
  get served(): Buffer {
    const bytes = Buffer.allocUnsafe(this.length)
    this.copyTo(bytes, 0)
    return bytes
  }

  /** Of `served`. */
  get length(): number {
    return this.#bytes.servedLength(this.#encoded(), this.revision)
  }

  /** Writes `served`. */
  copyTo(target: Buffer, at: number): void {
    this.#bytes.copyServed(this.#encoded(), this.revision, target, at)
  }

  /** The bytes of `served` that follow the opening brace in a list. */
  get listItem(): ByteSource {
    return new ListItem(this.#bytes, this.#encoded(), this.revision)
  }

  /** The protobuf message with the resource version, ready for an envelope or a list. */
  get protobuf(): Buffer {
    this.#protobuf ??= encodeForEnvelope(this.object)
    return this.#protobuf
  }

  /** Whether `protobuf` is there already. */
  get hasProtobuf(): boolean {
    return this.#protobuf !== undefined
  }

  /** As it was read: without a resource version, and encrypted where that cannot be undone. */
  get storedBytes(): Uint8Array {
    return this.#stored
  }

  get storedLength(): number {
    return this.#stored.length
  }

  /** Whether these bytes are what is stored: an update that would write them changes nothing. */
  isStoredAs(bytes: Uint8Array): boolean {
    return Buffer.compare(this.#stored, bytes) === 0
  }

  /** The same state under a later revision: how a deletion shows what was deleted. */
  at(revision: number): StoredObject {
    return new StoredObject(this.#bytes, this.key, this.#stored, revision, this.object)
  }

  #encoded(): Uint8Array {
    if (this.#servable === undefined) {
      const canServe = this.#bytes.canServe(this.#stored)
      this.#servable = canServe ? this.#stored : this.#bytes.encode(this.object)
    }
    return this.#servable
  }

  /** Undefined, where `object` would throw. */
  readable(): KubeObject | undefined {
    try {
      return this.object
    } catch {
      return undefined
    }
  }
}

/** Lists make one for each object and throw it away: it is as small as it can be. */
class ListItem implements ByteSource {
  readonly length: number
  readonly #bytes: ObjectBytes
  readonly #encoded: Uint8Array
  readonly #revision: number

  constructor(bytes: ObjectBytes, encoded: Uint8Array, revision: number) {
    this.length = bytes.itemLength(encoded, revision)
    this.#bytes = bytes
    this.#encoded = encoded
    this.#revision = revision
  }

  copyTo(target: Buffer, at: number): void {
    this.#bytes.copyItem(this.#encoded, this.#revision, target, at)
  }
}
