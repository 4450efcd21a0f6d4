import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, verify, X509Certificate } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { type SecuredApi, startSecuredApi } from '../../../test/support/secured-api.ts'
import { createTlsIdentities } from '../../../test/support/tls-identities.ts'
import { systemClock } from '../../base/clock.ts'
import { seededRandom } from '../../base/random.ts'
import { Namespace } from '../../kinds/core/v1/namespace.ts'
import { Node } from '../../kinds/core/v1/node.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { Secret } from '../../kinds/core/v1/secret.ts'
import { ServiceAccount } from '../../kinds/core/v1/service-account.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import { BearerTokenAuthenticator } from './bearer-token.ts'
import { ClientCertificateAuthenticator } from './client-certificate.ts'
import { identityReviewHandlers } from './identity-reviews.ts'
import { OpenIdDiscovery } from './openid-discovery.ts'
import {
  ServiceAccountAuthenticator,
  type TokenObjectKind,
} from './service-account-authenticator.ts'
import { SigningKey, VerifyingKey } from './signing-keys.ts'
import { FixedKeys } from './token-keys.ts'
import { serviceAccountToken } from './token-request.ts'
import { TokenUses } from './token-uses.ts'

const ISSUER = 'https://kubernetes.default.svc'
const AUDIENCES = [ISSUER]
const KINDS = { serviceaccount: ServiceAccount, pod: Pod, secret: Secret, node: Node }
const KEY = { namespace: 'default', name: 'robot' }

const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
}) as string

interface Issued extends KubeObject {
  readonly spec: { readonly audiences: readonly string[]; readonly expirationSeconds: number }
  readonly status: { readonly token: string; readonly expirationTimestamp: string }
}

