import { xsalsa20poly1305 } from '@noble/ciphers/salsa'
import { type Random, randomBytes } from '../../base/random.ts'
import type { ValueTransformer } from './value-transformer.ts'

const NONCE_BYTES = 24
const TAG_BYTES = 16

/**
 * NaCl's secretbox (XSalsa20 and Poly1305), laid out as nonce, tag, ciphertext. Its nonces are long
 * enough to be random for ever, which is why it is the default here.
 */
export function secretbox(key: Uint8Array, random: Random): ValueTransformer {
  return {
    read(stored) {
      if (stored.length < NONCE_BYTES + TAG_BYTES) {
        throw new Error('the stored data was shorter than the required size')
      }
      const box = xsalsa20poly1305(key, stored.subarray(0, NONCE_BYTES))
      try {
        return { value: box.decrypt(stored.subarray(NONCE_BYTES)), isStale: false }
      } catch {
        // Upstream's text says "output array was not large enough", which helps nobody.
        throw new Error('the stored data was not written with this secretbox key')
      }
    },
    write(value) {
      const nonce = randomBytes(random, NONCE_BYTES)
      return Buffer.concat([nonce, xsalsa20poly1305(key, nonce).encrypt(value)])
    },
  }
}
