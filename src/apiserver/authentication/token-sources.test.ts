import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, test } from 'node:test'
import { createTlsIdentities } from '../../../test/support/tls-identities.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { systemClock } from '../../base/clock.ts'
import { createLogger, silentLogger } from '../../base/logger.ts'
import type { Secret } from '../../kinds/core/v1/secret.ts'
import { ServerRequest } from '../request.ts'
import { InvalidCredentials, UnionTokenAuthenticator } from './authenticator.ts'
import { BootstrapTokenAuthenticator } from './bootstrap-token-authenticator.ts'
import { CertificateTrust } from './certificate-trust.ts'
import { ClientCertificateAuthenticator } from './client-certificate.ts'
import { CsvSyntaxError, parseCsv } from './csv.ts'
import {
  DEFAULT_REQUEST_HEADERS,
  RequestHeaderAuthenticator,
  type RequestHeaderNames,
} from './request-header.ts'
import { parseTokenFile, TokenFileAuthenticator } from './token-file.ts'

describe('bootstrap tokens', () => {
  const clock = new VirtualClock()
  const TOKEN = 'abcdef.0123456789abcdef'
  const GOOD: Readonly<Record<string, string>> = {
    'token-id': 'abcdef',
    'token-secret': '0123456789abcdef',
    'usage-bootstrap-authentication': 'true',
  }

  function authenticator(data: Readonly<Record<string, string>>, more: object = {}) {
    const encoded = Object.entries(data).map(([key, value]) => [
      key,
      Buffer.from(value).toString('base64'),
    ])
    const secret = {
      metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
      type: 'bootstrap.kubernetes.io/token',
      data: Object.fromEntries(encoded),
      ...more,
    } as unknown as Secret
    return new BootstrapTokenAuthenticator({
      clock,
      logger: silentLogger,
      find: async (name) => (name === 'bootstrap-token-abcdef' ? secret : undefined),
    })
  }

  test('the bearer is a bootstrapper, and of the groups that the secret adds', async () => {
    const found = await authenticator({
      ...GOOD,
      'auth-extra-groups': 'system:bootstrappers:kubeadm:x,system:bootstrappers:a',
    }).authenticateToken(TOKEN)
    assert.deepEqual(found?.user, {
      name: 'system:bootstrap:abcdef',
      groups: ['system:bootstrappers', 'system:bootstrappers:a', 'system:bootstrappers:kubeadm:x'],
    })
  })

  test('expiry is judged by the clock, and what cannot be read has expired', async () => {
    const at = (ms: number) => new Date(clock.now() + ms).toISOString()
    const withExpiry = (expiration: string) =>
      authenticator({ ...GOOD, expiration }).authenticateToken(TOKEN)
    assert.ok(await withExpiry(at(2000)))
    assert.equal(await withExpiry(at(-1)), undefined)
    assert.equal(await withExpiry('tomorrow'), undefined)
  })

  for (const [why, data, more] of [
    ['another secret', { ...GOOD, 'token-secret': 'x' }],
    ['another id', { ...GOOD, 'token-id': 'ghijkl' }],
    ['no usage', { ...GOOD, 'usage-bootstrap-authentication': 'yes' }],
    ['a group of others', { ...GOOD, 'auth-extra-groups': 'system:masters' }],
    ['another type', GOOD, { type: 'Opaque' }],
    ['a deletion', GOOD, { metadata: { name: 'x', deletionTimestamp: '2020-01-01T00:00:00Z' } }],
  ] as const) {
    test(`${why} proves nothing`, async () => {
      assert.equal(await authenticator(data, more).authenticateToken(TOKEN), undefined)
    })
  }

  test('what does not look like one is not looked up', async () => {
    assert.equal(await authenticator(GOOD).authenticateToken('abcdef.0123456789ABCDEF'), undefined)
    assert.equal(await authenticator(GOOD).authenticateToken(`${TOKEN}\n`), undefined)
  })
})

describe('token file', () => {
  test('names users with uid and groups', async () => {
    const text = 'one,alice,1,"dev,ops"\r\n\ntwo,"bo""b",2\n'
    const tokens = new TokenFileAuthenticator(parseTokenFile(text, 'f', silentLogger))
    const alice = { name: 'alice', uid: '1', groups: ['dev', 'ops'] }
    assert.deepEqual(await tokens.authenticateToken('one'), { user: alice })
    const bob = { name: 'bo"b', uid: '2', groups: [] }
    assert.deepEqual(await tokens.authenticateToken('two'), { user: bob })
    assert.equal(await tokens.authenticateToken(''), undefined)
  })

  test('a short line is refused, an empty token is passed over and told', () => {
    assert.throws(() => parseTokenFile('a,b', 'tokens.csv', silentLogger), {
      message:
        "token file 'tokens.csv' must have at least 3 columns (token, user name, user uid), found 2",
    })
    const told: string[] = []
    const logger = createLogger((_level, message) => told.push(message))
    assert.equal(parseTokenFile(',a,1\nx,a,1\nx,b,2', 'f', logger).get('x')?.name, 'b')
    assert.deepEqual(told, ['a token file has an empty token', 'a token file has a token twice'])
  })

  test('CSV: quotes, empty fields, broken ones', () => {
    assert.deepEqual(parseCsv('a,,"b\nc",\n"",x'), [
      ['a', '', 'b\nc', ''],
      ['', 'x'],
    ])
    assert.deepEqual(parseCsv('a,'), [['a', '']])
    assert.deepEqual(parseCsv('\n\r\n'), [])
    assert.throws(
      () => parseCsv('x\na"b'),
      new CsvSyntaxError('parse error on line 2: bare " in non-quoted-field'),
    )
    assert.throws(() => parseCsv('"a'), CsvSyntaxError)
    assert.throws(() => parseCsv('"a"b'), CsvSyntaxError)
  })
})

