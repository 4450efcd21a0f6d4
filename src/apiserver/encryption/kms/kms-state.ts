import { createHash } from 'node:crypto'
import { internalError } from '../../../machinery/status-error.ts'
import type { ValueTransformer } from '../value-transformer.ts'
import type { EncryptedKey } from './key-service.ts'

/** With what values are written for now. */
export interface KmsState {
  readonly transformer: ValueTransformer
  readonly source: EncryptedKey
  readonly sourceType: number
  readonly cacheKey: string
  /** Wall-clock milliseconds; from then on nothing is written with it. */
  readonly expiresAt: number
}

/** Ids of keys say something of whoever keeps them: messages and metrics show their digest. */
export function keyIdHash(keyId: string): string {
  return keyId === '' ? '' : `sha256:${createHash('sha256').update(keyId).digest('hex')}`
}

/** Throws when the plugin has not been well for too long: its key may be another one by now. */
export function checkUsable({ source, expiresAt }: KmsState, now: number): void {
  if (now <= expiresAt) return
  const time = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`
  throw internalError(
    `encryptedDEKSource with keyID hash "${keyIdHash(source.keyId)}" expired at ` +
      `${time(expiresAt)} (current time is ${time(now)})`,
  )
}
