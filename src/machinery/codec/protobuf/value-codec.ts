import type { WireReader } from './wire-reader.ts'
import type { WireWriter } from './wire-writer.ts'

/** Reads and writes one value in the shape that it has in JSON; the field's tag is not its part. */
export interface ValueCodec {
  readonly wireType: number
  /** `previous` is what the same field said before, for those that add to it. */
  read(reader: WireReader, previous?: unknown): unknown
  write(writer: WireWriter, value: unknown): void
  /** What stands for null in a list, and for a value that a map's entry does not say. */
  zero(): unknown
  /** A message that comes in parts is the sum of them; of anything else, the last one counts. */
  readonly isMerged?: true
  /** A list of such numbers may come in one piece. */
  readonly isPackable?: true
}
