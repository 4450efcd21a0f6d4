import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CustomResourceDefinition } from '../../../../kinds/apiextensions/v1/custom-resource-definition.ts'
import { decodeObject } from '../../../../machinery/decode.ts'
import { planNames } from './plan-names.ts'

const NOW = '2026-01-01T00:00:00Z'
const BOATS = { plural: 'boats', singular: 'boat', kind: 'Boat', listKind: 'BoatList' }

function definition(names: object, status: object = {}, group = 'wherry.example') {
  const { plural } = { ...BOATS, ...names }
  const schema = { openAPIV3Schema: { type: 'object' } }
  const { value } = decodeObject(CustomResourceDefinition, {
    metadata: { name: `${plural}.${group}` },
    spec: {
      ...{ group, scope: 'Namespaced', names: { ...BOATS, ...names } },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
    status,
  })
  return value as CustomResourceDefinition
}

const told = ({ status }: CustomResourceDefinition) =>
  (status.conditions ?? []).map(({ type, status, reason }) => `${type} ${status} ${reason}`)

test('names that nobody has are accepted', () => {
  const planned = planNames(definition({}), [], NOW)
  assert.deepEqual(planned.status.acceptedNames, BOATS)
  assert.deepEqual(told(planned), [
    'NamesAccepted True NoConflicts',
    'Established False Installing',
  ])
  assert.equal(planNames(planned, [planned], NOW), planned)
})

test('names that another of the group has are not, the others are', () => {
  const first = planNames(definition({ shortNames: ['bt'] }), [], NOW)
  const names = { plural: 'ships', singular: 'ship', kind: 'Ship', listKind: 'ShipList' }
  const second = planNames(definition({ ...names, shortNames: ['bt', 'sh'] }), [first], NOW)
  assert.equal(second.status.acceptedNames.kind, 'Ship')
  assert.equal(second.status.acceptedNames.shortNames, undefined)
  assert.deepEqual(told(second), [
    'NamesAccepted False ShortNamesConflict',
    'Established False NotAccepted',
  ])
  const elsewhere = planNames(definition({ shortNames: ['bt'] }, {}, 'other.example'), [first], NOW)
  assert.deepEqual(told(elsewhere)[0], 'NamesAccepted True NoConflicts')
})

test('what is established stays so, whatever it wants later', () => {
  const first = planNames(definition({ shortNames: ['bt'] }), [], NOW)
  const conditions = [{ type: 'Established', status: 'True' }]
  const names = { plural: 'ships', singular: 'ship', kind: 'Ship', listKind: 'ShipList' }
  const known = { acceptedNames: names, conditions }
  const changed = definition({ ...names, shortNames: ['bt'] }, known)
  assert.deepEqual(told(planNames(changed, [first], NOW)), [
    'Established True undefined',
    'NamesAccepted False ShortNamesConflict',
  ])
})
