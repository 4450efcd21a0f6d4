import type { Given } from '../../base/protobuf/message.ts'
import { prefixRange } from '../mvcc/key-order.ts'
import type { ReadOptions } from '../storage.ts'
import { COMPARE_MOD_REVISION, type rangeRequest, type transactionRequest } from './messages.ts'

export type RangeRequest = Given<typeof rangeRequest>
export type TransactionRequest = Given<typeof transactionRequest>

/** After the last key: etcd's way to say that a range has no end. */
const NO_END = '\0'

/** Throws where a key is not well-formed: its bytes would be those of another. */
export function assertKey(key: string): void {
  if (key === '' || Buffer.from(key).toString() !== key) {
    throw new Error(`not a well-formed key: ${JSON.stringify(key)}`)
  }
}

/** One key, now or at a revision. */
export function getRequest(key: string, { revision = 0 }: ReadOptions): RangeRequest {
  return { key, revision }
}

/** The keys of a prefix from `startKey` on. */
export function listRequest(prefix: string, startKey?: string): RangeRequest {
  prefixRange(prefix) // Throws where this is no prefix.
  const isBefore = startKey === undefined || isLess(startKey, prefix)
  const key = isBefore ? prefix : startKey
  const rangeEnd = prefix === '' ? NO_END : `${prefix.slice(0, -1)}0` // '0' comes next after '/'.
  return { key: key === '' ? '\0' : key, rangeEnd }
}

/** The first key after this one. */
export function keyAfter(key: string): string {
  return `${key}\0`
}

/** Nothing but the revision of the store, as a majority has it. */
export const REVISION_REQUEST: RangeRequest = { key: '\0', countOnly: true }

/**
 * A write that is made if the key's modRevision is the expected one, or in any case. Its answer
 * names the new version without its value; where the compare fails, it holds what is there.
 */
export function putTransaction(
  key: string,
  value: Uint8Array,
  lease: bigint,
  expectedModRevision: number | undefined,
): TransactionRequest {
  return {
    compare: compareOf(key, expectedModRevision),
    success: [{ put: { key, value, lease } }, { range: { key, keysOnly: true } }],
    failure: [{ range: { key } }],
  }
}

/** A deletion in the same way. */
export function deleteTransaction(
  key: string,
  expectedModRevision: number | undefined,
): TransactionRequest {
  return {
    compare: compareOf(key, expectedModRevision),
    success: [{ delete: { key } }],
    failure: [{ range: { key } }],
  }
}

function compareOf(key: string, modRevision: number | undefined): TransactionRequest['compare'] {
  return modRevision === undefined ? [] : [{ target: COMPARE_MOD_REVISION, key, modRevision }]
}

function isLess(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0
}
