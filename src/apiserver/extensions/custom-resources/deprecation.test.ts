import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CustomResourceDefinition } from '../../../kinds/apiextensions/v1/custom-resource-definition.ts'
import type { CustomResourceDefinitionVersion } from '../../../kinds/apiextensions/v1/custom-resource-definition-version.ts'
import { deprecationOf } from './deprecation.ts'

function told(version: object, ...others: readonly object[]): string {
  const versions = [version, ...others]
  const spec = { group: 'wherry.example', names: { kind: 'Boat' }, versions }
  const definition = { spec } as unknown as CustomResourceDefinition
  return deprecationOf(definition, version as CustomResourceDefinitionVersion)
}

test('a version that will go says so, and what to use instead', () => {
  const old = { name: 'v1beta1', served: true, deprecated: true }
  const what = 'wherry.example/v1beta1 Boat is deprecated'
  assert.equal(told({ ...old, deprecated: false }), '')
  assert.equal(told(old), what)
  const newer = [
    { name: 'v1', served: true },
    { name: 'v2', served: false },
    { name: 'v1alpha1', served: true },
  ]
  assert.equal(told(old, ...newer), `${what}; use wherry.example/v1 Boat`)
  assert.equal(told({ ...old, deprecationWarning: 'sail on' }, ...newer), 'sail on')
})
