import type { StructNode } from '../../schema.ts'
import { type ProtobufTables, StructCodecs } from './struct-codecs.ts'
import { LENGTH_DELIMITED, WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

/**
 * Kubernetes' protobuf by the schemas of structs: straight between bytes and the shape that objects
 * have in JSON. What is read is not yet checked, completed or canonical: `decodeObject` does that,
 * as it does for JSON.
 */
export class ProtobufCodec {
  readonly #structs: StructCodecs
  readonly #writer = new WireWriter()

  constructor(tables: ProtobufTables) {
    this.#structs = new StructCodecs(tables)
  }

  /** Whether a struct has a protobuf form; custom resources have none. */
  supports(node: StructNode): boolean {
    return this.#structs.has(node)
  }

  /**
   * The message of a value. Unlike upstream's, it leaves out what equals the zero value of a field
   * that is absent, which decoders cannot tell apart.
   */
  encode(node: StructNode, value: unknown): Buffer {
    try {
      this.#structs.messageOf(node).write(this.#writer, value as Record<string, unknown>)
      return this.#writer.finish()
    } finally {
      this.#writer.reset()
    }
  }

  /**
   * As `encode`, with the tag of a field and the length in front: ready for a message around it.
   */
  encodeAsField(number: number, node: StructNode, value: unknown): Buffer {
    try {
      this.#structs.messageOf(node).write(this.#writer, value as Record<string, unknown>)
      this.#writer.uint32(this.#writer.length)
      this.#writer.uint32(number * 8 + LENGTH_DELIMITED)
      return this.#writer.finish()
    } finally {
      this.#writer.reset()
    }
  }

  /** Throws CodecError for bytes that are no such message. */
  decode(node: StructNode, bytes: Uint8Array): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    this.#structs.messageOf(node).readInto(new WireReader(bytes), object)
    return object
  }
}
