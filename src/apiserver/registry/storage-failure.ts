import { formatError } from '../../base/logger.ts'
import { StatusError } from '../../machinery/status-error.ts'
import {
  StorageRefusedError,
  StorageUnavailableError,
  StorageWriteError,
  UnknownOutcomeError,
} from '../../storage/storage.ts'

/**
 * What clients are told of a store that does not answer, or whose disk is full: to come back where
 * nothing was done, that the outcome is open where a write may have been made, and why it said no.
 * Undefined for all else.
 */
export function storageFailure(error: unknown): StatusError | undefined {
  if (error instanceof StorageUnavailableError) {
    const details = { retryAfterSeconds: 1 }
    return new StatusError('ServiceUnavailable', formatError(error), { details, cause: error })
  }
  // As of an etcd without space: a 500 without a reason, in the words of the system.
  if (error instanceof StorageWriteError) {
    const details = { retryAfterSeconds: 1 }
    return new StatusError('', formatError(error), { details, cause: error })
  }
  if (error instanceof UnknownOutcomeError) {
    return new StatusError('Timeout', `Timeout: ${formatError(error)}`, {
      details: {},
      cause: error,
    })
  }
  // As upstream: the store's own words, and a 500 without a reason.
  if (error instanceof StorageRefusedError) {
    return new StatusError('', error.message, { details: {}, cause: error })
  }
  return undefined
}

/** The store would take less: upstream's writers do without managed fields then. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof StorageRefusedError && error.isTooLarge
}

/** 504: the store has acknowledged writes whose events have not come; clients retry. */
export function storeIsBehind(asked: number, current: number): StatusError {
  const message = `Timeout: the store has revision ${asked}, its events have come up to ${current}`
  return new StatusError('Timeout', message, { details: { retryAfterSeconds: 1 } })
}
