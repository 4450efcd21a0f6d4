import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import type { Secret } from './secret.ts'
import { secretWarnings } from './tls-secret-warnings.ts'

/** Of a key that nobody has, self-signed, ECDSA on P-256. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBcDCCARWgAwIBAgIUfzIHgGW+R3MXTLE2i2yAndK/l4swCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBYTAgFw0yNjExMjExOTEzMDlaGA8yMTI2MTAyODE5MTMwOVow
DDEKMAgGA1UEAwwBYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFLuwy9PAwjs
SqWukDH4ucoBnIKPj9JiH12ecgDJqm0C/Op/pZzLvHxFe5X5Yt+rcxDAjB9Ln+4Y
iDywzfL+JiSjUzBRMB0GA1UdDgQWBBT4hDBEpq72p/GOB/D4IMwZmmaT0DAfBgNV
HSMEGDAWgBT4hDBEpq72p/GOB/D4IMwZmmaT0DAPBgNVHRMBAf8EBTADAQH/MAoG
CCqGSM49BAMCA0kAMEYCIQDbSIvxli3x2EtzQeFnIOZWK9aNsUReowpf0OiI5EKJ
MwIhAIXgdVK/rW91X4iKMkTZogUOEQpqwWCN+Y07gsPJXNYI
-----END CERTIFICATE-----`

const keyOf = (type: 'ec' | 'ed25519') => {
  const { privateKey } =
    type === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('ed25519')
  return String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
}

function warningOf(certificate: string, key: string, type = 'kubernetes.io/tls') {
  const encode = (text: string) => Buffer.from(text).toString('base64')
  const data = { 'tls.crt': encode(certificate), 'tls.key': encode(key) }
  return secretWarnings({ type, data } as unknown as Secret)
}

test('a certificate and a key that do not go together are warned of in Go’s words', () => {
  const key = keyOf('ec')
  const none = 'tls: failed to find any PEM data in'
  assert.deepEqual(warningOf('', ''), [`${none} certificate input`])
  assert.deepEqual(warningOf(CERTIFICATE, 'x'), [`${none} key input`])
  const switched =
    'tls: failed to find certificate PEM data in certificate input, but did find a private key; ' +
    'PEM inputs may have been switched'
  assert.deepEqual(warningOf(key, CERTIFICATE), [switched])
  assert.deepEqual(warningOf(CERTIFICATE, CERTIFICATE), [
    'tls: found a certificate rather than a key in the PEM for the private key',
  ])
  assert.deepEqual(warningOf(CERTIFICATE, key), ['tls: private key does not match public key'])
  assert.deepEqual(warningOf(CERTIFICATE, keyOf('ed25519')), [
    'tls: private key type does not match public key type',
  ])
  assert.deepEqual(warningOf('', '', 'Opaque'), [])
})
