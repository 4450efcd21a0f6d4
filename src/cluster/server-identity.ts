import { createHash } from 'node:crypto'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
/** Whose identity it is: aggregated servers on the same host have others. */
const COMPONENT = 'kube-apiserver'

/**
 * The id of an API server among those that share a store, from the name of its host as upstream
 * makes it: `apiserver-` and 26 characters.
 */
export function serverIdOf(hostname: string): string {
  const hash = createHash('sha256')
  for (const part of [hostname, COMPONENT]) {
    const bytes = Buffer.from(part)
    hash.update(Uint8Array.of(bytes.length >> 8, bytes.length & 0xff)).update(bytes)
  }
  return `apiserver-${base32(hash.digest().subarray(0, 16))}`
}

/** RFC 4648 in lower case, without padding. */
function base32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(held >> (bits - 5)) & 31]
    held &= (1 << bits) - 1
  }
  return bits === 0 ? text : text + ALPHABET[(held << (5 - bits)) & 31]
}
