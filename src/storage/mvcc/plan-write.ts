import type { WriteOptions } from '../storage.ts'
import type { Version } from './version.ts'

/** A write that waits for its revision. Without a value it is a deletion. */
export interface WriteRequest extends WriteOptions {
  readonly key: string
  readonly value: Uint8Array | undefined
  /** When the key is to be deleted, in milliseconds since the epoch; 0: never. */
  readonly expiryTime: number
}

export type WritePlan =
  | { readonly code: 'Write'; readonly version: Version }
  | { readonly code: 'Conflict'; readonly current: Version | undefined }
  | { readonly code: 'NotFound' }

/** Decides what a write does to a key whose newest version is given, if its turn is `revision`. */
export function planWrite(
  { key, value, expiryTime, expectedModRevision }: WriteRequest,
  newest: Version | undefined,
  revision: number,
  keepsValue: boolean,
): WritePlan {
  const current = newest?.isDeleted === false ? newest : undefined
  const isDeleted = value === undefined
  if (isDeleted && current === undefined) return { code: 'NotFound' }
  const isExpected =
    expectedModRevision === undefined || expectedModRevision === (current?.modRevision ?? 0)
  if (!isExpected) return { code: 'Conflict', current }
  const version: Version = {
    key,
    isDeleted,
    createRevision: isDeleted ? 0 : (current?.createRevision ?? revision),
    modRevision: revision,
    version: isDeleted ? 0 : (current?.version ?? 0) + 1,
    expiryTime: isDeleted ? 0 : expiryTime,
    value: keepsValue ? value : undefined,
    previous: newest,
  }
  return { code: 'Write', version }
}
