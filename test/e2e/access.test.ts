import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, request, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { decodeJwt, exportJWK, type GenerateKeyPairResult, generateKeyPair, SignJWT } from 'jose'
import { parse } from 'yaml'
import { systemClock } from '../../src/base/clock.ts'
import { collect } from '../support/test-listener.ts'
import { createTlsIdentities, type TlsIdentities } from '../support/tls-identities.ts'
import { WherryProcess } from '../support/wherry-process.ts'

interface Review {
  readonly kind: string
  readonly spec: {
    readonly token?: string
    readonly user?: string
    readonly resourceAttributes?: { readonly resource: string }
  }
}

/** An OpenID provider, and both webhooks, behind one HTTPS server. */
describe('proofs and authorizers that flags name', () => {
  const reviews: Review[] = []
  let identities: TlsIdentities
  let proxies: TlsIdentities
  let keys: GenerateKeyPairResult
  let server: Server
  let issuer: string
  let cluster: WherryProcess
  let target: { readonly host: string; readonly port: number; readonly ca: string }

  before(async () => {
    identities = await createTlsIdentities()
    proxies = await createTlsIdentities()
    keys = await generateKeyPair('ES256')
    const { certificate: cert, key } = identities.server
    server = createServer({ cert, key }, async (asked, response) => {
      const body = Buffer.concat(await asked.toArray()).toString()
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(await answer(asked.url ?? '', body)))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    await startCluster()
    const { clusters } = parse(readFileSync(cluster.kubeconfig, 'utf8')) as {
      clusters: { cluster: { server: string; 'certificate-authority-data': string } }[]
    }
    const entry = clusters[0]?.cluster
    const { hostname: host, port } = new URL(entry?.server ?? '')
    const ca = Buffer.from(entry?.['certificate-authority-data'] ?? '', 'base64').toString()
    target = { host, port: Number(port), ca }
  })

  after(async () => {
    server.close()
    server.closeAllConnections()
    await cluster.remove()
  })

  async function answer(path: string, body: string): Promise<unknown> {
    if (path === '/.well-known/openid-configuration') return { issuer, jwks_uri: `${issuer}/keys` }
    if (path === '/keys') return { keys: [{ ...(await exportJWK(keys.publicKey)), alg: 'ES256' }] }
    const review = JSON.parse(body) as Review
    reviews.push(review)
    if (review.kind === 'TokenReview') {
      const isKnown = review.spec.token === 'from-the-webhook'
      const user = { username: 'wendy', groups: ['hooked'] }
      return { ...review, status: isKnown ? { authenticated: true, user } : {} }
    }
    const { user, resourceAttributes } = review.spec
    const isAllowed = user === 'wendy' && resourceAttributes?.resource === 'configmaps'
    return { ...review, status: { allowed: isAllowed, reason: isAllowed ? '' : 'not by me' } }
  }

  async function startCluster(): Promise<void> {
    const options: string[] = []
    cluster = new WherryProcess(options)
    const write = (name: string, content: string | object): string => {
      const path = join(cluster.directory, name)
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
      return path
    }
    const authorityData = Buffer.from(identities.authority).toString('base64')
    const webhook = write('webhook.kubeconfig', {
      'current-context': 'x',
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
      clusters: [
        { name: 'x', cluster: { server: issuer, 'certificate-authority-data': authorityData } },
      ],
      users: [{ name: 'x', user: {} }],
    })
    const apiVersion = 'apiserver.config.k8s.io/v1'
    const authentication = write('authentication.yaml', {
      ...{ apiVersion, kind: 'AuthenticationConfiguration' },
      jwt: [
        {
          issuer: {
            url: issuer,
            audiences: ['wherry'],
            certificateAuthority: identities.authority,
          },
          claimValidationRules: [{ expression: 'claims.sub.size() < 20', message: 'too long' }],
          claimMappings: { username: { expression: '"oidc:" + claims.sub' } },
          userValidationRules: [{ expression: '!user.username.contains("system:")' }],
        },
      ],
      anonymous: { enabled: true, conditions: [{ path: '/livez' }] },
    })
    const authorization = write('authorization.yaml', {
      ...{ apiVersion, kind: 'AuthorizationConfiguration' },
      authorizers: [
        { type: 'Node', name: 'node' },
        { type: 'RBAC', name: 'rbac' },
        {
          type: 'Webhook',
          name: 'hook',
          webhook: {
            ...{ timeout: '3s', subjectAccessReviewVersion: 'v1', failurePolicy: 'Deny' },
            connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: webhook },
            matchConditionSubjectAccessReviewVersion: 'v1',
            matchConditions: [
              { expression: 'has(request.resourceAttributes) || size(request.user) > 0' },
            ],
          },
        },
      ],
    })
    options.push(
      ...['--port', '0', '--runtime', 'simulated', '--memory'],
      ...['--token-auth-file', write('tokens.csv', 'static,sam,1,"system:masters"\n')],
      ...['--authentication-config', authentication],
      ...['--authentication-token-webhook-config-file', webhook],
      ...['--authentication-token-webhook-version', 'v1'],
      ...['--authorization-config', authorization],
      ...['--requestheader-client-ca-file', write('proxies.crt', proxies.authority)],
      ...['--requestheader-allowed-names', 'front,other'],
      ...['--service-account-issuer', 'https://new.example,https://old.example'],
      ...['--api-audiences', 'api'],
      ...['--service-account-max-token-expiration', '2h'],
    )
    await cluster.up()
  }

  async function get(
    path: string,
    headers: Record<string, string> = {},
    identity: { readonly cert?: string; readonly key?: string } = {},
  ): Promise<{ readonly code: number; readonly body: string }> {
    const outgoing = request({ ...target, ...identity, path, headers, agent: false })
    outgoing.end()
    const [response] = await once(outgoing, 'response')
    return { code: response.statusCode, body: (await collect(response)).toString() }
  }
  const withToken = (token: string, path: string) => get(path, { authorization: `Bearer ${token}` })
  const forbidden = /configmaps is forbidden: User \\"([^\\]*)\\" cannot list/
  const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'

  test('a token of the file', async () => {
    assert.equal((await withToken('static', CONFIG_MAPS)).code, 200)
    assert.equal((await withToken('statix', CONFIG_MAPS)).code, 401)
  })

  test('an ID token of the provider', async () => {
    const sign = (claims: object) =>
      new SignJWT({ iss: issuer, aud: 'wherry', sub: 'olga', ...claims })
        .setProtectedHeader({ alg: 'ES256' })
        .setExpirationTime(new Date(systemClock.now() + 60_000))
        .sign(keys.privateKey)
    const { code, body } = await withToken(await sign({}), CONFIG_MAPS)
    assert.equal(code, 403)
    assert.equal(forbidden.exec(body)?.[1], 'oidc:olga')
    assert.match(body, /not by me/)
    assert.equal((await withToken(await sign({ aud: 'x' }), CONFIG_MAPS)).code, 401)
  })

  test('the webhooks say who it is, and what they may do', async () => {
    assert.equal((await withToken('from-the-webhook', CONFIG_MAPS)).code, 200)
    assert.equal((await withToken('from-the-webhook', CONFIG_MAPS)).code, 200)
    const asked = reviews.filter(({ spec }) => spec.user === 'wendy')
    assert.equal(asked.length, 1, 'the answer was kept')
    const { code, body } = await withToken('from-the-webhook', '/api/v1/secrets')
    assert.equal(code, 403)
    assert.match(body, /not by me/)
  })

  test('a front proxy says who its caller is, and nobody else does', async () => {
    const headers = { 'x-remote-user': 'fred', 'x-remote-group': 'system:masters' }
    const front = await proxies.client('front')
    const identity = { cert: front.certificate, key: front.key }
    assert.equal((await get(CONFIG_MAPS, headers, identity)).code, 200)
    assert.equal((await get(CONFIG_MAPS, {}, identity)).code, 401, 'it is no client itself')
    const mallory = await proxies.client('mallory')
    const other = { cert: mallory.certificate, key: mallory.key }
    assert.equal((await get(CONFIG_MAPS, headers, other)).code, 401)
    assert.equal((await get(CONFIG_MAPS, headers)).code, 401)
  })

  test('service accounts have the issuer, the audience and the time that are configured', async () => {
    const { stdout, stderr } = cluster.kubectl('create', 'token', 'default', '--duration=5h')
    assert.match(stderr, /requested expiration of 18000 seconds shortened to 7200 seconds/)
    const token = stdout.trim()
    const claims = decodeJwt(token)
    assert.equal(claims.iss, 'https://new.example')
    assert.deepEqual(claims.aud, ['api'])
    assert.equal((claims.exp ?? 0) - (claims.iat ?? 0), 7200)
    const { code, body } = await withToken(token, '/.well-known/openid-configuration')
    assert.equal(code, 200)
    assert.equal(JSON.parse(body).issuer, 'https://new.example')
    assert.equal((await withToken(token, CONFIG_MAPS)).code, 403)
    const other = cluster.ok('create', 'token', 'default', '--audience=elsewhere').trim()
    assert.equal((await withToken(other, CONFIG_MAPS)).code, 401)
  })

  test('anonymous callers see the paths that are configured', async () => {
    assert.equal((await get('/livez')).code, 200)
    assert.equal((await get('/readyz')).code, 401)
    assert.equal((await get('/version')).code, 401)
  })
})
