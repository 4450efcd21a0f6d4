import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { Registry } from 'prom-client'
import { settle, VirtualClock } from '../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../base/logger.ts'
import {
  type JwtSettings,
  parseAuthenticationConfiguration,
} from './authentication-configuration.ts'
import { JwtAuthenticator } from './jwt-authenticator.ts'
import { JwtMetrics } from './jwt-metrics.ts'
import { TokenWebhookAuthenticator } from './token-webhook.ts'

const ISSUER = 'https://id.example'
const OWN = ['https://kubernetes.default.svc']

const CONFIGURATION = {
  apiVersion: 'apiserver.config.k8s.io/v1',
  kind: 'AuthenticationConfiguration',
  jwt: [
    {
      issuer: { url: ISSUER, audiences: ['one', 'two'], audienceMatchPolicy: 'MatchAny' },
      claimValidationRules: [{ claim: 'hd', requiredValue: 'example.com' }],
      claimMappings: {
        username: { claim: 'email', prefix: 'oidc:' },
        groups: { claim: 'roles', prefix: 'oidc:' },
        uid: { claim: 'sub' },
      },
    },
  ],
}
const CLAIMS = {
  iss: ISSUER,
  aud: ['two', 'three'],
  sub: '7',
  email: 'jane@example.com',
  email_verified: true,
  roles: ['dev', 'ops'],
  hd: 'example.com',
  jti: 'abc',
}

