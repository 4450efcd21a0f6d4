import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { makeCertificateRequest } from '../../test/support/certificate-requests.ts'
import { parseCertificateRequest } from './certificate-request.ts'
import { DerError, readDer } from './der.ts'

describe('certificate requests', () => {
  for (const sort of ['P-256', 'P-384', 'RSA', 'RSA-SHA1', 'Ed25519'] as const) {
    test(`of a ${sort} key are read, and their signature is checked`, async () => {
      const { request } = await makeCertificateRequest({
        commonName: 'system:node:ä, b',
        organizations: ['system:nodes', 'x+y'],
        names: [
          { type: 'dns', value: 'a.example' },
          { type: 'ip', value: '10.0.0.7' },
          { type: 'ip', value: '::1' },
          { type: 'email', value: 'a@b.example' },
          { type: 'url', value: 'spiffe://x/y' },
        ],
        sort,
      })
      const parsed = parseCertificateRequest(request)
      assert.equal(parsed.commonName, 'system:node:ä, b')
      assert.deepEqual(parsed.organizations, ['system:nodes', 'x+y'])
      assert.deepEqual(parsed.dnsNames, ['a.example'])
      assert.deepEqual(parsed.ipAddresses, ['0a000007', `${'0'.repeat(31)}1`])
      assert.deepEqual(parsed.emailAddresses, ['a@b.example'])
      assert.deepEqual(parsed.uris, ['spiffe://x/y'])
      assert.equal(parsed.isSigned(), true)
    })
  }

  test('one whose subject was changed is not signed', async () => {
    const { request } = await makeCertificateRequest({ commonName: 'alice' })
    const [head = '', ...lines] = request.split('\n')
    const der = Buffer.from(lines.slice(0, -1).join(''), 'base64')
    der[der.indexOf('alice')] = 'b'.charCodeAt(0)
    const forged = `${head}\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
    const parsed = parseCertificateRequest(forged)
    assert.equal(parsed.commonName, 'blice')
    assert.equal(parsed.isSigned(), false)
  })

  test('what is none is refused', () => {
    assert.throws(() => parseCertificateRequest('hello'), {
      message: 'PEM block type must be CERTIFICATE REQUEST',
    })
    const block = (der: string) =>
      `-----BEGIN CERTIFICATE REQUEST-----\n${der}\n-----END CERTIFICATE REQUEST-----`
    assert.throws(() => parseCertificateRequest(block('AAAA')), /asn1: structure error/)
    assert.throws(() => parseCertificateRequest(block('')), /asn1: structure error/)
  })

  test('every cut-off or changed request is refused or unsigned, and nothing else happens', async () => {
    const { request } = await makeCertificateRequest({ commonName: 'a', organizations: ['b'] })
    const lines = request.trim().split('\n')
    const der = Buffer.from(lines.slice(1, -1).join(''), 'base64')
    for (let length = 0; length < der.length; length++) {
      assert.throws(() => readDer(der.subarray(0, length)), DerError)
    }
    for (let index = 0; index < der.length; index++) {
      const changed = Buffer.from(der)
      changed[index] = (changed[index] ?? 0) ^ 0x5a
      const pem = `${lines[0]}\n${changed.toString('base64')}\n${lines.at(-1)}`
      let isSigned = false
      try {
        isSigned = parseCertificateRequest(pem).isSigned()
      } catch (error) {
        assert.match((error as Error).message, /^asn1: structure error/)
      }
      assert.equal(isSigned, false, `byte ${index}`)
    }
  })
})
