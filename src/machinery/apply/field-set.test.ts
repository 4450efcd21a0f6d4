import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ManagedFieldsEntry } from '../object-meta.ts'
import { s } from '../schema.ts'
import { compare } from './compare.ts'
import { FieldSet } from './field-set.ts'
import { fieldsV1Text, fromFieldsV1, shareManagedFields, toFieldsV1 } from './fields-v1.ts'
import { withNamedFields } from './owned-fields.ts'
import {
  comparePathElements,
  formatFieldPath,
  keyElement,
  parsePathElement,
  TypedValueError,
  valueElement,
} from './path-element.ts'
import { reconcileWithSchema } from './reconcile-schema.ts'
import { DEDUCED, shapeOf } from './shape.ts'

/** `spec.containers[name=c].image`: a dot for fields, brackets for what else there is. */
function pathOf(text: string): string[] {
  return [...text.matchAll(/([\w/-]+)|\[(.*?)\]/g)].map(([, field, item]) => {
    if (field !== undefined) return `f:${field}`
    const [name = '', value] = (item as string).split('=')
    return value === undefined ? valueElement(name) : keyElement([[name, value]])
  })
}
const set = (...paths: string[]) => FieldSet.of(paths.map(pathOf))
const show = (fields: FieldSet) => fields.toString().split('\n')

test('sets are united, intersected and subtracted path by path', () => {
  const a = set('a', 'a.b', 'a.c.d', 'l[n=1]', 'l[n=1].x', 's[v]')
  const b = set('a.b', 'a.c', 'l[n=1].x', 'l[n=2]', 's[w]')
  const cases: [FieldSet, FieldSet][] = [
    [a.union(b), set('a', 'a.b', 'a.c', 'a.c.d', 'l[n=1]', 'l[n=1].x', 'l[n=2]', 's[v]', 's[w]')],
    [a.intersection(b), set('a.b', 'l[n=1].x')],
    [a.difference(b), set('a', 'a.c.d', 'l[n=1]', 's[v]')],
    [b.difference(a), set('a.c', 'l[n=2]', 's[w]')],
    [a.recursiveDifference(b), set('a', 'l[n=1]', 's[v]')],
    [b.recursiveDifference(set('a', 'l[n=1]')), set('l[n=2]', 's[w]')],
    [a.leaves(), set('a.b', 'a.c.d', 'l[n=1].x', 's[v]')],
    [a.difference(a), FieldSet.empty],
  ]
  for (const [actual, expected] of cases) {
    assert.deepEqual(show(actual), show(expected))
    assert.ok(actual.equals(expected))
  }
  assert.equal(a.union(set('a.b')), a, 'what changes nothing is the same set')
  assert.equal(a.difference(set('x.y')), a)
  assert.equal(a.size, 6)
  assert.ok(a.has(pathOf('l[n=1].x')))
  assert.ok(!a.has(pathOf('l')), 'on the way to a member, but none')
  assert.ok(!a.has([]))
})

test('FieldsV1 is read and written in one form', () => {
  const text =
    '{"f:a":{},"f:b":{".":{},"k:{\\"name\\":\\"x\\",\\"port\\":80}":{".":{},"f:c":{}},' +
    '"k:{\\"name\\":\\"x\\",\\"port\\":443}":{},"v:1":{},"v:\\"s\\"":{},"v:true":{},"i:0":{}},' +
    '"f:é":{},"f:\u{ff5e}":{},"f:\u{1f600}":{}}'
  const shuffled =
    '{"f:\u{1f600}":{},"f:\u{ff5e}":{},"f:b":{"i:0":{},"v:true":{},"v:\\"s\\"":{},' +
    '"k:{\\"port\\":443,\\"name\\":\\"x\\"}":{},"v:1":{},' +
    '"k:{\\"port\\":80, \\"name\\": \\"x\\"}":{"f:c":{".":{}},".":{}},".":{}},"f:é":{},"f:a":{}}'
  const fields = fromFieldsV1(JSON.parse(shuffled))
  assert.equal(JSON.stringify(toFieldsV1(fields)), text)
  assert.equal(fieldsV1Text(toFieldsV1(fields)), text)
  assert.ok(fromFieldsV1(JSON.parse(text)).equals(fields))
  assert.equal(fieldsV1Text({}), undefined, 'only what was made from a set has a text')
})

test('sets that are alike are one object, with one FieldsV1', () => {
  const one = fromFieldsV1({ 'f:a': { 'f:b': {} } })
  const two = set('a.b')
  assert.equal(one, two)
  assert.equal(toFieldsV1(one), toFieldsV1(two))
})

