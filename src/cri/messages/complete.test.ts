import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode, encode } from '../../base/protobuf/codec.ts'
import { complete } from '../../base/protobuf/complete.ts'
import { containerStatus } from './container.ts'

test('a completed message is what a receiver would have read', () => {
  const given = {
    id: 'c1',
    metadata: { name: 'web' },
    mounts: [{ containerPath: '/data', propagation: 'PROPAGATION_BIDIRECTIONAL' as const }],
    resources: { linux: { cpuShares: 2 } },
    startedAt: 5n,
    labels: { app: 'web' },
  }
  const received = decode(containerStatus, encode(containerStatus, given))
  assert.deepEqual(complete(containerStatus, given), received)
})
