import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goFieldOf, goTypeOfField } from './go-types.ts'

test('a field of a type with a name has that name, and so has what a list of it holds', () => {
  assert.equal(goTypeOfField('core.v1.Container', 'imagePullPolicy', 'string'), 'v1.PullPolicy')
  assert.equal(goTypeOfField('core.v1.Container', 'image', 'string'), 'string')
  const modes = '[]v1.PersistentVolumeAccessMode'
  assert.equal(goTypeOfField('core.v1.PersistentVolumeSpec', 'accessModes', '[]string'), modes)
  assert.equal(
    goTypeOfField('core.v1.PersistentVolumeSpec', 'accessModes', 'string'),
    'v1.PersistentVolumeAccessMode',
  )
})

test('a field is named with the structs that are embedded around it', () => {
  assert.equal(goFieldOf('core.v1.Volume', 'hostPath'), 'VolumeSource.hostPath')
  assert.equal(goFieldOf('core.v1.Volume', 'name'), 'name')
})
