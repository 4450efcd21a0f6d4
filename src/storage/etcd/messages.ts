import {
  answer,
  answers,
  bool,
  bytes,
  chosenInt64,
  id,
  int64,
  type Message,
  many,
  message,
  one,
  string,
} from './protobuf/message.ts'

// The part of etcd's API (etcdserverpb and mvccpb, v3) that a store of Kubernetes objects needs.
// Keys are declared as strings: their bytes are UTF-8.

const header = message({ revision: int64(3) })

/** One version of one key; a deletion has only its key and mod_revision. */
export const keyValue = message({
  key: string(1),
  createRevision: int64(2),
  modRevision: int64(3),
  version: int64(4),
  value: bytes(5),
  lease: id(6),
})
export type EtcdKeyValue = Message<typeof keyValue>

export const rangeRequest = message({
  key: string(1),
  rangeEnd: string(2),
  limit: int64(3),
  revision: int64(4),
  serializable: bool(7),
  keysOnly: bool(8),
  countOnly: bool(9),
})
export const rangeResponse = message({
  header: answer(1, header),
  items: answers(2, keyValue),
  more: bool(3),
  count: int64(4),
})

export const putRequest = message({ key: string(1), value: bytes(2), lease: id(3) })
export const putResponse = message({ header: answer(1, header) })

export const deleteRequest = message({ key: string(1), rangeEnd: string(2) })
export const deleteResponse = message({ header: answer(1, header), deleted: int64(2) })

/** What a compare looks at, by its number. */
export const COMPARE_VERSION = 0
export const COMPARE_MOD_REVISION = 2

/** Its `result`, 0, asks for equality. */
const compare = message({
  target: int64(2),
  key: string(3),
  version: chosenInt64(4),
  modRevision: chosenInt64(6),
})
const requestOperation = message({
  range: one(1, rangeRequest),
  put: one(2, putRequest),
  delete: one(3, deleteRequest),
})
const responseOperation = message({
  range: answer(1, rangeResponse),
  put: answer(2, putResponse),
  delete: answer(3, deleteResponse),
})
export const transactionRequest = message({
  compare: many(1, compare),
  success: many(2, requestOperation),
  failure: many(3, requestOperation),
})
export const transactionResponse = message({
  header: answer(1, header),
  succeeded: bool(2),
  responses: answers(3, responseOperation),
})

export const compactionRequest = message({ revision: int64(1) })
export const compactionResponse = message({ header: answer(1, header) })

const watchCreateRequest = message({
  key: string(1),
  rangeEnd: string(2),
  startRevision: int64(3),
  previous: bool(6),
  fragment: bool(8),
})
export const watchRequest = message({
  create: one(1, watchCreateRequest),
  progress: one(3, message({})),
})
/** `type` is 0 for a put and 1 for a deletion. */
export const watchEvent = message({
  type: int64(1),
  current: answer(2, keyValue),
  previous: answer(3, keyValue),
})
export const watchResponse = message({
  header: answer(1, header),
  watchId: int64(2),
  created: bool(3),
  canceled: bool(4),
  compactRevision: int64(5),
  cancelReason: string(6),
  fragment: bool(7),
  events: answers(11, watchEvent),
})
export type EtcdEvent = Message<typeof watchEvent>
export type EtcdWatchResponse = Message<typeof watchResponse>

export const leaseGrantRequest = message({ ttl: int64(1), id: id(2) })
export const leaseGrantResponse = message({
  header: answer(1, header),
  id: id(2),
  ttl: int64(3),
  error: string(4),
})
export const leaseTimeToLiveRequest = message({ id: id(1) })
/** A `ttl` of -1: there is no such lease any more. */
export const leaseTimeToLiveResponse = message({ header: answer(1, header), ttl: int64(3) })

export const statusRequest = message({})
export const statusResponse = message({ header: answer(1, header), version: string(2) })
