import {
  bool,
  bytes,
  type Decoded,
  exactInt64,
  int64,
  many,
  message,
  one,
  optionalInt64,
  string,
} from '../../base/protobuf/message.ts'

// The part of etcd's API (etcdserverpb and mvccpb, v3) that a store of Kubernetes objects needs.
// Keys are declared as strings: their bytes are UTF-8.

const header = message('ResponseHeader', { revision: int64(3) })

/** One version of one key; a deletion has only its key and mod_revision. */
export const keyValue = message('KeyValue', {
  key: string(1),
  createRevision: int64(2),
  modRevision: int64(3),
  version: int64(4),
  value: bytes(5),
  lease: exactInt64(6),
})
export type EtcdKeyValue = Decoded<typeof keyValue>

export const rangeRequest = message('RangeRequest', {
  key: string(1),
  rangeEnd: string(2),
  limit: int64(3),
  revision: int64(4),
  serializable: bool(7),
  keysOnly: bool(8),
  countOnly: bool(9),
})
export const rangeResponse = message('RangeResponse', {
  header: one(1, header),
  items: many(2, keyValue),
  more: bool(3),
  count: int64(4),
})

export const putRequest = message('PutRequest', {
  key: string(1),
  value: bytes(2),
  lease: exactInt64(3),
})
export const putResponse = message('PutResponse', { header: one(1, header) })

const deleteRequest = message('DeleteRangeRequest', { key: string(1), rangeEnd: string(2) })
const deleteResponse = message('DeleteRangeResponse', {
  header: one(1, header),
  deleted: int64(2),
})

/** What a compare looks at, by its number. */
export const COMPARE_MOD_REVISION = 2

/** Its `result`, 0, asks for equality. */
const compare = message('Compare', {
  target: int64(2),
  key: string(3),
  version: optionalInt64(4),
  modRevision: optionalInt64(6),
})
const requestOperation = message('RequestOp', {
  range: one(1, rangeRequest),
  put: one(2, putRequest),
  delete: one(3, deleteRequest),
})
const responseOperation = message('ResponseOp', {
  range: one(1, rangeResponse),
  put: one(2, putResponse),
  delete: one(3, deleteResponse),
})
export const transactionRequest = message('TxnRequest', {
  compare: many(1, compare),
  success: many(2, requestOperation),
  failure: many(3, requestOperation),
})
export const transactionResponse = message('TxnResponse', {
  header: one(1, header),
  succeeded: bool(2),
  responses: many(3, responseOperation),
})

export const compactionRequest = message('CompactionRequest', { revision: int64(1) })
export const compactionResponse = message('CompactionResponse', { header: one(1, header) })

const watchCreateRequest = message('WatchCreateRequest', {
  key: string(1),
  rangeEnd: string(2),
  startRevision: int64(3),
  previous: bool(6),
  fragment: bool(8),
})
export const watchRequest = message('WatchRequest', {
  create: one(1, watchCreateRequest),
  progress: one(3, message('WatchProgressRequest', {})),
})
/** `type` is 0 for a put and 1 for a deletion. */
export const watchEvent = message('WatchEvent', {
  type: int64(1),
  current: one(2, keyValue),
  previous: one(3, keyValue),
})
export const watchResponse = message('WatchResponse', {
  header: one(1, header),
  watchId: int64(2),
  created: bool(3),
  canceled: bool(4),
  compactRevision: int64(5),
  cancelReason: string(6),
  fragment: bool(7),
  events: many(11, watchEvent),
})
export type EtcdEvent = Decoded<typeof watchEvent>
export type EtcdWatchResponse = Decoded<typeof watchResponse>

export const leaseGrantRequest = message('LeaseGrantRequest', { ttl: int64(1), id: exactInt64(2) })
export const leaseGrantResponse = message('LeaseGrantResponse', {
  header: one(1, header),
  id: exactInt64(2),
  ttl: int64(3),
  error: string(4),
})
export const leaseTimeToLiveRequest = message('LeaseTimeToLiveRequest', { id: exactInt64(1) })
/** A `ttl` of -1: there is no such lease any more. */
export const leaseTimeToLiveResponse = message('LeaseTimeToLiveResponse', {
  header: one(1, header),
  ttl: int64(3),
})

export const statusRequest = message('StatusRequest', {})
export const statusResponse = message('StatusResponse', {
  header: one(1, header),
  version: string(2),
  dbSize: int64(3),
})
