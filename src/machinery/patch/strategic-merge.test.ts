import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type SchemaNode, s } from '../schema.ts'
import { applyStrategicMergePatch } from './strategic-merge.ts'

const Item: SchemaNode = s.struct('x.v1.Item', {
  name: s.string().optional(),
  value: s.string().optional(),
  other: s.string().optional(),
  nested: s
    .list(
      s.lazy('x.v1.Item', () => Item),
      { patchStrategy: 'merge', patchMergeKey: 'name' },
    )
    .optional(),
  plain: s.list(s.lazy('x.v1.Item', () => Item)).optional(),
  set: s.list(s.string(), { patchStrategy: 'merge' }).optional(),
  atomic: s.list(s.int32()).optional(),
  labels: s.map(s.string()).optional(),
  replaced: s.struct('x.v1.R', { a: s.string().optional() }).patch('replace').optional(),
  keep: s
    .struct('x.v1.Keep', { type: s.string().optional(), x: s.string().optional() })
    .patch('retainKeys')
    .optional(),
}).node

const apply = (original: unknown, patch: unknown) =>
  applyStrategicMergePatch(Item, original, patch) as Record<string, unknown>

const names = (...list: string[]) => list.map((name) => ({ name }))

test('maps are merged and null removes', () => {
  const original = { value: 'a', labels: { x: '1', y: '2' }, atomic: [1] }
  const before = JSON.stringify(original)
  const result = apply(original, { value: null, labels: { x: null, z: '3' }, other: 'b' })
  assert.deepEqual(result, { labels: { y: '2', z: '3' }, atomic: [1], other: 'b' })
  assert.equal(result['atomic'], original.atomic)
  assert.equal(JSON.stringify(original), before)
  assert.equal(apply(original, { labels: { x: '1' }, other: null }), original)
  assert.deepEqual(apply({}, { labels: { x: null, y: '1' } }), { labels: { y: '1' } })
})

test('lists without a strategy are replaced', () => {
  const result = apply({ atomic: [1], plain: names('a') }, { atomic: [2], plain: names('b') })
  assert.deepEqual(result, { atomic: [2], plain: names('b') })
})

test('lists are merged by their key', () => {
  const original = {
    nested: [
      { name: 'a', value: '1' },
      { name: 'b', value: '2' },
    ],
  }
  const result = apply(original, { nested: [{ name: 'c' }, { name: 'b', other: 'x' }] })
  assert.deepEqual(result, {
    nested: [{ name: 'c' }, { name: 'a', value: '1' }, { name: 'b', value: '2', other: 'x' }],
  })
  assert.equal((result['nested'] as unknown[])[1], original.nested[0])
})

test('scalars are merged as a set and deleted by a directive', () => {
  assert.deepEqual(apply({ set: ['a', 'b'] }, { set: ['c', 'a'] }), { set: ['c', 'a', 'b'] })
  assert.deepEqual(apply({ set: ['a', 'b'] }, { '$deleteFromPrimitiveList/set': ['a', 'x'] }), {
    set: ['b'],
  })
  assert.deepEqual(apply({}, { '$deleteFromPrimitiveList/set': ['a'] }), {})
  const objects = { nested: names('a', 'b') }
  assert.deepEqual(apply(objects, { '$deleteFromPrimitiveList/nested': names('a') }), objects)
  assert.deepEqual(apply(objects, { '$deleteFromPrimitiveList/nested': [] }), objects)
})

test('$patch', () => {
  const original = { nested: names('a', 'b', 'c'), labels: { x: '1' } }
  assert.deepEqual(
    apply(original, { nested: [{ name: 'b', $patch: 'delete' }] })['nested'],
    names('a', 'c'),
  )
  assert.deepEqual(
    apply(original, { nested: [{ $patch: 'replace' }, { name: 'z' }] })['nested'],
    names('z'),
  )
  assert.deepEqual(apply(original, { labels: { $patch: 'replace', y: '2' } })['labels'], { y: '2' })
  assert.deepEqual(apply(original, { labels: { $patch: 'delete' } })['labels'], {})
  assert.deepEqual(apply({}, { nested: [{ name: 'a', $patch: 'delete' }, { name: 'b' }] }), {
    nested: names('b'),
  })
})

test('$setElementOrder', () => {
  const order = (...list: string[]) => ({ '$setElementOrder/nested': names(...list) })
  const original = { nested: names('a', 'b', 'c', 'd') }
  assert.deepEqual(apply(original, order('d', 'c', 'b', 'a'))['nested'], names('d', 'c', 'b', 'a'))
  assert.deepEqual(
    apply(original, { ...order('d', 'new', 'b'), nested: names('new') })['nested'],
    names('a', 'c', 'd', 'new', 'b'),
  )
  assert.deepEqual(apply({}, { ...order('a'), nested: names('a') }), { nested: names('a') })
  assert.throws(() => apply(original, { ...order('a', 'b'), nested: names('b', 'a') }), {
    message: /^The order in patch list:\n\[map\[name:b\] map\[name:a\]\]\n doesn't match /,
  })
  assert.deepEqual(
    apply({ set: ['a', 'b', 'c'] }, { '$setElementOrder/set': ['c', 'x', 'a'], set: ['x'] })['set'],
    ['b', 'c', 'x', 'a'],
  )
})

