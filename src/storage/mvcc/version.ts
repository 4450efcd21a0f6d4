import type { KeyValue } from '../storage.ts'

/**
 * What one revision did to one key, linked to what the key was before:
 *
 *     newest ─▶ 9: put (create 9) ─▶ 7: deleted ─▶ 5: put (create 4) ─▶ 4: put (create 4)
 *
 * Links only point back in time, so that forks share them; compaction cuts them.
 */
export interface Version {
  readonly key: string
  readonly isDeleted: boolean
  readonly createRevision: number
  readonly modRevision: number
  readonly version: number
  /** When the key is to be deleted, in milliseconds since the epoch; 0: never. */
  readonly expiryTime: number
  /** Undefined where the engine keeps values elsewhere, under their revision. */
  readonly value: Uint8Array | undefined
  previous: Version | undefined
}

export const NO_VALUE = new Uint8Array(0)

/** The version of a key that was in force at a revision; undefined if there was none. */
export function versionAt(newest: Version | undefined, revision: number): Version | undefined {
  let version = newest
  while (version !== undefined && version.modRevision > revision) version = version.previous
  return version === undefined || version.isDeleted ? undefined : version
}

/** A version with its value, as readers get it. */
export function toKeyValue(version: Version, value: Uint8Array): KeyValue {
  const { key, createRevision, modRevision } = version
  return { key, value, createRevision, modRevision, version: version.version }
}
