import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { createTlsIdentities } from '../../../test/support/tls-identities.ts'
import { systemClock } from '../../base/clock.ts'
import { ServerRequest } from '../request.ts'
import { ClientCertificateAuthenticator } from './client-certificate.ts'

test('a certificate is known once it was found good, until it expires', async () => {
  const identities = await createTlsIdentities()
  const { raw, validTo } = new X509Certificate((await identities.client('alice')).certificate)
  let passedMs = 0
  const now = () => systemClock.now() + passedMs
  const authenticator = new ClientCertificateAuthenticator({ ...systemClock, now })
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
  passedMs = Date.parse(validTo) - systemClock.now() + 1
  assert.equal(authenticator.known(request), undefined)
})