test('$retainKeys', () => {
  const original = { keep: { type: 'a', x: '1' } }
  assert.deepEqual(apply(original, { keep: { $retainKeys: ['type'], type: 'b' } }), {
    keep: { type: 'b' },
  })
  assert.throws(() => apply(original, { keep: { $retainKeys: ['type'], x: '2' } }), {
    failure: 'format',
    message: 'invalid patch format of retainKeys',
  })
})

test('a strategy of replace', () => {
  assert.deepEqual(apply({ replaced: { a: '1' } }, { replaced: {} }), { replaced: {} })
})

test('a field of the original that is undefined is none', () => {
  const original = { nested: [{ name: undefined }] }
  for (const nested of [[{ name: 'a' }], [{ name: 'a', $patch: 'delete' }]]) {
    const message = 'map: map[] does not contain declared merge key: name'
    assert.throws(() => apply(original, { nested }), { message })
  }
})

test('errors', () => {
  const original = { nested: names('a'), set: ['a'], labels: {} }
  const cases: readonly (readonly [unknown, string])[] = [
    [{ nested: [{ value: 'x' }] }, 'map: map[value:x] does not contain declared merge key: name'],
    [
      { nested: [{ name: 'a', $patch: 'x' }] },
      'unknown patch type: x in map: map[$patch:x name:a]',
    ],
    [{ $patch: 'merge' }, 'unknown patch type: merge in map: map[$patch:merge]'],
    [
      { nested: [{ name: 'b', $patch: 'merge' }] },
      'merging lists cannot yet be specified in the patch',
    ],
    [{ nested: ['a'] }, 'list element types are not identical: [[map[name:a]] [a]]'],
    [{ set: [['a']] }, 'list element types are not identical: [[a] [[a]]]'],
    [{ '$setElementOrder/set': 'a' }, 'expected a []interface {}, but received a string'],
  ]
  for (const [patch, message] of cases) assert.throws(() => apply(original, patch), { message })
  const message = 'lists of lists are not supported'
  assert.throws(() => apply({ set: [] }, { set: [['a']] }), { message })
  assert.throws(() => applyStrategicMergePatch(Item, { x: {} }, { x: { y: 1 } }), {
    message: 'unable to find api field in struct Item for the json field "x"',
  })
  assert.throws(() => apply({}, []), { message: 'invalid JSON document' })
})

test('directives that make no sense fail with the texts of upstream', () => {
  const original = { name: 'n', labels: { x: '1' }, set: ['a'], nested: names('a') }
  const failures: readonly (readonly [patch: object, message: string])[] = [
    [{ $patch: 7 }, 'unknown patch type: %!s(int64=7) in map: map[$patch:7]'],
    [{ $patch: null }, 'unknown patch type: %!s(<nil>) in map: map[$patch:<nil>]'],
    [
      { labels: { $patch: { a: ['b', true] } } },
      'unknown patch type: map[a:[b %!s(bool=true)]] in map: map[$patch:map[a:[b true]]]',
    ],
    [{ '$setElementOrder/set': null }, 'expected a []interface {}, but received a %!s(<nil>)'],
    [{ '$setElementOrder/name': ['a'] }, 'expected a []interface {}, but received a string'],
    [{ '$setElementOrder/replaced': ['a'] }, 'no: the pointer to it passes for that to a list'],
    [{ '$setElementOrder/other': ['a'] }, 'expected slice or array type, but got: struct'],
    [
      { labels: { '$setElementOrder/y': ['a'] } },
      'merging an object in json but data type is not struct, instead is: map',
    ],
    [{ '$setElementOrder/nested': ['a'] }, 'value for key 0 is not a map'],
    [{ $setElementOrder: [] }, 'invalid patch format of setElementOrder list'],
    [{ $deleteFromPrimitiveList: ['a'] }, 'invalid patch format of primitive list'],
    [{ '$deleteFromPrimitiveListX/set': ['a'] }, 'invalid patch format of primitive list'],
    [
      { '$deleteFromPrimitiveList/set': [{ a: 'b' }] },
      'list element types are not identical: [[a] [map[a:b]]]',
    ],
    [
      { '$deleteFromPrimitiveList/labels': { $patch: 'merge' } },
      'unknown patch type: merge in map: map[$patch:merge]',
    ],
  ]
  for (const [patch, message] of failures) {
    const run = () => apply(original, patch)
    if (message.startsWith('no:')) assert.equal(run(), original)
    else assert.throws(run, { name: 'PatchError', message }, JSON.stringify(patch))
  }
})

test('what is deleted from something that is no list takes its place, or is merged', () => {
  const original = { name: 'n', labels: { x: '1' }, nested: names('a') }
  assert.deepEqual(apply(original, { '$deleteFromPrimitiveList/name': 'm' }), {
    ...original,
    name: 'm',
  })
  assert.deepEqual(apply(original, { '$deleteFromPrimitiveList/labels': { y: '2' } }), {
    ...original,
    labels: { x: '1', y: '2' },
  })
  const others = { '$deleteFromPrimitiveList/name': 1, '$deleteFromPrimitiveList/nested': 'a' }
  assert.equal(apply(original, { ...others, '$deleteFromPrimitiveList/absent': ['a'] }), original)
  const merged = { '$deleteFromPrimitiveList/nested': [{ name: 'a', value: '1' }] }
  assert.deepEqual(apply(original, merged), { ...original, nested: [{ name: 'a', value: '1' }] })
})
