import { createHmac } from 'node:crypto'
import { type Random, randomBytes } from '../../../base/random.ts'
import { aesGcm } from '../aes.ts'
import type { ValueTransformer } from '../value-transformer.ts'

export const SEED_BYTES = 32
const INFO_BYTES = 32

/**
 * AES-256-GCM with a key of its own for each value, so that nonces may be random for ever:
 *
 *     info (32 random bytes) ┊ nonce (12) ┊ ciphertext ┊ tag (16)
 *     key = first block of HKDF-Expand(SHA-256, seed, info)
 *
 * The value is bound to its key in the storage. Throws for a seed that is too short.
 */
export function seededAesGcm(seed: Uint8Array, random: Random): ValueTransformer {
  if (seed.length < SEED_BYTES) {
    throw new Error(`invalid seed length ${seed.length} used for key generation`)
  }
  const withKeyOf = (info: Uint8Array) => aesGcm(expand(seed, info), random)
  return {
    read(stored, storageKey) {
      if (stored.length < INFO_BYTES) {
        throw new Error('the stored data was shorter than the required size')
      }
      const info = stored.subarray(0, INFO_BYTES)
      return withKeyOf(info).read(stored.subarray(INFO_BYTES), storageKey)
    },
    write(value, storageKey) {
      const info = randomBytes(random, INFO_BYTES)
      return Buffer.concat([info, withKeyOf(info).write(value, storageKey)])
    },
  }
}

/** RFC 5869, section 2.3, as far as one block of SHA-256 reaches: T(1) = HMAC(seed, info ┊ 1). */
function expand(seed: Uint8Array, info: Uint8Array): Uint8Array {
  return createHmac('sha256', seed).update(info).update(Uint8Array.of(1)).digest()
}
