import type { Chunk } from '../chunk.ts'
import { encodeForEnvelope, type TypeNames } from '../protobuf/api-protobuf.ts'
import type { StoredObject } from './stored-object.ts'

/** One representation of a resource's objects, such as a served version or a Table. */
export interface View {
  /** Two views with the same id show the same: what one has encoded serves the other. */
  readonly id: string
  /** What it shows of an object depends on when it does, such as ages in a Table. */
  readonly isOfMoment?: boolean
  value(stored: StoredObject): unknown
  bytes(stored: StoredObject): Uint8Array
  /** The same for a part of an answer. */
  chunk(stored: StoredObject): Chunk
  /** The message in protobuf, ready for an envelope or a list; only of what has this form. */
  protobuf(stored: StoredObject): Buffer
}

/** Objects as they are stored: their bytes exist already. */
export const STORED_VIEW: View = {
  id: '',
  value: (stored) => stored.object,
  bytes: (stored) => stored.served,
  chunk: (stored) => stored,
  protobuf: (stored) => stored.protobuf,
}

/** A view whose bytes are made from its value. */
export function viewOf(id: string, value: (stored: StoredObject) => unknown): View {
  const bytes = (stored: StoredObject) => Buffer.from(JSON.stringify(value(stored)))
  return {
    id,
    value,
    bytes,
    chunk: bytes,
    protobuf: (stored) => encodeForEnvelope(value(stored) as TypeNames),
  }
}
