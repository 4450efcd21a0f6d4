import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  StorageRefusedError,
  StorageUnavailableError,
  StorageWriteError,
  UnknownOutcomeError,
} from '../../storage/storage.ts'
import { storageFailure } from './storage-failure.ts'

test('a store that does not answer asks for patience; a lost answer says that it is open', () => {
  const unavailable = storageFailure(new StorageUnavailableError(new Error('no leader')))
  assert.equal(unavailable?.code, 503)
  assert.equal(unavailable?.details?.retryAfterSeconds, 1)
  assert.equal(unavailable?.message, 'the store is not available: no leader')
  const unknown = storageFailure(new UnknownOutcomeError('/registry/a', new Error('dropped')))
  assert.equal(unknown?.code, 504)
  assert.equal(unknown?.details?.retryAfterSeconds, undefined, 'not to be repeated blindly')
  assert.match(unknown?.message ?? '', /whether \/registry\/a was written is unknown: dropped/)
  const refused = storageFailure(new StorageRefusedError('request is too large', new Error('no')))
  assert.deepEqual([refused?.code, refused?.reason], [500, ''])
  assert.equal(refused?.message, 'request is too large')
  assert.equal(storageFailure(new Error('a fault')), undefined)
  const full = storageFailure(new StorageWriteError(new Error('No space left on device')))
  assert.deepEqual([full?.code, full?.reason, full?.details?.retryAfterSeconds], [500, '', 1])
  assert.equal(full?.message, 'writing to the store: No space left on device')
})