test('managed fields that were parsed share what they have in common', () => {
  const parse = (name: string) =>
    [{ manager: name, fieldsV1: JSON.parse('{"f:b":{},"f:a":{"f:c":{}}}') as object }] as const
  const [one] = shareManagedFields(parse('x') as readonly ManagedFieldsEntry[])
  const [two] = shareManagedFields(parse('y') as readonly ManagedFieldsEntry[])
  assert.equal(one?.fieldsV1, two?.fieldsV1)
  assert.deepEqual(one, { manager: 'x', fieldsV1: { 'f:a': { 'f:c': {} }, 'f:b': {} } })
  const odd = [null, {}, { fieldsV1: { 'no colon': {} } }] as unknown as ManagedFieldsEntry[]
  assert.deepEqual(shareManagedFields(odd), odd, 'what cannot be understood stays')
})

test('what cannot be a path element is refused, and an unknown sort ignored', () => {
  for (const text of ['f', 'name', 'k:[]', 'k:{', 'v:', 'i:x']) {
    assert.throws(() => parsePathElement(text), TypedValueError, text)
  }
  assert.equal(parsePathElement('z:new'), undefined)
  assert.ok(fromFieldsV1({ 'f:a': { 'z:new': {} } }).equals(set('a')))
  assert.equal(valueElement('a<b'), 'v:"a\\u003cb"', 'as Go escapes it')
  assert.equal(
    formatFieldPath([
      ...pathOf('spec.ports'),
      keyElement([
        ['port', 80],
        ['protocol', 'TCP'],
      ]),
    ]),
    '.spec.ports[port=80,protocol="TCP"]',
  )
  assert.equal(formatFieldPath(pathOf('metadata.finalizers[x]')), '.metadata.finalizers[="x"]')
})

const Item = s.struct('test.v1.Item', { name: s.string(), value: s.string().optional() })
const Inner = s.struct('test.v1.Inner', {
  items: s.list(Item, { listType: 'map', listMapKeys: ['name'] }),
  labels: s.map(s.string()),
  atomic: s.map(s.string(), { mapType: 'atomic' }),
})
const Outer = s.struct('test.v1.Outer', { spec: Inner })

test('declared fields on the way become members, keys and items do not', () => {
  const fields = set('spec.items[name=a].value', 'spec.labels.x.y')
  assert.deepEqual(
    show(withNamedFields(fields, shapeOf(Outer.node))),
    show(set('spec', 'spec.items', 'spec.items[name=a].value', 'spec.labels', 'spec.labels.x.y')),
  )
})

test('who owned a part of what is atomic now owns the whole', () => {
  const fields = set('spec.atomic.a', 'spec.atomic.b', 'spec.labels.x', 'gone.below')
  const reconciled = reconcileWithSchema(shapeOf(Outer.node), fields)
  assert.deepEqual(show(reconciled), show(set('spec.atomic', 'spec.labels.x', 'gone.below')))
  const unchanged = set('spec.atomic', 'spec.items[name=a]')
  assert.equal(reconcileWithSchema(shapeOf(Outer.node), unchanged), unchanged)
})

test('a set of thousands does not have those forgotten that many objects share', () => {
  const few = () => set('spec.a', 'spec.b', 'metadata.labels.x')
  const shared = few()
  const many = (name: string) =>
    FieldSet.of(Array.from({ length: 60_000 }, (_, index) => [`f:${name}-${index}`]))
  const [one, other] = [many('key'), many('key')]
  assert.equal(few(), shared)
  assert.equal(one.equals(other), true)
  assert.equal(one.difference(other).isEmpty, true)
  assert.equal(one.union(other), one)
})

test('many keys stand in the order in which few do, characters of all planes included', () => {
  const names = ['b', 'a', 'B', 'a/b', 'a.b', 'ä', '￿', '\u{1F600}', '\ud7ff']
  const many = Array.from({ length: 200 }, (_, index) => `key-${index}`)
  const order = (elements: readonly string[]) =>
    FieldSet.of(elements.map((name) => [`f:${name}`])).sortedElements()
  const expected = order(names)
  assert.deepEqual(
    order([...names, ...many]).filter((element) => expected.includes(element)),
    expected,
  )
  const plain = names.filter((name) => !/[\ud800-\uffff]/.test(name))
  assert.deepEqual(
    order([...plain, ...many]),
    [...plain, ...many].map((name) => `f:${name}`).toSorted(comparePathElements),
  )
})

test('of thousands of parts that came each is told, whatever is below it', () => {
  const names = Array.from({ length: 1500 }, (_, index) => `key-${index}`)
  const objectOf = (value: unknown) => Object.fromEntries(names.map((name) => [name, value]))
  const deduced = compare(DEDUCED, {}, { spec: objectOf({ a: 1 }) }).added
  assert.equal(deduced.size, 1 + 2 * names.length)
  assert.equal(deduced.has(['f:spec', 'f:key-7', 'f:a']), true)
  const typed = compare(shapeOf(Outer.node), { spec: {} }, { spec: { labels: objectOf('x') } })
  assert.equal(typed.added.size, 1 + names.length)
  assert.equal(typed.added.has(['f:spec', 'f:labels', 'f:key-7']), true)
})
