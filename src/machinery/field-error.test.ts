import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  collected,
  type FieldError,
  FieldPath,
  invalid,
  NO_ERRORS,
  required,
} from './field-error.ts'

test('paths read as upstream writes them', () => {
  const { root } = FieldPath
  assert.equal(`${root}`, '<nil>')
  assert.equal(`${root.child('')}`, '[]')
  assert.equal(`${root.index(2).child('name')}`, '[2].name')
  const spec = root.child('spec')
  const container = spec.child('containers').index(0)
  assert.equal(
    `${container.child('env').index(12).child('name')}`,
    'spec.containers[0].env[12].name',
  )
  assert.equal(
    `${container.child('resources', 'limits').key('a.b/c')}`,
    'spec.containers[0].resources.limits[a.b/c]',
  )
  assert.equal(`${spec.child('[odd]').key('')}`, 'spec.[odd][]')
  assert.equal(`${spec}`, 'spec', 'a path does not change when others are made from it')
})

test('a rule that adds to a list is collected in its order, and finds nothing anew', () => {
  const path = FieldPath.root.child('name')
  const validateName = (errors: FieldError[], name: string, most: number) => {
    if (name === '') errors.push(required(path))
    if (name.length > most) errors.push(invalid(path, name, 'is too long'))
    if (name !== name.trim()) errors.push(invalid(path, name, 'has spaces'))
  }
  assert.deepEqual(
    collected(validateName, ' ab', 2).map(({ message }) => message),
    ['Invalid value: " ab": is too long', 'Invalid value: " ab": has spaces'],
  )
  assert.deepEqual(collected(validateName, 'ab', 2), [])
  assert.deepEqual(NO_ERRORS, [])
})
