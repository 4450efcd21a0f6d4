import { createCipheriv, createDecipheriv } from 'node:crypto'
import { type Random, randomBytes } from '../../base/random.ts'
import type { ValueTransformer } from './value-transformer.ts'

const GCM_NONCE_BYTES = 12
const GCM_TAG_BYTES = 16
const BLOCK_BYTES = 16

/**
 * AES-GCM, laid out as nonce, ciphertext, tag; the value is bound to its key in the storage. The
 * nonces are random: upstream asks for a new key every 200,000 writes.
 */
export function aesGcm(key: Uint8Array, random: Random): ValueTransformer {
  const bits = (key.length * 8) as 128 | 192 | 256
  const cipher = `aes-${bits}-gcm` as const
  return {
    read(stored, storageKey) {
      if (stored.length < GCM_NONCE_BYTES) throw tooShort()
      const nonce = stored.subarray(0, GCM_NONCE_BYTES)
      const tagAt = stored.length - GCM_TAG_BYTES
      if (tagAt < GCM_NONCE_BYTES) throw notAuthentic()
      const decipher = createDecipheriv(cipher, key, nonce, { authTagLength: GCM_TAG_BYTES })
      decipher.setAAD(Buffer.from(storageKey))
      decipher.setAuthTag(stored.subarray(tagAt))
      const value = decipher.update(stored.subarray(GCM_NONCE_BYTES, tagAt))
      try {
        decipher.final()
      } catch {
        throw notAuthentic()
      }
      return { value, isStale: false }
    },
    write(value, storageKey) {
      const nonce = randomBytes(random, GCM_NONCE_BYTES)
      const encipher = createCipheriv(cipher, key, nonce, { authTagLength: GCM_TAG_BYTES })
      encipher.setAAD(Buffer.from(storageKey))
      const encrypted = encipher.update(value)
      encipher.final()
      return Buffer.concat([nonce, encrypted, encipher.getAuthTag()])
    },
  }
}

/** AES-CBC with PKCS #7 padding, laid out as IV and ciphertext: nothing proves it unchanged. */
export function aesCbc(key: Uint8Array, random: Random): ValueTransformer {
  const cipher = `aes-${key.length * 8}-cbc`
  return {
    read(stored) {
      if (stored.length < BLOCK_BYTES) throw tooShort()
      const encrypted = stored.subarray(BLOCK_BYTES)
      if (encrypted.length % BLOCK_BYTES !== 0) {
        throw new Error('the stored data is not a multiple of the block size')
      }
      const decipher = createDecipheriv(cipher, key, stored.subarray(0, BLOCK_BYTES))
      try {
        const value = Buffer.concat([decipher.update(encrypted), decipher.final()])
        return { value, isStale: false }
      } catch {
        throw new Error('invalid padding on input')
      }
    },
    write(value) {
      const iv = randomBytes(random, BLOCK_BYTES)
      const encipher = createCipheriv(cipher, key, iv)
      return Buffer.concat([iv, encipher.update(value), encipher.final()])
    },
  }
}

function tooShort(): Error {
  return new Error('the stored data was shorter than the required size')
}

function notAuthentic(): Error {
  return new Error('cipher: message authentication failed')
}
