import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import type { FileSystem } from '../../base/file-system.ts'
import type { SendRequest } from '../../base/http-backend.ts'
import { silentLogger } from '../../base/logger.ts'
import { seededRandom } from '../../base/random.ts'
import { type AccessContext, readAccess } from './read-access.ts'

test('an issuer is reached by the network that it names, and that must be configured', async () => {
  const asked: string[] = []
  const sendAs =
    (way: string): SendRequest =>
    async ({ host }) => {
      asked.push(`${host} ${way}`)
      return { type: 'response', code: 503, headers: {}, body: Readable.from([]) }
    }
  const issuer = (name: string, egressSelectorType: string) => ({
    issuer: { url: `https://${name}.example`, audiences: ['one'], egressSelectorType },
    claimMappings: { username: { claim: 'sub', prefix: '' } },
  })
  const jwt = [issuer('direct', ''), issuer('inside', 'cluster')]
  const text = JSON.stringify({
    ...{ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration', jwt },
  })
  const files = {
    readFile: async () => Buffer.from(text),
    stat: async () => ({}),
  } as unknown as FileSystem
  const clock = new VirtualClock()
  const read = (sendTo: AccessContext['sendTo']) =>
    readAccess(
      { authenticationConfig: '/f' },
      {
        ...{ files, clock, logger: silentLogger, random: seededRandom(1), serverId: 'a' },
        send: sendAs('directly'),
        ...(sendTo && { sendTo }),
      },
    )
  const { tokens, reload } = await read((network) => sendAs(`by ${network}`))
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  for (const name of ['direct', 'inside']) {
    const claims = { iss: `https://${name}.example`, aud: 'one', sub: 'jane', exp: 4e9 }
    const token = `${part({ alg: 'RS256' })}.${part(claims)}.AAAA`
    await tokens?.last?.[0]?.authenticateToken(token, []).catch(() => undefined)
  }
  assert.deepEqual(asked, ['direct.example directly', 'inside.example by cluster'])
  asked.length = 0
  await clock.advance(10_000)
  const stop = new AbortController()
  const running = reload?.run(() => {}, stop.signal)
  await clock.advance(9000)
  assert.deepEqual(asked, ['direct.example directly', 'inside.example by cluster'], 'no token came')
  await clock.advance(2000)
  assert.equal(asked.length, 4, 'those that are away are asked again')
  stop.abort()
  await running
  await assert.rejects(read(undefined), /oidc: egress lookup for "cluster" is not configured/)
})
