import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { Registry } from 'prom-client'
import { BearerTokenAuthenticator } from '../../src/apiserver/authentication/bearer-token.ts'
import { GrpcExternalSigner } from '../../src/apiserver/authentication/external-signer/external-signer.ts'
import { OpenIdDiscovery } from '../../src/apiserver/authentication/openid-discovery.ts'
import { ServiceAccountAuthenticator } from '../../src/apiserver/authentication/service-account-authenticator.ts'
import type { ServiceAccountClaims } from '../../src/apiserver/authentication/service-account-claims.ts'
import { serviceAccountToken } from '../../src/apiserver/authentication/token-request.ts'
import { TokenUses } from '../../src/apiserver/authentication/token-uses.ts'
import { ServerRequest } from '../../src/apiserver/request.ts'
import type { ServerResponse } from '../../src/apiserver/response.ts'
import { systemClock } from '../../src/base/clock.ts'
import { formatError, silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import {
  DEFAULT_SERVICE_ACCOUNTS,
  type ServiceAccountSettings,
} from '../../src/cluster/access/access-settings.ts'
import {
  type OpenedSigner,
  openExternalSigner,
} from '../../src/cluster/access/open-external-signer.ts'
import { Namespace } from '../../src/kinds/core/v1/namespace.ts'
import { ServiceAccount } from '../../src/kinds/core/v1/service-account.ts'
import { JwtSigner, newSignerKey, type SignerKey } from '../support/jwt-signer.ts'
import { type SecuredApi, startSecuredApi } from '../support/secured-api.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'

const KEY = { namespace: 'default', name: 'robot' }
const [ISSUER] = DEFAULT_SERVICE_ACCOUNTS.issuers

describe('an external signer of tokens', { timeout: 30_000 }, () => {
  let folder: ReturnType<typeof temporaryDirectory>
  let path: string
  let plugin: JwtSigner
  let registry: Registry
  const closing: (() => void)[] = []

  before(() => {
    folder = temporaryDirectory()
  })
  beforeEach(async () => {
    path = join(folder.path, `signer-${closing.length}-${process.hrtime.bigint()}.sock`)
    plugin = await JwtSigner.start(path)
  })
  afterEach(() => {
    for (const close of closing.splice(0)) close()
    plugin.stop()
  })
  after(() => folder[Symbol.dispose]())

  function open(clock = new VirtualClock(), given: Partial<ServiceAccountSettings> = {}) {
    const settings = { ...DEFAULT_SERVICE_ACCOUNTS, ...given }
    registry = new Registry()
    return openExternalSigner(path, settings, {
      ...{ clock, logger: silentLogger, registry },
      openSigner(socket, metrics) {
        // The deadlines of calls are of the network, which knows no virtual time.
        const signer = new GrpcExternalSigner(socket, systemClock, metrics)
        closing.push(() => signer.close())
        return signer
      },
    })
  }

  function externalOf({ settings }: OpenedSigner) {
    assert.ok(settings.external !== undefined)
    return settings.external
  }

  async function startApi(opened: OpenedSigner): Promise<SecuredApi> {
    const { keys, signer } = externalOf(opened)
    const { audiences, issuers } = opened.settings
    const api = await startSecuredApi(({ clock, resources }) => {
      const tokens = new ServiceAccountAuthenticator({
        ...{ clock, issuers, keys, uses: new TokenUses() },
        find: async (_kind, namespace, name) =>
          (await resources.store(ServiceAccount).get(namespace, name)).object,
      })
      const issuer = { ...opened.settings, clock, random: seededRandom(2), key: signer }
      const handler = serviceAccountToken({ ...issuer, issuer: ISSUER })
      return {
        authenticators: [new BearerTokenAuthenticator(tokens, audiences)],
        subresources: new Map([['/serviceaccounts/token', handler]]),
        others: async ({ user }) => ({ type: 'object', code: 200, object: { user } }),
      }
    })
    closing.push(() => api[Symbol.dispose]())
    await api.admin.create(Namespace, { metadata: { name: 'default' } })
    await api.admin.create(ServiceAccount, { metadata: KEY })
    return api
  }

  async function issue(api: SecuredApi, spec: object = {}): Promise<string> {
    const issued = await api.admin.createSubresource(ServiceAccount, KEY, 'token', { spec })
    return (issued as unknown as { readonly status: { readonly token: string } }).status.token
  }

  async function codeFor(api: SecuredApi, token: string): Promise<number> {
    const request = new ServerRequest({
      ...{ method: 'GET', url: '/version', headers: { authorization: `Bearer ${token}` } },
      connection: { remoteAddress: '127.0.0.1', peerCertificate: undefined },
      signal: new AbortController().signal,
    })
    const response = (await api.server.handle(request)) as ServerResponse & { type: 'object' }
    return response.code
  }

  const claimsIn = (token: string) =>
    JSON.parse(
      Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
    ) as ServiceAccountClaims

  test('it signs tokens, which are believed by its keys and live as long as it says', async () => {
    const opened = await open()
    assert.equal(opened.settings.maxExpirationSeconds, 7200)
    assert.equal(opened.settings.maxExtendedExpirationSeconds, 7200)
    const api = await startApi(opened)
    const token = await issue(api, { expirationSeconds: 100_000 })
    assert.equal(await codeFor(api, token), 200)
    const head = Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()
    assert.equal(head, '{"alg":"ES256","kid":"one","typ":"JWT"}')
    const { exp, iat, sub } = claimsIn(token)
    assert.equal(exp - iat, 7200)
    assert.equal(sub, 'system:serviceaccount:default:robot')
    assert.deepEqual(plugin.calls, { sign: 1, fetchKeys: 1, metadata: 1 })
    const forged = `${token.slice(0, token.lastIndexOf('.'))}.${'A'.repeat(86)}`
    assert.equal(await codeFor(api, forged), 401)
  })

  test('keys are fetched when it says, and at once for a token that names another', async () => {
    const clock = new VirtualClock()
    const opened = await open(clock)
    const api = await startApi(opened)
    const { keys } = externalOf(opened)
    const stop = new AbortController()
    const running = opened.background.run(api.admin, stop.signal)
    assert.equal(keys.maxAgeSeconds, 30)
    const first = await issue(api)
    const [old] = plugin.keys
    const next = newSignerKey('two')
    plugin.keys = [next, ...plugin.keys]
    const second = await issue(api)
    assert.equal(await codeFor(api, second), 200)
    assert.equal(plugin.calls.fetchKeys, 2)
    assert.equal(await codeFor(api, first), 200)
    plugin.keys = [next]
    await clock.advance(29_000)
    assert.equal(keys.maxAgeSeconds, 1)
    assert.equal(await codeFor(api, first), 200)
    await clock.advance(1000)
    while (keys.maxAgeSeconds === 0) await settle()
    assert.equal(await codeFor(api, first), 401, 'what was believed by a key that is gone')
    assert.equal(await codeFor(api, second), 200)

    plugin.isIll = true
    await clock.advance(30_000)
    while (plugin.calls.fetchKeys < 5) await settle()
    assert.equal(await codeFor(api, second), 200, 'the last keys stay in force')
    plugin.isIll = false
    plugin.keys = [next, old as SignerKey]
    await clock.advance(10_000)
    while (keys.maxAgeSeconds === 0) await settle()
    assert.equal(await codeFor(api, first), 200)
    stop.abort()
    await running
  })

  test('relying parties are told of its keys, but for those that are kept from them', async () => {
    plugin.keys = [newSignerKey('one'), newSignerKey('legacy', true)]
    const { keys } = externalOf(await open())
    const discovery = new OpenIdDiscovery(ISSUER, () => 'https://a/keys', keys)
    const answer = discovery.keys()
    const { keys: found } = answer.object() as { readonly keys: readonly { kid: string }[] }
    assert.deepEqual(
      found.map(({ kid }) => kid),
      ['one'],
    )
    assert.equal(answer.headers?.['cache-control'], 'public, max-age=30')
    assert.equal((await keys.find('legacy')).length, 1)
  })

  test('what it must not sign with, and headers that it must not send, are refused', async () => {
    const api = await startApi(await open())
    const refused = async (why: string) => {
      const message = `Internal error occurred: failed to generate token: ${why}`
      await assert.rejects(issue(api), { reason: 'InternalError', message })
    }
    const header = 'while validating header'
    plugin.header = { typ: 'at+jwt' }
    await refused(`${header}: bad type`)
    plugin.header = { kid: '' }
    await refused(`${header}: key id missing`)
    plugin.header = { kid: 'k'.repeat(1025) }
    await refused(`${header}: key id longer than 1 kb`)
    plugin.header = { alg: 'HS256' }
    await refused(`${header}: bad signing algorithm "HS256"`)
    plugin.header = { jku: 'https://evil' }
    await refused(`${header}: while parsing header JSON: json: unknown field "jku"`)
    plugin.header = {}
    plugin.signature = ''
    await refused('empty signature returned')
    plugin.signature = undefined
    plugin.keys = [newSignerKey('legacy', true)]
    const excluded = 'is excluded from OIDC discovery docs'
    await refused(`${header}: key used for signing JWT (kid: legacy) ${excluded}`)
    plugin.isIll = true
    await refused('while signing jwt: rpc error: code = Internal desc = the vault is sealed')
    const text = await registry.metrics()
    assert.match(text, /sign_request_total\{code="unknown-non-grpc"\} 7\n/)
    assert.match(text, /sign_request_total\{code="Internal"\} 1\n/)
    assert.match(text, /request_duration_seconds_count\{method="\/v1.ExternalJWTSigner\/Sign",/)
    assert.match(text, /fetch_keys_data_timestamp 1000000\n/)
  })

  for (const [what, change, message] of [
    ['no keys', { keys: [] }, /initial cache fill: .*: found no keys$/],
    ['no time', { dataSeconds: undefined }, /: invalid data timestamp/],
    ['no hint', { refreshHintSeconds: 0 }, /: found invalid refresh hint \(0s\)$/],
    ['a key without a name', { keys: [newSignerKey('')] }, /: found invalid public key id ""$/],
    [
      'a key that is none',
      { keys: [{ ...newSignerKey('a'), der: Buffer.from('x') }] },
      /: while parsing external public keys: /,
    ],
    ['an illness', { isIll: true }, /: rpc error: code = Internal desc = the vault is sealed$/],
    [
      'too short lives',
      { maxTokenExpirationSeconds: 599 },
      /max token life supported by external-jwt-signer \(599s\) is less than acceptable/,
    ],
  ] as const) {
    test(`a server does not start on a signer with ${what}`, async () => {
      Object.assign(plugin, change)
      await assert.rejects(open(), (error) => {
        assert.match(formatError(error), /^while setting up external-jwt-signer: /)
        assert.match(formatError(error), message)
        return true
      })
    })
  }

  test('tokens may not be asked to live longer than it lets them', async () => {
    const asked = { maxExpirationSeconds: 7201 }
    await assert.rejects(open(new VirtualClock(), asked), (error) => {
      assert.match(formatError(error), /cannot be set longer than .*: 2h0m1s > 2h0m0s$/)
      return true
    })
    const { settings } = await open(new VirtualClock(), { maxExpirationSeconds: 3600 })
    assert.equal(settings.maxExpirationSeconds, 3600)
  })

  test('the name of an abstract socket is checked', async () => {
    path = '@a b'
    await assert.rejects(open(), /must be a valid abstract socket name$/)
  })
})
