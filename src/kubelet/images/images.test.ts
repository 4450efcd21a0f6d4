import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import type { Image } from '../../cri/messages/image.ts'
import type { Secret } from '../../kinds/core/v1/secret.ts'
import { BackOff } from './back-off.ts'
import {
  bytesToFree,
  IMAGE_THRESHOLDS,
  type ImageRecord,
  planImageRemoval,
} from './plan-image-removal.ts'
import { registryCredentials } from './registry-credentials.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const secretOf = (auths: object): Secret =>
  ({
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': base64(JSON.stringify({ auths })) },
  }) as unknown as Secret

test('credentials go to the registry they are for, the most specific first', () => {
  const secret = secretOf({
    'registry.example.com': { auth: base64('a:one:two') },
    'https://registry.example.com/team/': { username: 'b', password: 'p' },
    '*.example.org': { username: 'c', password: 'p' },
    'https://index.docker.io/v1/': { username: 'd', password: 'p' },
  })
  const users = (image: string) =>
    registryCredentials(image, [secret]).map(({ username }) => username)
  assert.deepEqual(users('registry.example.com/team/app:1'), ['b', 'a'])
  assert.deepEqual(users('registry.example.com/other@sha256:abc'), ['a'])
  assert.deepEqual(users('eu.example.org/app'), ['c'])
  assert.deepEqual(users('a.eu.example.org/app'), [])
  assert.deepEqual(users('busybox'), ['d'])
  assert.deepEqual(users('docker.io/library/busybox:1'), ['d'])
  assert.deepEqual(users('localhost:5000/app'), [])
  const [first] = registryCredentials('registry.example.com/x', [secret])
  assert.equal(first?.password, 'one:two')
})

test('damaged secrets hold nothing', () => {
  const damaged = { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'e3s=' } }
  assert.deepEqual(registryCredentials('busybox', [damaged as unknown as Secret]), [])
  const opaque = { type: 'Opaque', data: {} } as unknown as Secret
  assert.deepEqual(registryCredentials('busybox', [opaque]), [])
})

test('delays double up to five minutes and are forgotten after ten', async () => {
  const clock = new VirtualClock()
  const backOff = new BackOff(clock)
  const delays: number[] = []
  assert.equal(backOff.remainingMs('x', clock.now()), 0)
  for (let turn = 0; turn < 7; turn++) {
    backOff.next('x', clock.now())
    delays.push(backOff.remainingMs('x', clock.now()))
    await clock.advance(1000)
  }
  assert.deepEqual(delays, [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000])
  assert.equal(backOff.remainingSinceFailureMs('x'), 299_000)
  await clock.advance(601_000)
  assert.equal(backOff.remainingMs('x', clock.now()), 0)
  backOff.next('x', clock.now())
  assert.equal(backOff.delayMs('x'), 10_000)
  backOff.forget('x')
  assert.equal(backOff.delayMs('x'), 0)
})

test('images go when the disk is full, the longest unused first', () => {
  const GB = 1e9
  assert.equal(bytesToFree(20 * GB, 4 * GB, IMAGE_THRESHOLDS), 0)
  assert.equal(bytesToFree(20 * GB, 3 * GB, IMAGE_THRESHOLDS), GB)
  assert.equal(bytesToFree(1000 * GB, 90 * GB, IMAGE_THRESHOLDS), 0, 'much is free')
  assert.equal(bytesToFree(1000 * GB, 2 ** 30, IMAGE_THRESHOLDS), 7 * 2 ** 30)
  const record = (id: string, more: Partial<ImageRecord> & { pinned?: boolean } = {}) =>
    ({
      image: { id, size: 2 * GB, pinned: more.pinned ?? false } as Image,
      ...{ firstSeenMs: 0, lastUsedMs: 0, isUsed: false },
      ...more,
    }) as ImageRecord
  const records = [
    record('used', { isUsed: true }),
    record('pinned', { pinned: true }),
    record('young', { firstSeenMs: 990_000 }),
    record('lately', { lastUsedMs: 900_000 }),
    record('long-ago', { lastUsedMs: 100_000 }),
    record('never'),
  ]
  const plan = (bytes: number) =>
    planImageRemoval(records, bytes, 1_000_000, IMAGE_THRESHOLDS).map(({ id }) => id)
  assert.deepEqual(plan(1), ['never'])
  assert.deepEqual(plan(3 * GB), ['never', 'long-ago'])
  assert.deepEqual(plan(50 * GB), ['never', 'long-ago', 'lately'])
})
