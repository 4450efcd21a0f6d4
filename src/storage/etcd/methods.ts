import type { MessageType } from '../../base/protobuf/message.ts'
import {
  compactionRequest,
  compactionResponse,
  leaseGrantRequest,
  leaseGrantResponse,
  leaseTimeToLiveRequest,
  leaseTimeToLiveResponse,
  putRequest,
  putResponse,
  rangeRequest,
  rangeResponse,
  statusRequest,
  statusResponse,
  transactionRequest,
  transactionResponse,
} from './messages.ts'

/** A call of etcd's with one answer. */
export interface Method<Q extends MessageType, A extends MessageType> {
  /** `/package.Service/Method`. */
  readonly path: string
  readonly request: Q
  readonly response: A
  /**
   * Whether a second try is harmless although the first may have been carried out. A lease that is
   * granted twice expires unused.
   */
  readonly isRepeatable: boolean
}

export const range = {
  path: '/etcdserverpb.KV/Range',
  request: rangeRequest,
  response: rangeResponse,
  isRepeatable: true,
}
export const put = {
  path: '/etcdserverpb.KV/Put',
  request: putRequest,
  response: putResponse,
  isRepeatable: false,
}
export const transaction = {
  path: '/etcdserverpb.KV/Txn',
  request: transactionRequest,
  response: transactionResponse,
  isRepeatable: false,
}
export const compact = {
  path: '/etcdserverpb.KV/Compact',
  request: compactionRequest,
  response: compactionResponse,
  isRepeatable: false,
}
export const leaseGrant = {
  path: '/etcdserverpb.Lease/LeaseGrant',
  request: leaseGrantRequest,
  response: leaseGrantResponse,
  isRepeatable: true,
}
export const leaseTimeToLive = {
  path: '/etcdserverpb.Lease/LeaseTimeToLive',
  request: leaseTimeToLiveRequest,
  response: leaseTimeToLiveResponse,
  isRepeatable: true,
}
export const status = {
  path: '/etcdserverpb.Maintenance/Status',
  request: statusRequest,
  response: statusResponse,
  isRepeatable: true,
}
export const WATCH_PATH = '/etcdserverpb.Watch/Watch'
