import type { Message } from './message.ts'
import { LENGTH_DELIMITED } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

/** So many entries are written before others may go on. */
const PORTION = 20

/**
 * A field that holds a message of entries by name, with its tag and length: entries are messages
 * of their own, so that they are written in portions. Pauses after each.
 */
export async function encodeEntries(
  field: number,
  message: Message,
  given: object,
  pause: () => Promise<unknown>,
): Promise<readonly Buffer[]> {
  const writer = new WireWriter()
  const all = Object.entries(given).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const portions: Buffer[] = []
  for (let start = 0; start < all.length; start += PORTION) {
    const entries = Object.fromEntries(all.slice(start, start + PORTION))
    message.write(writer, { entries })
    portions.push(writer.finish())
    await pause()
  }
  return around(field, portions)
}

/** Parts of a message as one field of the message around it. */
export function around(field: number, parts: readonly Buffer[]): readonly Buffer[] {
  const writer = new WireWriter()
  writer.uint32(parts.reduce((sum, { length }) => sum + length, 0))
  writer.uint32(field * 8 + LENGTH_DELIMITED)
  return [writer.finish(), ...parts]
}
