import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cipherOf, protocolOf } from './tls-protocol.ts'

test('cipher suites under the names that Go has for them', () => {
  const names: Readonly<Record<string, string>> = {
    TLS_AES_128_GCM_SHA256: 'TLS_AES_128_GCM_SHA256',
    TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
    TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
    TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
    TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
    TLS_RSA_WITH_AES_256_GCM_SHA384: 'AES256-GCM-SHA384',
  }
  for (const [name, expected] of Object.entries(names)) assert.equal(cipherOf(name), expected)
  for (const unknown of ['TLS_RSA_WITH_RC4_128_SHA', 'AES256-GCM-SHA384', 'x']) {
    assert.throws(() => cipherOf(unknown), /is not known/)
  }
})

test('what the flags say of TLS and HTTP/2', () => {
  assert.deepEqual(protocolOf({}), { isHttp1Only: false })
  assert.deepEqual(protocolOf({ tlsMinVersion: 'VersionTLS13', http2MaxStreamsPerConnection: 5 }), {
    minVersion: 'TLSv1.3',
    isHttp1Only: false,
    maxStreams: 5,
  })
  assert.throws(() => protocolOf({ tlsMinVersion: 'VersionTLS10' }), /use one of/)
  const curves = (...tlsCurvePreferences: string[]) => protocolOf({ tlsCurvePreferences }).curves
  assert.equal(curves('29', '23', '24', '25'), 'X25519:prime256v1:secp384r1:secp521r1')
  assert.equal(curves(), undefined)
  assert.throws(() => curves('0'), /out of range/)
  assert.throws(() => curves('29', '23', '29'), /duplicate curve preference 29/)
  assert.throws(() => curves('4588'), /4588 is not one that is known here/)
  assert.equal(protocolOf({ goawayChance: 0.02 }).goawayChance, 0.02)
  assert.throws(() => protocolOf({ goawayChance: 0.5 }), /greater than 0\.02/)
})
