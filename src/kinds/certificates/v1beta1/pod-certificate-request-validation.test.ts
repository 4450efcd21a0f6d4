import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { PodCertificateRequest } from './pod-certificate-request.ts'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const spec = {
  signerName: 'example.com/signer',
  podName: 'p',
  podUID: 'pod-uid',
  serviceAccountName: 'sa',
  serviceAccountUID: 'sa-uid',
  nodeName: 'n',
  nodeUID: 'node-uid',
  maxExpirationSeconds: 3600,
  pkixPublicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  proofOfPossession: sign(null, Buffer.from('pod-uid'), privateKey).toString('base64'),
}

function read(change: object, status: object = {}) {
  const given = { metadata: { name: 'r' }, spec: { ...spec, ...change }, status }
  return decodeObject(PodCertificateRequest, given).value
}

function errorsOf(change: object): string[] {
  const errors = [...(PodCertificateRequest.validate?.(read(change), FieldPath.root) ?? [])]
  return errors.map(formatFieldError)
}

test('a pod proves that the key is its own', () => {
  assert.deepEqual(errorsOf({}), [])
  assert.deepEqual(errorsOf({ podUID: 'another' }), [
    'spec.proofOfPossession: Invalid value: could not verify proof-of-possession signature',
  ])
  assert.deepEqual(errorsOf({ proofOfPossession: '' }), [
    'spec: Invalid value: exactly one of (stubPKCS10Request) or (pkixPublicKey, ' +
      'proofOfPossession) must be set',
  ])
  assert.deepEqual(
    errorsOf({ stubPKCS10Request: 'AAAA', pkixPublicKey: '', proofOfPossession: '' }),
    ['spec.stubPKCS10Request: Invalid value: must be a valid PKCS#10 CSR'],
  )
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
  const key = small.export({ format: 'der', type: 'spki' }).toString('base64')
  assert.deepEqual(errorsOf({ pkixPublicKey: key }), [
    'spec.pkixPublicKey: Invalid value: "1024-bit modulus": RSA keys must have modulus size 3072 ' +
      'or 4096',
  ])
})

test('names, times and annotations', () => {
  assert.deepEqual(errorsOf({ maxExpirationSeconds: 60, nodeUID: '' }), [
    'spec.nodeUID: Invalid value: "": must not be empty',
    'spec.maxExpirationSeconds: Invalid value: 60: must be in the range [3600, 7862400]',
  ])
  assert.deepEqual(errorsOf({ unverifiedUserAnnotations: { plain: 'x' } }), [
    'spec.unverifiedUserAnnotations: Invalid value: "plain": must be a domain-prefixed key ' +
      '(such as "acme.io/foo")',
  ])
})

test('a request is decided once', () => {
  const condition = {
    ...{ type: 'Denied', status: 'True', reason: 'No', message: '' },
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }
  const errors = (status: object, before: object = {}) => {
    const { validateStatusUpdate } = PodCertificateRequest
    const found = validateStatusUpdate?.(read({}, status), read({}, before), FieldPath.root)
    return [...(found ?? [])].map(formatFieldError)
  }
  const denied = { conditions: [condition] }
  assert.deepEqual(errors(denied), [])
  assert.deepEqual(errors({}, denied), [
    'status: Invalid value: immutable after PodCertificateRequest is issued, denied, or failed',
  ])
  assert.deepEqual(errors({ ...denied, certificateChain: 'x' }), [
    'status: Invalid value: non-condition status fields must be empty when denying or failing the ' +
      'PodCertificateRequest',
  ])
  const issued = { conditions: [{ ...condition, type: 'Issued' }] }
  assert.deepEqual(errors(issued), [
    'status.certificateChain: Invalid value: "": issued certificate chain must contain at least ' +
      'one certificate',
  ])
  assert.deepEqual(errors({ conditions: [condition, ...issued.conditions] }).length, 1)
})