describe('authentication', () => {
  let api: SecuredApi
  const uses = new TokenUses()

  before(async () => {
    api = await startSecuredApi(({ clock, resources }) => {
      const tokens = new ServiceAccountAuthenticator({
        clock,
        issuers: [ISSUER],
        uses,
        keys: new FixedKeys([new VerifyingKey(pem)]),
        find: async (kind: TokenObjectKind, namespace, name) =>
          (await resources.store(KINDS[kind]).get(namespace, name)).object,
      })
      return {
        authenticators: [
          new ClientCertificateAuthenticator(systemClock), // TLS's own time is the real one.
          new BearerTokenAuthenticator(tokens, AUDIENCES),
        ],
        subresources: new Map([
          [
            '/serviceaccounts/token',
            serviceAccountToken({
              clock,
              random: seededRandom(2),
              key: new SigningKey(pem),
              issuer: ISSUER,
              audiences: AUDIENCES,
              maxExpirationSeconds: 7200,
            }),
          ],
        ]),
        virtual: new Map([...identityReviewHandlers(tokens, AUDIENCES, clock)]),
        others: async ({ user }) => ({ type: 'object', code: 200, object: { user } }),
      }
    })
    await api.admin.create(Namespace, { metadata: { name: 'default' } })
    await api.admin.create(ServiceAccount, { metadata: KEY })
  })
  after(() => api[Symbol.dispose]())

  async function issue(spec: object = {}): Promise<Issued> {
    return (await api.admin.createSubresource(ServiceAccount, KEY, 'token', { spec })) as Issued
  }

  async function call(
    path: string,
    headers: Record<string, string> = {},
    peerCertificate?: Uint8Array,
  ): Promise<{ readonly code: number; readonly object: Record<string, unknown> }> {
    const request = new ServerRequest({
      method: 'GET',
      url: path,
      headers,
      connection: { remoteAddress: '127.0.0.1', peerCertificate },
      signal: new AbortController().signal,
    })
    const response = (await api.server.handle(request)) as ServerResponse & { type: 'object' }
    return { code: response.code, object: response.object as Record<string, unknown> }
  }

  const withToken = (token: string, path = '/version') =>
    call(path, { authorization: `Bearer ${token}` })

  async function review(token: string, audiences?: readonly string[]) {
    const path = '/apis/authentication.k8s.io/v1/tokenreviews'
    const answer = await api.admin.raw('POST', path, { spec: { token, audiences } })
    return (answer as { readonly status: Record<string, unknown> }).status
  }

  test('without a proof only health and version are answered', async () => {
    for (const path of ['/healthz', '/livez/ping', '/readyz', '/version']) {
      const { code, object } = await call(path)
      const isCovered = path !== '/livez/ping' // No bootstrap role has the single checks.
      assert.equal(code, isCovered ? 200 : 403, path)
      if (isCovered) assert.equal((object['user'] as { name: string }).name, 'system:anonymous')
    }
    for (const path of ['/api', '/metrics', '/api/v1/pods', '/healthzz']) {
      const { code, object } = await call(path)
      assert.equal(code, 401, path)
      assert.deepEqual(object, {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'Unauthorized',
        reason: 'Unauthorized',
        code: 401,
      })
    }
    assert.equal((await withToken('nonsense', '/healthz')).code, 401)
  })

  test('a client certificate names the user and the groups, until it expires', async () => {
    const identities = await createTlsIdentities()
    const { certificate } = await identities.client('alice', ['dev', 'system:masters'])
    const { raw, validTo } = new X509Certificate(certificate)
    const { object } = await call('/version', {}, raw)
    const user = object['user'] as { name: string; groups: string[]; extra: object }
    assert.equal(user.name, 'alice')
    assert.deepEqual(user.groups, ['dev', 'system:masters', 'system:authenticated'])
    assert.match(JSON.stringify(user.extra), /credential-id":\["X509SHA256=[0-9a-f]{64}"\]/)
    const now = () => Date.parse(validTo) + 1
    const late = new ClientCertificateAuthenticator({ ...systemClock, now })
    const request = new ServerRequest({
      method: 'GET',
      url: '/',
      connection: { remoteAddress: '', peerCertificate: raw },
      signal: new AbortController().signal,
    })
    await assert.rejects(late.authenticate(request), /certificate has expired/)
  })

  test("a token has upstream's claims and stands for its service account", async () => {
    const { spec, status } = await issue()
    const boundObjectRef = null
    assert.deepEqual(spec, { audiences: AUDIENCES, expirationSeconds: 3600, boundObjectRef })
    const [head = '', payload = '', signature = ''] = status.token.split('.')
    const key = { key: createPublicKey(pem), dsaEncoding: 'ieee-p1363' } as const
    const signed = Buffer.from(`${head}.${payload}`)
    assert.ok(verify('sha256', signed, key, Buffer.from(signature, 'base64url')))
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const { metadata } = await api.admin.get(ServiceAccount, KEY)
    const now = Math.floor(api.clock.now() / 1000)
    const { jti, ...rest } = claims
    assert.match(jti, /^[0-9a-f-]{36}$/)
    assert.deepEqual(rest, {
      aud: AUDIENCES,
      exp: now + 3600,
      iat: now,
      iss: ISSUER,
      'kubernetes.io': {
        namespace: 'default',
        serviceaccount: { name: 'robot', uid: metadata.uid },
      },
      nbf: now,
      sub: 'system:serviceaccount:default:robot',
    })
    const { object } = await withToken(status.token)
    assert.deepEqual(object['user'], {
      name: 'system:serviceaccount:default:robot',
      uid: metadata.uid,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${jti}`] },
    })
  })

  test('a token that was tampered with, or that another key signed, is refused', async () => {
    const { token } = (await issue()).status
    const [head, payload = '', signature] = token.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'x' })).toString('base64url')
    assert.equal((await withToken(`${head}.${forged}.${signature}`)).code, 401)
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const stranger = new SigningKey(other.export({ type: 'pkcs8', format: 'pem' }) as string)
    assert.equal((await withToken(stranger.signToken(claims))).code, 401)
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    assert.equal((await withToken(`${none}.${payload}.`)).code, 401)
    assert.equal((await withToken(`${none}.${payload}.AAAA`)).code, 401)
  })

  test('a token ends with its time, a minute of leeway included', async () => {
    const { token } = (await issue({ expirationSeconds: 600 })).status
    await api.clock.advance(659_000)
    assert.equal((await withToken(token)).code, 200)
    await api.clock.advance(3000)
    assert.equal((await withToken(token)).code, 401)
    const { error, authenticated } = await review(token)
    assert.equal(error, '[invalid bearer token, service account token has expired]')
    assert.equal(authenticated, undefined)
  })

  test('a token ends with the pod that it is bound to, and tells its pod and node', async () => {
    await api.admin.create(Node, { metadata: { name: 'n1' } })
    const pod = await api.admin.create(Pod, {
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        serviceAccountName: 'robot',
        nodeName: 'n1',
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'a', image: 'b' }],
      },
    })
    const node = await api.admin.get(Node, { name: 'n1' })
    const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'web', uid: pod.metadata.uid }
    const { status } = await issue({ boundObjectRef, expirationSeconds: 3607 })
    const claims = JSON.parse(Buffer.from(status.token.split('.')[1] ?? '', 'base64url').toString())
    assert.equal(claims.exp - claims.iat, 365 * 24 * 3600)
    assert.equal(claims['kubernetes.io'].warnafter - claims.iat, 3607)
    const { user } = (await review(status.token)) as { user: { extra: Record<string, string[]> } }
    const { extra } = user
    assert.deepEqual(extra['authentication.kubernetes.io/pod-name'], ['web'])
    assert.deepEqual(extra['authentication.kubernetes.io/node-uid'], [node.metadata.uid])
    await api.admin.delete(Pod, pod.metadata, { gracePeriodSeconds: 0 })
    assert.equal(
      (await review(status.token))['error'],
      '[invalid bearer token, service account token has been invalidated]',
    )
  })

  test('an extended token that was not read anew is told to the audit log', async () => {
    const key = new SigningKey(pem)
    const { metadata } = await api.admin.get(ServiceAccount, KEY)
    const now = Math.floor(api.clock.now() / 1000)
    const extended = (warnafter: number) =>
      key.signToken({
        ...{ aud: AUDIENCES, iss: ISSUER, jti: 'a', sub: 'system:serviceaccount:default:robot' },
        ...{ exp: now + 9000, iat: now - 5000, nbf: now - 5000 },
        'kubernetes.io': {
          ...{ namespace: KEY.namespace, warnafter },
          serviceaccount: { name: KEY.name, uid: metadata.uid },
        },
      })
    const annotationsOf = async (token: string) => {
      const request = new ServerRequest({
        ...{ method: 'GET', url: '/version', headers: { authorization: `Bearer ${token}` } },
        connection: { remoteAddress: '127.0.0.1', peerCertificate: undefined },
        signal: new AbortController().signal,
      })
      await api.server.handle(request)
      return Object.fromEntries(request.auditAnnotations)
    }
    const before = { ...uses }
    const stale = await annotationsOf(extended(now - 100))
    const text =
      'subject: system:serviceaccount:default:robot, seconds after warning threshold: 100'
    assert.equal(stale['authentication.k8s.io/stale-token'], text)
    const fresh = await annotationsOf(extended(now + 100))
    assert.equal(fresh['authentication.k8s.io/stale-token'], undefined)
    assert.deepEqual({ ...uses }, { ...before, stale: before.stale + 1, valid: before.valid + 1 })
  })

  test('a token ends when its service account is made anew', async () => {
    const key = { namespace: 'default', name: 'short-lived' }
    const account = await api.admin.create(ServiceAccount, { metadata: key })
    const issued = await api.admin.createSubresource(ServiceAccount, key, 'token', {})
    const { token } = (issued as Issued).status
    assert.equal((await withToken(token)).code, 200)
    await api.admin.delete(ServiceAccount, key)
    assert.equal(
      (await review(token))['error'],
      '[invalid bearer token, serviceaccounts "short-lived" not found]',
    )
    const again = await api.admin.create(ServiceAccount, { metadata: key })
    const uids = [again.metadata.uid, account.metadata.uid]
    assert.equal(
      (await review(token))['error'],
      `[invalid bearer token, service account UID (${uids[0]}) does not match claim (${uids[1]})]`,
    )
  })

  test('a token is good only for its audiences', async () => {
    const { token } = (await issue({ audiences: ['vault', 'db'] })).status
    assert.equal((await withToken(token)).code, 401)
    const status = await review(token, ['db', 'other'])
    assert.equal(status['authenticated'], true)
    assert.deepEqual(status['audiences'], ['db'])
    assert.match(
      String((await review(token))['error']),
      /token audiences \["vault" "db"\] is invalid for the target audiences/,
    )
  })

  test('what is answered without being stored is its author’s', async () => {
    const path = '/apis/authentication.k8s.io/v1/tokenreviews'
    const given = { metadata: { namespace: 'x' }, spec: { token: 'x' } }
    const reviewed = (await api.admin.raw('POST', `${path}?fieldManager=me`, given)) as KubeObject
    assert.equal(reviewed.metadata.namespace, undefined)
    const [entry] = reviewed.metadata.managedFields ?? []
    assert.deepEqual([entry?.manager, entry?.fieldsV1], ['me', { 'f:spec': { 'f:token': {} } }])
    const [issued] = (await issue({})).metadata.managedFields ?? []
    assert.deepEqual([issued?.operation, issued?.subresource], ['Update', 'token'])
  })

  test('what cannot be issued is refused in the words that clients know', async () => {
    const path = 'spec.expirationSeconds: Invalid value:'
    const invalid = `TokenRequest.authentication.k8s.io "" is invalid: ${path}`
    const refusals: [object, string][] = [
      [
        { expirationSeconds: 599 },
        `${invalid} 599: may not specify a duration less than 10 minutes`,
      ],
      [
        { expirationSeconds: 2 ** 32 + 1 },
        `${invalid} 4294967297: may not specify a duration larger than 2^32 seconds`,
      ],
      [
        { boundObjectRef: { kind: 'ConfigMap', apiVersion: 'v1', name: 'x' } },
        'cannot bind token to object of type /v1, Kind=ConfigMap',
      ],
      [
        { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'none' } },
        'pods "none" not found',
      ],
    ]
    for (const [spec, message] of refusals) await assert.rejects(issue(spec), { message })
  })

  test('impersonation needs the right to it, for each part', async () => {
    const masters = new X509Certificate(
      (await (await createTlsIdentities()).client('root', ['system:masters'])).certificate,
    ).raw
    const { object } = await call(
      '/version',
      {
        'impersonate-user': 'system:serviceaccount:default:robot',
        'impersonate-extra-scopes%2fx': 'a, b',
      },
      masters,
    )
    assert.deepEqual(object['user'], {
      name: 'system:serviceaccount:default:robot',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
      extra: { 'scopes/x': ['a', 'b'] },
    })
    const { token } = (await issue()).status
    const headers = { authorization: `Bearer ${token}`, 'impersonate-user': 'root' }
    const refused = await call('/version', headers)
    assert.equal(refused.code, 403)
    assert.equal(
      refused.object['message'],
      'forbidden: User "system:serviceaccount:default:robot" cannot ' +
        'impersonate-on:user-info:get path "/version"',
    )
    assert.equal((await call('/version', { 'impersonate-group': 'x' }, masters)).code, 400)
  })

  test('relying parties can fetch the keys', () => {
    const key = new VerifyingKey(pem)
    const keysOf = new FixedKeys([key, new VerifyingKey(pem)])
    const discovery = new OpenIdDiscovery(ISSUER, () => 'https://10.0.0.1/openid/v1/jwks', keysOf)
    assert.deepEqual(discovery.configuration().object(), {
      issuer: ISSUER,
      jwks_uri: 'https://10.0.0.1/openid/v1/jwks',
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    })
    const { keys } = discovery.keys().object() as { keys: Record<string, string>[] }
    assert.equal(keys.length, 1)
    const [jwk = {}] = keys
    assert.deepEqual(Object.keys(jwk).toSorted(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    assert.equal(jwk['kid'], key.id)
  })
})