describe('OpenID Connect', () => {
  const clock = new VirtualClock()

  async function settings(): Promise<JwtSettings> {
    const { jwt } = await parseAuthenticationConfiguration(JSON.stringify(CONFIGURATION), OWN)
    return jwt[0] as JwtSettings
  }

  /** A provider with one key at a time. */
  async function provider(algorithm = 'ES256') {
    let pair = await generateKeyPair(algorithm)
    let kid = 1
    const asked: string[] = []
    let issuer = ISSUER
    let answering: Promise<void> | undefined
    const fetch = async (url: string) => {
      asked.push(url)
      await answering
      if (url.endsWith('openid-configuration')) {
        return JSON.stringify({ issuer, jwks_uri: `${ISSUER}/keys` })
      }
      const key = { ...(await exportJWK(pair.publicKey)), kid: `k${kid}`, use: 'sig' }
      return JSON.stringify({ keys: [key] })
    }
    return {
      asked,
      authenticator: new JwtAuthenticator(await settings(), fetch, clock),
      async rotate() {
        pair = await generateKeyPair(algorithm)
        kid++
      },
      /** Answers nothing from now on; gives what lets its answers fail. */
      hang(): () => void {
        let fail = () => {}
        answering = new Promise((_, reject) => {
          fail = () => reject(new Error('away'))
        })
        return fail
      },
      pretend(other: string) {
        issuer = other
      },
      sign(claims: object = {}, lifetimeMs = 60_000): Promise<string> {
        const exp = Math.floor((clock.now() + lifetimeMs) / 1000)
        return new SignJWT({ ...CLAIMS, exp, ...claims })
          .setProtectedHeader({ alg: algorithm, kid: `k${kid}` })
          .sign(pair.privateKey)
      },
    }
  }

  for (const algorithm of ['ES256', 'RS256', 'PS384']) {
    test(`a token signed by ${algorithm} names user, groups and uid`, async () => {
      const { authenticator, sign } = await provider(algorithm)
      const found = await authenticator.authenticateToken(await sign())
      assert.deepEqual(found?.user, {
        name: 'oidc:jane@example.com',
        groups: ['oidc:dev', 'oidc:ops'],
        uid: '7',
        extra: { 'authentication.kubernetes.io/credential-id': ['JTI=abc'] },
      })
    })
  }

  test('tokens of other issuers, and what is no token, are not ours', async () => {
    const { authenticator, sign, asked } = await provider()
    assert.equal(await authenticator.authenticateToken('x'), undefined)
    assert.equal(await authenticator.authenticateToken('a.b.c'), undefined)
    assert.equal(await authenticator.authenticateToken(await sign({ iss: 'https://o' })), undefined)
    assert.deepEqual(asked, [])
  })

  for (const [what, claims, message] of [
    [
      'no wanted audience',
      { aud: 'three' },
      /expected audience in \["one","two"\] got \["three"\]/,
    ],
    ['an end in the past', { exp: 1 }, /token is expired/],
    ['no end', { exp: undefined }, /token is expired/],
    ['a beginning that is far', { nbf: 9_999_999_999 }, /before the nbf time/],
    ['another required claim', { hd: 'x' }, /value does not match. Got = x, want = example.com/],
    ['no required claim', { hd: undefined }, /required claim hd not present/],
    ['an unverified address', { email_verified: false }, /email not verified/],
    ['an address that may be verified', { email_verified: 'true' }, /email not verified/],
    ['no user', { email: undefined }, /parse username claims "email": claim not present/],
    ['odd groups', { roles: [1] }, /parse groups claim "roles"/],
  ] as const) {
    test(`one with ${what} is refused`, async () => {
      const { authenticator, sign } = await provider()
      const token = await sign(claims)
      await assert.rejects(authenticator.authenticateToken(token), {
        name: 'InvalidCredentials',
        message,
      })
    })
  }

  test('what it takes to judge a token is measured, by a hash of the issuer', async () => {
    const { authenticator, sign } = await provider()
    const registry = new Registry()
    const observed = new JwtMetrics(registry, clock, 'server').observed(authenticator)
    await observed.authenticateToken(await sign(), [])
    await assert.rejects(observed.authenticateToken(await sign({ exp: 1 }), []))
    assert.equal(await observed.authenticateToken(await sign({ iss: 'https://o' }), []), undefined)
    const lines = (await registry.metrics()).match(/^apiserver\S+_count.*$/gm)
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
    const hash = sha256(ISSUER)
    const of = `jwt_issuer_hash="sha256:${hash}",apiserver_id_hash="sha256:${sha256('server')}"`
    const fetched = (await registry.metrics()).match(/^apiserver\S+_jwks_\S+ \d+/gm) ?? []
    const prefix = 'apiserver_authentication_jwt_authenticator_jwks_fetch_last'
    const at = Math.floor(clock.now() / 1000)
    assert.equal(fetched[0], `${prefix}_timestamp_seconds{result="success",${of}} ${at}`)
    assert.match(fetched[1] ?? '', new RegExp(`^${prefix}_key_set_info{${of},hash="sha256:.*} 1$`))
    assert.equal(fetched.length, 2)
    assert.deepEqual(
      lines,
      ['success', 'failure'].map(
        (result) =>
          'apiserver_authentication_jwt_authenticator_latency_seconds_count' +
          `{result="${result}",jwt_issuer_hash="sha256:${hash}"} 1`,
      ),
    )
  })

  test('another key, or none, signs nothing', async () => {
    const one = await provider()
    const other = await provider()
    await assert.rejects(one.authenticator.authenticateToken(await other.sign()), /verify token/)
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    for (const alg of ['none', 'HS256']) {
      const token = `${encode({ alg })}.${encode(CLAIMS)}.${encode({ x: 1 })}`
      await assert.rejects(one.authenticator.authenticateToken(token), /oidc: verify token/)
    }
  })

  test('new keys are found, but the issuer is not asked all the time', async () => {
    const { authenticator, sign, rotate, asked } = await provider()
    await authenticator.authenticateToken(await sign())
    await rotate()
    const token = await sign({}, 600_000)
    await assert.rejects(authenticator.authenticateToken(token), /verify token/)
    assert.equal(asked.length, 2)
    await clock.advance(10_000)
    assert.ok(await authenticator.authenticateToken(token))
    assert.equal(asked.length, 3, 'where they are is known')
    assert.ok(await authenticator.authenticateToken(token))
    assert.equal(asked.length, 3)
  })

  test('a token by an unknown key keeps nobody out while the issuer is asked', async () => {
    const { authenticator, sign, hang } = await provider()
    const other = await provider()
    const [good, bad] = [await sign({}, 600_000), await other.sign({}, 600_000)]
    assert.ok(await authenticator.authenticateToken(good))
    await clock.advance(10_000)
    const fail = hang()
    const refused = assert.rejects(authenticator.authenticateToken(bad), /verify token/)
    await settle()
    assert.ok(await authenticator.authenticateToken(good), 'while it does not answer')
    fail()
    await refused
    assert.ok(await authenticator.authenticateToken(good), 'when it has failed')
  })

  test('a provider that calls itself otherwise is not believed', async () => {
    const { authenticator, sign, pretend } = await provider()
    pretend('https://evil.example')
    const token = await sign({}, 600_000)
    await assert.rejects(authenticator.authenticateToken(token), /issuer did not match/)
    pretend(ISSUER)
    await assert.rejects(authenticator.authenticateToken(token), /not read yet/)
    await clock.advance(10_000)
    assert.ok(await authenticator.authenticateToken(token))
  })

  test('what is wrong with a configuration is said, all of it', async () => {
    const expression = { expression: 'claims.x' }
    const text = JSON.stringify({
      ...CONFIGURATION,
      jwt: [
        {
          issuer: { url: 'http://u:p@x?y#z', audiences: ['a', 'a'], certificateAuthority: 'x' },
          claimMappings: { username: expression, groups: { claim: 'g' } },
          userValidationRules: [expression],
        },
        { issuer: { url: OWN[0], audiences: [], egressSelectorType: 'etcd' } },
      ],
      anonymous: { enabled: false, conditions: [{ path: '/x' }] },
    })
    await assert.rejects(parseAuthenticationConfiguration(text, OWN), (error: Error) => {
      for (const part of [
        'URL scheme must be https',
        'URL must not contain a username or password',
        'URL must not contain a query',
        'URL must not contain a fragment',
        'jwt[0].issuer.audiences[1]: Duplicate value: "a"',
        'audienceMatchPolicy must be MatchAny for multiple audiences',
        'jwt[0].issuer.certificateAuthority: Invalid value: "<omitted>"',
        'jwt[0].claimMappings.groups.prefix: Required value: prefix is required when claim is set',
        'jwt[0].userValidationRules[0].expression: Invalid value: "claims.x": compilation failed',
        'URL must not overlap with disallowed issuers: [https://kubernetes.default.svc]',
        'jwt[1].issuer.egressSelectorType: Invalid value: "etcd": egress selector must be either',
        'jwt[1].issuer.audiences: Required value: at least one jwt[1].issuer.audiences is required',
        'jwt[1].claimMappings.username: Required value: claim or expression is required',
        'anonymous.conditions: Invalid value',
      ]) {
        assert.ok(error.message.includes(part), `${part} in ${error.message}`)
      }
      return true
    })
    await assert.rejects(
      parseAuthenticationConfiguration(JSON.stringify({ ...CONFIGURATION, jwts: [] }), OWN),
      /unknown field "jwts"/,
    )
  })
})

