/** Longer texts are rarely met twice. */
export const LONGEST_KEPT = 32
/** A power of two. */
const SLOTS = 2048

const kept: string[] = new Array<string>(SLOTS).fill('')

/**
 * The text of some UTF-8 bytes. Objects say the same words again and again (`Always`, `default`,
 * the keys of labels): those that were met lately are not made anew, which takes less time than
 * making them, and less memory for what is stored.
 */
export function keptText(bytes: Buffer, start: number, end: number): string {
  let hash = end - start
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0
  const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1)
  const known = kept[slot] as string
  if (isTextOf(known, bytes, start, end)) return known
  const text = bytes.toString('utf8', start, end)
  kept[slot] = text
  return text
}

/** Only for ASCII; any other text has fewer letters than bytes, and is made anew. */
function isTextOf(text: string, bytes: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if (byte >= 0x80 || text.charCodeAt(at - start) !== byte) return false
  }
  return true
}
