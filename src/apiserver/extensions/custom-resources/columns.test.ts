import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CustomResourceDefinitionVersion } from '../../../kinds/apiextensions/v1/custom-resource-definition-version.ts'
import type { KubeObject } from '../../../machinery/kind.ts'
import { columnsOf } from './columns.ts'

const NOW = Date.parse('2026-01-01T00:10:00Z')
const object = {
  apiVersion: 'wherry.example/v1',
  kind: 'Boat',
  metadata: { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: {
    crew: 3,
    load: 1.5,
    port: 'Ulm',
    isMoored: true,
    sails: ['jib'],
    since: '2025-12-31T00:10:00Z',
  },
} as unknown as KubeObject

function cellsOf(...columns: readonly (readonly [type: string, jsonPath: string])[]) {
  const version = {
    additionalPrinterColumns: columns.map(([type, jsonPath]) => ({ name: 'C', type, jsonPath })),
  } as unknown as CustomResourceDefinitionVersion
  const [, ...own] = columnsOf(version)
  return own.map((column) => column.of(object, { now: NOW } as never))
}

test('cells have the type of their column', () => {
  assert.deepEqual(
    cellsOf(
      ['integer', '.spec.crew'],
      ['number', '.spec.load'],
      ['string', '.spec.port'],
      ['string', '.spec.crew'],
      ['string', '.spec.sails'],
      ['boolean', '.spec.isMoored'],
      ['date', '.spec.since'],
    ),
    [3, 1.5, 'Ulm', '3', '["jib"]', true, '24h'],
  )
})

test('nothing is shown for what is not there, or not of the type', () => {
  assert.deepEqual(cellsOf(['integer', '.spec.none'], ['integer', '.spec.port']), [
    undefined,
    undefined,
  ])
})

test('without columns of its own a definition has the age', () => {
  const columns = columnsOf({} as CustomResourceDefinitionVersion)
  assert.deepEqual(
    columns.map(({ name }) => name),
    ['Name', 'Age'],
  )
  assert.equal(columns[1]?.of(object, { now: NOW } as never), '10m')
})
