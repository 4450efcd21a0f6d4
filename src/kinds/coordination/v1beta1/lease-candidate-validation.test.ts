import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { LeaseCandidate } from './lease-candidate.ts'
import { validateCandidate } from './lease-candidate-validation.ts'
import { compareVersions, parseSemanticVersion } from './semantic-version.ts'

const good = {
  leaseName: 'l',
  binaryVersion: '1.36.0',
  emulationVersion: '1.35.0',
  strategy: 'OldestEmulationVersion',
}
const create = (spec: object) => {
  const object = { metadata: { name: 'a', namespace: 'b' }, spec: { ...good, ...spec } }
  const { value } = decodeObject(LeaseCandidate, object)
  return [...validateCandidate(value, FieldPath.root)].map(formatFieldError)
}

test('LeaseCandidate', () => {
  assert.deepEqual(create({}), [])
  const cases: [object, string][] = [
    [{ leaseName: '' }, 'leaseName: Required value'],
    [
      { binaryVersion: '1.34.0' },
      'binaryVersion: Invalid value: "1.34.0": must be greater than or equal to `emulationVersion`',
    ],
    [
      { emulationVersion: '1.35' },
      'emulationVersion: Invalid value: "1.35": must be a valid semantic version',
    ],
    [
      { strategy: 'Odd' },
      'strategy.strategy: Unsupported value: "Odd": supported values: "OldestEmulationVersion"',
    ],
  ]
  for (const [spec, error] of cases) assert.equal(create(spec)[0], `spec.${error}`)
  assert.deepEqual(create({ emulationVersion: '' }), [
    "spec.emulationVersion: Required value: must be specified when `strategy` is 'OldestEmulationVersion'",
  ])
})

test('semantic versions are in order', () => {
  const order = ['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-2', '1.0.0', '1.10.0']
  const versions = [
    '1.0.0-2',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0',
    '1.10.0',
  ]
  const sorted = order.toSorted((a, b) => {
    const [one, other] = [parseSemanticVersion(a), parseSemanticVersion(b)]
    assert.ok(one !== undefined && other !== undefined)
    return compareVersions(one, other)
  })
  assert.deepEqual(sorted, versions)
  for (const text of ['', '1.2', '01.2.3', '1.2.3-01']) {
    assert.equal(parseSemanticVersion(text), undefined, text)
  }
})
