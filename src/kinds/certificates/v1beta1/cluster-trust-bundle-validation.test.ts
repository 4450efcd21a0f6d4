import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { ClusterTrustBundle } from './cluster-trust-bundle.ts'
import { validateBundle } from './cluster-trust-bundle-validation.ts'

const create = (name: string, spec: object) => {
  const { value } = decodeObject(ClusterTrustBundle, { metadata: { name }, spec })
  return [...validateBundle(value, FieldPath.root)].map(formatFieldError)
}
const AT = 'spec.trustBundle: Invalid value: "<value omitted>": '

test('ClusterTrustBundle', () => {
  const trustBundle = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'
  assert.deepEqual(create('a', { trustBundle: '' }), [
    `${AT}at least one trust anchor must be provided`,
  ])
  assert.deepEqual(create('a', { trustBundle }), [`${AT}entry 0 does not parse as X.509`])
  assert.deepEqual(create('a', { trustBundle: trustBundle.replaceAll('CERTIFICATE', 'KEY') }), [
    `${AT}entry 0 has bad block type: KEY`,
  ])
  assert.equal(
    create('a:b', { trustBundle })[0],
    'metadata.name: Invalid value: "a:b": ClusterTrustBundle without signer name must not have ":" in its name',
  )
  const signerName = 'wherry.example/ca'
  assert.equal(create('wherry.example:ca:a', { signerName, trustBundle }).length, 1)
  assert.match(
    create('a', { signerName, trustBundle })[0] ?? '',
    /must be named with prefix wherry\.example:ca:$/,
  )
  assert.deepEqual(ClusterTrustBundle.validateName?.('wherry.example:ca:a', false), [])
})

test('the prefix of a generated name is judged with the signer, too', () => {
  const metadata = { name: 'a', generateName: 'Bad_' }
  const { value } = decodeObject(ClusterTrustBundle, { metadata, spec: { trustBundle: '' } })
  const [first = ''] = [...validateBundle(value, FieldPath.root)].map(formatFieldError)
  assert.match(first, /^metadata.generateName: Invalid value: "Bad_": a lowercase RFC 1123/)
})
