import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { createTlsIdentities } from '../../../test/support/tls-identities.ts'
import { systemClock } from '../../base/clock.ts'
import { ServerRequest } from '../request.ts'
import { certificateLifetimes } from './certificate-metrics.ts'
import { ClientCertificateAuthenticator } from './client-certificate.ts'

test('a certificate is known once it was found good, until it expires', async () => {
  const identities = await createTlsIdentities()
  const { raw, validTo } = new X509Certificate((await identities.client('alice')).certificate)
  let passedMs = 0
  const now = () => systemClock.now() + passedMs
  const registry = new Registry()
  const lifetimes = certificateLifetimes(registry)
  const clock = { ...systemClock, now }
  const authenticator = new ClientCertificateAuthenticator(clock, undefined, lifetimes)
  const request = new ServerRequest({
    method: 'GET',
    url: '/',
    connection: { remoteAddress: '', peerCertificate: raw },
    signal: new AbortController().signal,
  })
  assert.equal(authenticator.known(request), undefined)
  const authenticated = await authenticator.authenticate(request)
  assert.equal(authenticated?.user.name, 'alice')
  assert.equal(authenticator.known(request), authenticated?.user)
  passedMs = Date.parse(validTo) - systemClock.now() - 5_000_000
  assert.equal(authenticator.known(request), authenticated?.user)
  passedMs += 5_000_001
  assert.equal(authenticator.known(request), undefined)
  const text = await registry.metrics()
  const name = 'apiserver_client_certificate_expiration_seconds'
  assert.match(text, new RegExp(`^${name}_count 3$`, 'm'))
  assert.match(text, new RegExp(`^${name}_bucket\\{le="7200"\\} 1$`, 'm'))
})
