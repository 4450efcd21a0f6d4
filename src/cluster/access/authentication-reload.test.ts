import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import type { FileSystem } from '../../base/file-system.ts'
import type { SendRequest } from '../../base/http-backend.ts'
import { silentLogger } from '../../base/logger.ts'
import { seededRandom } from '../../base/random.ts'
import { readAccess } from './read-access.ts'

const configuration = (issuer: string) =>
  JSON.stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    jwt: [
      {
        issuer: { url: `https://${issuer}`, audiences: ['one'] },
        claimMappings: { username: { claim: 'sub', prefix: '' } },
      },
    ],
  })

const hashOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`

test('a changed configuration is used when its issuers answer, and only then', async () => {
  const clock = new VirtualClock()
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const keys = { keys: [await exportJWK(publicKey)] }
  const away = new Set(['second'])
  const send: SendRequest = async ({ host }, { path }) => {
    if (away.has(host)) throw new Error(`${host} is away`)
    const found = { issuer: `https://${host}`, jwks_uri: `https://${host}/keys` }
    const body = Readable.from([Buffer.from(JSON.stringify(path === '/keys' ? keys : found))])
    return { type: 'response', code: 200, headers: {}, body }
  }
  let text = configuration('first')
  const files = {
    readFile: async () => Buffer.from(text),
    stat: async () => ({}),
  } as unknown as FileSystem
  const parts = { clock, files, send, logger: silentLogger, random: seededRandom(1) }
  const access = await readAccess({ authenticationConfig: '/f' }, { ...parts, serverId: 'a' })
  const [jwt] = access.tokens?.last ?? []
  assert.ok(access.reload !== undefined && access.registry !== undefined && jwt !== undefined)
  const stop = new AbortController()
  const running = access.reload.run(() => {}, stop.signal)
  const { registry } = access

  const isKnown = async (issuer: string) => {
    const claims = new SignJWT({ iss: `https://${issuer}`, aud: 'one', sub: 'jane' })
    const dated = claims.setExpirationTime(clock.now() / 1000 + 600)
    const token = await dated.setProtectedHeader({ alg: 'ES256' }).sign(privateKey)
    return (await jwt.authenticateToken(token, []))?.user.name === 'jane'
  }
  const metrics = async () => {
    const value = async (name: string) => (await registry.getSingleMetric(name)?.get())?.values
    const reloads = await value(
      'apiserver_authentication_config_controller_automatic_reloads_total',
    )
    const inForce = await value('apiserver_authentication_config_controller_last_config_info')
    const issuers = await value(
      'apiserver_authentication_jwt_authenticator_jwks_fetch_last_timestamp_seconds',
    )
    return {
      reloads: Object.fromEntries(reloads?.map((one) => [one.labels['status'], one.value]) ?? []),
      inForce: inForce?.map(({ labels }) => labels['hash']),
      issuers: new Set(issuers?.map(({ labels }) => labels['jwt_issuer_hash'])),
    }
  }

  assert.deepEqual((await metrics()).inForce, [hashOf(text)])
  assert.ok(await isKnown('first'))
  const first = text
  text = configuration('second')
  await clock.advance(30_000)
  assert.ok((await isKnown('first')) && !(await isKnown('second')), 'the second does not answer')
  away.delete('second')
  await clock.advance(15_000)
  assert.ok((await isKnown('second')) && !(await isKnown('first')))
  assert.deepEqual(await metrics(), {
    reloads: { success: 1 },
    inForce: [hashOf(text)],
    issuers: new Set([hashOf('https://second')]),
  })

  text = configuration('third')
  away.add('third')
  await clock.advance(80_000)
  assert.ok(await isKnown('second'))
  assert.deepEqual((await metrics()).reloads, { success: 1, failure: 1 })
  text = '{ "kind": "Nonsense" }'
  await clock.advance(120_000)
  assert.ok(await isKnown('second'))
  const { failure = 0 } = (await metrics()).reloads
  await clock.advance(60_000)
  assert.deepEqual((await metrics()).reloads, { success: 1, failure }, 'told once')
  text = first
  await clock.advance(10_000)
  assert.ok(await isKnown('first'))
  stop.abort()
  await clock.advance(10)
  await running
})
