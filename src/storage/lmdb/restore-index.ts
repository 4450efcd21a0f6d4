import { KeyIndex } from '../mvcc/key-index.ts'
import type { Version } from '../mvcc/version.ts'
import type { Log } from './revision-log.ts'

export interface RestoredIndex {
  readonly index: KeyIndex
  /** Records that a compaction had given up and not yet dropped. */
  readonly leftovers: readonly number[]
}

/**
 * Builds the key index from a log, without reading a value. Up to the compacted revision only what
 * is in force then counts; after it, every revision must be there.
 */
export function restoreIndex(log: Log): RestoredIndex {
  const { revision, compactedRevision } = log.state
  const index = new KeyIndex(Math.max(compactedRevision, 1), compactedRevision)
  const compacted = new Map<string, Version>()
  const leftovers: number[] = []
  let isPastCompaction = false
  const restoreCompacted = () => {
    isPastCompaction = true
    for (const version of compacted.values()) index.restore(version)
  }
  for (const [modRevision, record] of log.records()) {
    const isCompacted = modRevision <= compactedRevision
    if (!isCompacted && !isPastCompaction) restoreCompacted()
    const previous = isCompacted ? compacted.get(record.key) : index.newest(record.key)
    const version: Version = {
      key: record.key,
      isDeleted: record.isDeleted,
      createRevision: record.createRevision,
      modRevision,
      version: record.version,
      expiryTime: record.expiryTime,
      value: undefined,
      previous: isCompacted ? undefined : previous,
    }
    if (!isCompacted) {
      if (modRevision !== index.revision + 1) throw corrupted(index.revision + 1)
      index.apply(version)
      continue
    }
    if (previous !== undefined) leftovers.push(previous.modRevision)
    compacted.delete(record.key)
    if (record.isDeleted) leftovers.push(modRevision)
    else compacted.set(record.key, version)
  }
  if (!isPastCompaction) restoreCompacted()
  if (index.revision !== revision) throw corrupted(index.revision + 1)
  return { index, leftovers }
}

function corrupted(revision: number): Error {
  return new Error(`the store is damaged: revision ${revision} is missing`)
}