describe('the authentication webhook', () => {
  function setUp() {
    const clock = new VirtualClock()
    const sent: { spec: unknown }[] = []
    let status: unknown
    const webhook = new TokenWebhookAuthenticator({
      ...{ clock, logger: silentLogger, version: 'v1', ttlMs: 120_000, audiences: ['api'] },
      post: async (review) => {
        sent.push(review as { spec: unknown })
        if (status instanceof Error) throw status
        return { ...review, status }
      },
    })
    const answer = (next: unknown) => {
      status = next
    }
    return { clock, sent, webhook, answer }
  }
  const USER = { username: 'jane', uid: '7', groups: ['dev'], extra: { a: ['b'] } }

  test('says whose a token is, for two minutes', async () => {
    const { webhook, sent, clock, answer } = setUp()
    answer({ authenticated: true, user: USER })
    const ask = () => webhook.authenticateToken('t', ['api', 'other'])
    const [found] = await Promise.all([ask(), ask()])
    const { username: name, ...user } = USER
    assert.deepEqual(found, { user: { name, ...user }, audiences: ['api'] })
    assert.equal(sent.length, 1)
    assert.deepEqual(sent[0]?.spec, { token: 't', audiences: ['api', 'other'] })
    await clock.advance(119_000)
    await ask()
    assert.equal(sent.length, 1)
    await clock.advance(1_001)
    await ask()
    assert.equal(sent.length, 2)
    await webhook.authenticateToken('t', ['api'])
    assert.equal(sent.length, 3, 'other audiences are another question')
  })

  test('a no, a no with a reason, and other audiences', async () => {
    const { webhook, answer } = setUp()
    answer({ authenticated: false })
    assert.equal(await webhook.authenticateToken('a', ['api']), undefined)
    answer({ error: 'expired' })
    await assert.rejects(webhook.authenticateToken('b', ['api']), { message: 'expired' })
    answer({ authenticated: true, user: USER, audiences: ['elsewhere'] })
    assert.equal(await webhook.authenticateToken('c', ['api']), undefined)
  })

  test('no answer refuses, and is asked again', async () => {
    const { webhook, sent, answer } = setUp()
    for (const failure of [new Error('refused'), undefined, 'yes']) {
      answer(failure)
      await assert.rejects(webhook.authenticateToken('a', ['api']), { name: 'InvalidCredentials' })
    }
    assert.equal(sent.length, 3)
  })
})
