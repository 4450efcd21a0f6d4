import type { KeyValue, WatchEvent } from '../storage.ts'
import type { EtcdEvent, EtcdKeyValue } from './messages.ts'

const DELETE = 1

/** The value is copied: it is part of an answer with many, which must not be kept alive by one. */
export function toKeyValue(found: EtcdKeyValue): KeyValue {
  const { key, value, createRevision, modRevision, version } = found
  return { key, value: Buffer.from(value), createRevision, modRevision, version }
}

/** An event of etcd's; what its writer attached is added by those who know. */
export function toWatchEvent({ type, current, previous }: EtcdEvent): EtcdWatchEvent {
  if (current === undefined) throw new Error('etcd sent an event without a key')
  const { key, value, createRevision, modRevision, version } = current
  return {
    type: type === DELETE ? 'DELETE' : 'PUT',
    ...{ key, createRevision, modRevision, version },
    value: Buffer.from(value),
    attachment: undefined,
    previous: previous && toKeyValue(previous),
  }
}

/** An event before anybody has seen it. */
export interface EtcdWatchEvent extends WatchEvent {
  attachment: unknown
}
