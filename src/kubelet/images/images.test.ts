import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import type { Secret } from '../../kinds/core/v1/secret.ts'
import { BackOff } from './back-off.ts'
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
