import 'reflect-metadata'
import assert from 'node:assert/strict'
import { webcrypto } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { openHttpsPool } from './https-pool.ts'

const NAME = 'O=operator, CN=hooks.example'
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

interface Leaf {
  readonly notAfter?: string
  readonly usage?: string
}

/** An authority that gives its own name to those whom it certifies, as Knative's webhooks do. */
async function createAuthority() {
  const generate = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const names = { subject: NAME, issuer: NAME, signingAlgorithm: ALGORITHM }
  const keys = await generate()
  const own = await X509CertificateGenerator.create({
    ...names,
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
    ],
  })
  const issue = async ({
    notAfter = '2100-01-01',
    usage = ExtendedKeyUsage.serverAuth,
  }: Leaf = {}) => {
    const { publicKey, privateKey } = await generate()
    const leaf = await X509CertificateGenerator.create({
      ...{ ...names, publicKey, signingKey: keys.privateKey, notAfter: new Date(notAfter) },
      notBefore: new Date('2000-01-01'),
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([usage]),
        new SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }]),
      ],
    })
    const key = await webcrypto.subtle.exportKey('pkcs8', privateKey)
    return { cert: leaf.toString('pem'), key: PemConverter.encode(key, 'PRIVATE KEY') }
  }
  return { pem: own.toString('pem'), issue }
}

/** What a server is asked once that shows this certificate, by a pool with this authority. */
async function ask(
  pool: ReturnType<typeof openHttpsPool>,
  identity: { readonly cert: string; readonly key: string },
  serverName = 'localhost',
): Promise<string> {
  const server = createServer(identity, (_request, response) => void response.end('ok'))
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    const to = { host: '127.0.0.1', port, serverName }
    const answer = await pool.send({ ...to, method: 'GET', path: '/', headers: {} })
    if (answer.type !== 'response') return answer.type
    return (await answer.body.toArray()).join('')
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

test('a certificate in its authority’s name is trusted, if that has signed it', async () => {
  const authority = await createAuthority()
  const other = await createAuthority()
  using pool = openHttpsPool({ authority: authority.pem })
  const first = await authority.issue()
  assert.equal(await ask(pool, first), 'ok')
  assert.equal(await ask(pool, await authority.issue()), 'ok', 'the next one as well')
  assert.equal(await ask(pool, first), 'ok')
  const forged = await ask(pool, await other.issue())
  assert.equal(forged, 'DEPTH_ZERO_SELF_SIGNED_CERT', 'the name alone proves nothing')
  assert.equal(await ask(pool, first, 'elsewhere'), 'ERR_TLS_CERT_ALTNAME_INVALID')
  const expired = await authority.issue({ notAfter: '2001-01-01' })
  assert.equal(await ask(pool, expired), 'CERT_HAS_EXPIRED')
  const client = await authority.issue({ usage: ExtendedKeyUsage.clientAuth })
  assert.equal(await ask(pool, client), 'INVALID_PURPOSE')
})
