import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { parseAuthenticationConfiguration } from './authentication-configuration.ts'
import { JwtAuthenticator } from './jwt-authenticator.ts'

const FIRST = 'https://id.example' as const
const SECOND = 'https://groups.example' as const
const ENDPOINT = `${SECOND}/of/jane`
const NAMES = { _claim_names: { groups: 'elsewhere' } }
const SOURCES = { _claim_sources: { elsewhere: { endpoint: ENDPOINT, access_token: 'secret' } } }

type Issuer = typeof FIRST | typeof SECOND

/** Two issuers, of which the second one knows who is in which groups. */
async function start(audiences = ['cluster']) {
  const clock = new VirtualClock()
  const pairs = {
    [FIRST]: await generateKeyPair('ES256'),
    [SECOND]: await generateKeyPair('ES256'),
  }
  const sign = (issuer: Issuer, claims: object, by = issuer) => {
    const exp = Math.floor(clock.now() / 1000) + 60
    return new SignJWT({ iss: issuer, aud: audiences, exp, ...claims })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(pairs[by].privateKey)
  }
  const asked: string[] = []
  let answer: Promise<string> | undefined
  const fetch = async (url: string, _authority: string | undefined, token?: string) => {
    const issuer: Issuer = url.startsWith(FIRST) ? FIRST : SECOND
    if (url.endsWith('/openid-configuration')) {
      return JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` })
    }
    if (url.endsWith('/keys')) {
      return JSON.stringify({ keys: [await exportJWK(pairs[issuer].publicKey)] })
    }
    asked.push(`${url} ${token}`)
    if (answer === undefined) throw new Error('it is away')
    return answer
  }
  const issuer = { url: FIRST, audiences }
  const claimMappings = {
    username: { claim: 'sub', prefix: '' },
    groups: { claim: 'groups', prefix: 'id:' },
  }
  const configuration = {
    ...{ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration' },
    jwt: [{ issuer, claimMappings }],
  }
  const { jwt } = await parseAuthenticationConfiguration(JSON.stringify(configuration), [])
  const [settings] = jwt
  assert.ok(settings !== undefined)
  const authenticator = new JwtAuthenticator(settings, fetch, clock)
  return {
    asked,
    sign,
    answerWith(token: Promise<string>) {
      answer = token
    },
    async groups(claims: object): Promise<readonly string[] | string> {
      const token = await sign(FIRST, { sub: 'jane', ...claims })
      return authenticator.authenticateToken(token).then(
        (found) => found?.user.groups ?? 'nobody',
        (error: Error) => error.message,
      )
    },
  }
}

test('groups that a token says are told elsewhere are asked for there', async () => {
  const { asked, sign, answerWith, groups } = await start()
  answerWith(sign(SECOND, { groups: ['dev', 'ops'] }))
  assert.deepEqual(await groups({ ...NAMES, ...SOURCES }), ['id:dev', 'id:ops'])
  assert.deepEqual(asked, [`${ENDPOINT} secret`])
  assert.deepEqual(await groups({ ...NAMES, ...SOURCES, groups: 'own' }), ['id:own'])
  assert.deepEqual(await groups({ _claim_names: { other: 'elsewhere' }, ...SOURCES }), [])
  assert.deepEqual(await groups({ ...NAMES, _claim_sources: { elsewhere: { JWT: 'a.b.c' } } }), [])
  assert.equal(asked.length, 1)
})

test('who cannot be told his groups does not come in', async () => {
  const { sign, answerWith, groups } = await start()
  const could = 'oidc: could not expand distributed claims:'
  const claims = { ...NAMES, ...SOURCES }
  const what = 'while getting distributed claim "groups"'
  assert.equal(await groups(claims), `${could} ${what}: it is away`)
  assert.equal(await groups(NAMES), `${could} no claim sources`)
  assert.equal(
    await groups({ ...NAMES, _claim_sources: {} }),
    `${could} id token _claim_names contained a source elsewhere missing in _claims_sources`,
  )
  answerWith(sign(SECOND, { groups: ['admins'] }, FIRST))
  const forged = `${could} verify distributed claim token: verify token: signature verification failed`
  assert.equal(await groups(claims), forged, 'by the key of another issuer')
  answerWith(sign(SECOND, { groups: ['admins'], aud: 'other' }))
  assert.match(String(await groups(claims)), /expected audience in \["cluster"\] got \["other"\]/)
  answerWith(sign(SECOND, { groups: ['admins'], exp: 1 }))
  assert.match(String(await groups(claims)), /token is expired/)
  answerWith(sign(SECOND, {}))
  assert.match(String(await groups(claims)), /did not contain claim: groups/)
})
