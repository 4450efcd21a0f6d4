import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { APIService } from './api-service.ts'
import { validateApiService } from './api-service-validation.ts'

const good = { group: 'a.b', version: 'v1', groupPriorityMinimum: 100, versionPriority: 10 }

function create(spec: object, name = 'v1.a.b'): string[] {
  const { value } = decodeObject(APIService, { metadata: { name }, spec: { ...good, ...spec } })
  return [...validateApiService(value, FieldPath.root)].map(formatFieldError)
}

test('an APIService does not generate its name', () => {
  const metadata = { name: 'v1.a.bxyzab', generateName: 'v1.a.b' }
  const { value } = decodeObject(APIService, { metadata, spec: { ...good, version: 'v2' } })
  assert.deepEqual([...validateApiService(value, FieldPath.root)].map(formatFieldError), [
    'metadata.generateName: Invalid value: "v1.a.b": must be `spec.version+"."+spec.group`: "v2.a.b"',
    'metadata.name: Invalid value: "v1.a.bxyzab": must be `spec.version+"."+spec.group`: "v2.a.b"',
  ])
})

test('APIService', () => {
  assert.deepEqual(create({}), [])
  assert.deepEqual(create({ service: { namespace: 'n', name: 's' } }), [])
  assert.deepEqual(create({ group: '' }, 'v1.'), [], 'the legacy group')
  const cases: [object, string, string?][] = [
    [
      {},
      'metadata.name: Invalid value: "v2.a.b": must be `spec.version+"."+spec.group`: "v1.a.b"',
      'v2.a.b',
    ],
    [
      { groupPriorityMinimum: 20_001 },
      'spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000',
    ],
    [
      { versionPriority: 0 },
      'spec.versionPriority: Invalid value: 0: must be positive and less than 1000',
    ],
    [
      { caBundle: 'YWJj' },
      'spec.caBundle: Invalid value: "3 bytes": local APIServices may not have a caBundle',
    ],
    [{ service: { name: 's' } }, 'spec.service.namespace: Required value'],
    [
      { service: { namespace: 'n', name: 's' }, caBundle: 'YWJj', insecureSkipTLSVerify: true },
      'spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present',
    ],
  ]
  for (const [spec, error, name] of cases) assert.deepEqual(create(spec, name), [error])
})

test('what is served here is available from its creation', () => {
  const spec = { group: 'a.b', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 }
  const created = (more: object) => {
    const { value } = decodeObject(APIService, {
      metadata: { name: 'v1.a.b' },
      spec: { ...spec, ...more },
    })
    return APIService.prepareForCreate?.(value, { now: 0 }).status.conditions
  }
  const lastTransitionTime = '1970-01-01T00:00:00Z'
  const message = 'Local APIServices are always available'
  assert.deepEqual(created({}), [
    { type: 'Available', status: 'True', reason: 'Local', message, lastTransitionTime },
  ])
  assert.equal(created({ service: { namespace: 'a', name: 'b' } }), undefined)
})
