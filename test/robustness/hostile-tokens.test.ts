import assert from 'node:assert/strict'
import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { BearerTokenAuthenticator } from '../../src/apiserver/authentication/bearer-token.ts'
import { ServiceAccountAuthenticator } from '../../src/apiserver/authentication/service-account-authenticator.ts'
import { SigningKey, VerifyingKey } from '../../src/apiserver/authentication/signing-keys.ts'
import { FixedKeys } from '../../src/apiserver/authentication/token-keys.ts'
import { TokenUses } from '../../src/apiserver/authentication/token-uses.ts'
import { ServerRequest } from '../../src/apiserver/request.ts'
import type { KubeObject } from '../../src/machinery/kind.ts'
import { notFound } from '../../src/machinery/status-error.ts'
import { type SecuredApi, startSecuredApi } from '../support/secured-api.ts'

const ISSUER = 'https://kubernetes.default.svc'
const newKey = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

test('tokens that prove nothing are a 401, whatever they look like', async () => {
  const [own, foreign] = [newKey(), newKey()]
  let account: KubeObject | undefined
  using api = await startSecuredApi(({ clock }) => {
    const keys = new FixedKeys([new VerifyingKey(own)])
    const tokens = new ServiceAccountAuthenticator({
      uses: new TokenUses(),
      ...{ clock, keys, issuers: [ISSUER] },
      find: async () => {
        if (account === undefined) throw notFound({ group: '', plural: 'serviceaccounts' }, 'admin')
        return account
      },
    })
    return { authenticators: [new BearerTokenAuthenticator(tokens, [ISSUER])] }
  })
  const seconds = Math.floor(api.clock.now() / 1000)
  const claims = {
    iss: ISSUER,
    aud: [ISSUER],
    sub: 'system:serviceaccount:kube-system:admin',
    ...{ iat: seconds, nbf: seconds, exp: seconds + 3600 },
    'kubernetes.io': { namespace: 'kube-system', serviceaccount: { name: 'admin', uid: 'x' } },
  }
  const good = await new SigningKey(own).signToken(claims)
  const [head = '', body = '', signature = ''] = good.split('.')
  const publicPem = createPublicKey(own).export({ type: 'spki', format: 'pem' })
  const hmacHead = part({ alg: 'HS256', typ: 'JWT' })
  const hmac = createHmac('sha256', publicPem).update(`${hmacHead}.${body}`).digest('base64url')
  for (const [name, token] of [
    ['noise', 'abc'],
    ['dots', '...'],
    ['very many dots', '.'.repeat(100_000)],
    ['megabytes', 'a'.repeat(900_000)],
    ['no algorithm', `${part({ alg: 'none' })}.${body}.`],
    ['the public key as a secret', `${hmacHead}.${body}.${hmac}`],
    ['no signature', `${head}.${body}.`],
    ['half a signature', `${head}.${body}.${signature.slice(0, 20)}`],
    ['another body', `${head}.${part({ ...claims, sub: 'root' })}.${signature}`],
    ['a body that is no object', `${head}.${part(7)}.${signature}`],
    ['a head with a prototype', `${part({ __proto__: { alg: 'ES256' } })}.${body}.${signature}`],
    ['a key of somebody else', await new SigningKey(foreign).signToken(claims)],
    ['another issuer', await new SigningKey(own).signToken({ ...claims, iss: 'https://evil' })],
    ['expired', await new SigningKey(own).signToken({ ...claims, exp: seconds - 600 })],
    ['for others', await new SigningKey(own).signToken({ ...claims, aud: ['vault'] })],
    ['an account that is gone', good],
    ['claims of other types', await new SigningKey(own).signToken({ ...claims, exp: 'never' })],
    ['no account', await new SigningKey(own).signToken({ ...claims, 'kubernetes.io': [] })],
  ] as const) {
    assert.deepEqual(await ask(api, token), [401, 'Unauthorized'], name)
  }
  const metadata = { namespace: 'kube-system', name: 'admin', uid: 'x' }
  account = { kind: 'ServiceAccount', apiVersion: 'v1', metadata } as unknown as KubeObject
  assert.equal((await ask(api, good))[0], 403, 'the token itself was good')
})

async function ask({ server }: SecuredApi, token: string): Promise<readonly unknown[]> {
  const response = await server.handle(
    new ServerRequest({
      method: 'GET',
      url: '/api/v1/namespaces',
      headers: { authorization: `Bearer ${token}` },
      connection: { remoteAddress: '192.0.2.9', peerCertificate: undefined },
      signal: new AbortController().signal,
    }),
  )
  assert.ok(response.type === 'object')
  return [response.code, (response.object as { message?: string }).message]
}