test('a token that one sort refuses may be of another', async () => {
  const refuse = (message: string) => ({
    authenticateToken: () => Promise.reject(new InvalidCredentials(message)),
  })
  const know = { authenticateToken: async () => ({ user: { name: 'a', groups: [] } }) }
  const found = await new UnionTokenAuthenticator([refuse('x'), know]).authenticateToken('t', [])
  assert.equal(found?.user.name, 'a')
  const nobody = new UnionTokenAuthenticator([refuse('x'), refuse('y')])
  await assert.rejects(nobody.authenticateToken('t', []), { message: '[x, y]' })
})

test('a token that names no audience is for those of the server', async () => {
  const know = { authenticateToken: async () => ({ user: { name: 'a', groups: [] } }) }
  const all = new UnionTokenAuthenticator([know], ['server', 'api'])
  const found = await all.authenticateToken('t', ['other', 'api'])
  assert.deepEqual(found?.audiences, ['api'])
  assert.equal(await all.authenticateToken('t', ['other']), undefined)
})

describe('front proxies', () => {
  async function setUp(allowedNames: readonly string[] = ['proxy']) {
    const [proxies, clients] = [await createTlsIdentities(), await createTlsIdentities()]
    const names: RequestHeaderNames = { ...DEFAULT_REQUEST_HEADERS, allowedNames }
    const trust = new CertificateTrust(proxies.authority, systemClock)
    const headers = new RequestHeaderAuthenticator(trust, names)
    const certificate = async (of: typeof proxies, name: string) =>
      new X509Certificate((await of.client(name)).certificate).raw
    const ask = (peerCertificate: Uint8Array, given: Record<string, string>) =>
      headers.authenticate(
        new ServerRequest({
          method: 'GET',
          url: '/api',
          headers: given,
          connection: { remoteAddress: '', peerCertificate },
          signal: new AbortController().signal,
        }),
      )
    return { proxies, clients, certificate, ask }
  }
  const HEADERS = {
    'x-remote-user': 'alice',
    'x-remote-uid': '7',
    'x-remote-group': 'dev, ops',
    'x-remote-extra-acme.com%2fproject': 'one, two',
  }

  test('say who their caller is', async () => {
    const { proxies, certificate, ask } = await setUp()
    assert.deepEqual(await ask(await certificate(proxies, 'proxy'), HEADERS), {
      user: {
        name: 'alice',
        uid: '7',
        groups: ['dev', 'ops'],
        extra: { 'acme.com/project': ['one', 'two'] },
      },
    })
    assert.equal(await ask(await certificate(proxies, 'proxy'), {}), undefined)
  })

  test('need a certificate of their own authority, and an allowed name', async () => {
    const { proxies, clients, certificate, ask } = await setUp()
    await assert.rejects(ask(await certificate(clients, 'proxy'), HEADERS), {
      message: 'x509: certificate signed by unknown authority',
    })
    await assert.rejects(ask(await certificate(proxies, 'mallory'), HEADERS), {
      message: 'x509: subject with cn=mallory is not in the allowed list',
    })
    const server = new X509Certificate(proxies.server.certificate).raw
    await assert.rejects(ask(server, HEADERS), {
      message: 'x509: certificate specifies an incompatible key usage',
    })
  })

  test('are no clients by themselves', async () => {
    const { proxies, clients, certificate } = await setUp()
    const trust = new CertificateTrust(clients.authority, systemClock)
    const own = new ClientCertificateAuthenticator(systemClock, trust)
    const ask = async (peerCertificate: Uint8Array) =>
      own.authenticate(
        new ServerRequest({
          method: 'GET',
          url: '/api',
          connection: { remoteAddress: '', peerCertificate },
          signal: new AbortController().signal,
        }),
      )
    await assert.rejects(ask(await certificate(proxies, 'admin')), InvalidCredentials)
    assert.equal((await ask(await certificate(clients, 'bob')))?.user.name, 'bob')
  })
})
