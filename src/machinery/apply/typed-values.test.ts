import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Schema, s } from '../schema.ts'
import { compare } from './compare.ts'
import { FieldSet } from './field-set.ts'
import { fromFieldsV1 } from './fields-v1.ts'
import { merge } from './merge.ts'
import { fieldSetOfValue } from './owned-fields.ts'
import { TypedValueError } from './path-element.ts'
import { removeFields } from './remove-fields.ts'
import { shapeOf } from './shape.ts'
import { validateTyped } from './validate-typed.ts'

const Port = s.struct('test.v1.Port', {
  port: s.int32(),
  protocol: s.string().publishedDefault('TCP'),
  name: s.string().optional(),
})
const Container = s.struct('test.v1.Container', {
  name: s.string(),
  image: s.string().optional(),
  args: s.list(s.string(), { listType: 'atomic' }).optional(),
  ports: s.list(Port, { listType: 'map', listMapKeys: ['port', 'protocol'] }).optional(),
})
const Selector = s.struct(
  'test.v1.Selector',
  { matchLabels: s.map(s.string()).optional() },
  { mapType: 'atomic' },
)
const Thing = s.struct('test.v1.Thing', {
  replicas: s.int32().optional(),
  paused: s.bool().optional(),
  size: s.quantity().optional(),
  port: s.intOrString().optional(),
  labels: s.map(s.string()).optional(),
  selector: Selector.optional(),
  granular: Selector.granular().optional(),
  finalizers: s.list(s.string(), { listType: 'set' }).optional(),
  numbers: s.list(s.int32(), { listType: 'set' }).optional(),
  plain: s.list(s.string()).optional(),
  merged: s.list(Container, { patchStrategy: 'merge', patchMergeKey: 'name' }).optional(),
  containers: s.list(Container, { listType: 'map', listMapKeys: ['name'] }).optional(),
  raw: s.raw().optional(),
  anything: s.json('test.v1.JSON').optional(),
})
const thing = shapeOf(Thing.node)
const sorted = (fields: FieldSet) => fields.toString().split('\n').toSorted().filter(Boolean)

test('the fields that a configuration sets', () => {
  const cases: [config: object, fields: string[]][] = [
    [{ replicas: 1, paused: false }, ['.paused', '.replicas']],
    [{ labels: { a: 'x', b: 'y' } }, ['.labels.a', '.labels.b']],
    [{ labels: {} }, ['.labels']],
    [{ labels: null, containers: null, replicas: null }, ['.containers', '.labels', '.replicas']],
    [{ selector: { matchLabels: { a: 'x' } } }, ['.selector']],
    [{ granular: { matchLabels: { a: 'x' } } }, ['.granular.matchLabels.a']],
    [{ finalizers: ['a', 'b'] }, ['.finalizers[="a"]', '.finalizers[="b"]']],
    [{ numbers: [2, 1] }, ['.numbers[=1]', '.numbers[=2]']],
    [{ plain: ['a'], raw: { a: 1 } }, ['.plain', '.raw']],
    [{ containers: [] }, []],
    [{ anything: { a: { b: [1] }, c: 2 } }, ['.anything.a', '.anything.a.b', '.anything.c']],
    [
      { containers: [{ name: 'c', args: ['x'], ports: [{ port: 80 }] }] },
      [
        '.containers[name="c"]',
        '.containers[name="c"].args',
        '.containers[name="c"].name',
        '.containers[name="c"].ports[port=80,protocol="TCP"]',
        '.containers[name="c"].ports[port=80,protocol="TCP"].port',
      ],
    ],
    [{ merged: [{ image: 'i' }] }, ['.merged[name=""]', '.merged[name=""].image']],
  ]
  for (const [config, fields] of cases) {
    assert.deepEqual(sorted(fieldSetOfValue(thing, config)), fields, JSON.stringify(config))
  }
})

test('two states are compared field by field', () => {
  const cases: [before: object, after: object, changes: string[]][] = [
    [{ replicas: 1 }, { replicas: 2 }, ['~.replicas']],
    [{ replicas: 1 }, {}, ['-.replicas']],
    [{ replicas: 1 }, { replicas: null }, ['~.replicas']],
    [{}, { labels: { a: 'x' } }, ['+.labels', '+.labels.a']],
    [{ labels: {} }, { labels: { a: 'x' } }, ['+.labels.a']],
    [{ labels: null }, { labels: { a: 'x' } }, ['+.labels.a']],
    [{ labels: { a: 'x', b: 'y' } }, { labels: { b: 'z' } }, ['-.labels.a', '~.labels.b']],
    [{ labels: { a: 'x' } }, { labels: {} }, ['-.labels.a']],
    [{ plain: null }, { plain: [] }, ['~.plain']],
    [{ plain: ['a', 'b'] }, { plain: ['b', 'a'] }, ['~.plain']],
    [{ finalizers: ['a', 'b'] }, { finalizers: ['b', 'a'] }, []],
    [{ finalizers: ['a'] }, { finalizers: ['b'] }, ['+.finalizers[="b"]', '-.finalizers[="a"]']],
    [
      { finalizers: ['a', 'a'] },
      { finalizers: ['a'] },
      ['+.finalizers[="a"]', '-.finalizers[="a"]'],
    ],
    [
      { finalizers: ['a'] },
      { finalizers: ['a', 'a'] },
      ['+.finalizers[="a"]', '-.finalizers[="a"]'],
    ],
    [
      { selector: { matchLabels: { a: 'x' } } },
      { selector: { matchLabels: { a: 'y' } } },
      ['~.selector'],
    ],
    [
      { containers: [{ name: 'a', image: '1' }, { name: 'b' }] },
      { containers: [{ name: 'b' }, { name: 'a', image: '2', args: [] }] },
      ['+.containers[name="a"].args', '~.containers[name="a"].image'],
    ],
    [
      { containers: [{ name: 'a', ports: [{ port: 80 }] }] },
      { containers: [{ name: 'a', ports: [{ port: 80, protocol: 'TCP' }] }] },
      ['+.containers[name="a"].ports[port=80,protocol="TCP"].protocol'],
    ],
    [{ anything: { a: 1 } }, { anything: 2 }, ['-.anything.a', '~.anything']],
    [{ anything: 2 }, { anything: { a: 1 } }, ['+.anything.a', '~.anything']],
    [{ anything: [2] }, { anything: { a: 1 } }, ['+.anything.a', '~.anything']],
    [{ anything: 2 }, { anything: {} }, ['~.anything']],
    [{ anything: null }, { anything: { a: 1 } }, ['+.anything.a']],
    [{ raw: { a: 1 } }, { raw: { a: 2 } }, ['~.raw']],
  ]
  for (const [before, after, expected] of cases) {
    const { added, modified, removed } = compare(thing, before, after)
    const changes = [
      ...sorted(added).map((path) => `+${path}`),
      ...sorted(removed).map((path) => `-${path}`),
      ...sorted(modified).map((path) => `~${path}`),
    ]
    assert.deepEqual(changes, expected, `${JSON.stringify(before)} → ${JSON.stringify(after)}`)
  }
})

test('parts that are shared are not looked into', () => {
  const trap = new Proxy({}, { ownKeys: () => assert.fail('it was looked into') })
  const { modified } = compare(thing, { labels: trap, replicas: 1 }, { labels: trap, replicas: 2 })
  assert.deepEqual(sorted(modified), ['.replicas'])
})

test('the order of merged lists', () => {
  const cases: [live: string, config: string, merged: string][] = [
    ['abc', '', 'abc'],
    ['', 'abc', 'abc'],
    ['abc', 'abc', 'abc'],
    ['abc', 'cba', 'cba'],
    ['abc', 'd', 'abcd'],
    ['abcd', 'bd', 'abcd'],
    ['abcd', 'db', 'acdb'],
    ['abc', 'bx', 'abcx'],
    ['abc', 'xb', 'axbc'],
    ['abc', 'ca', 'bca'],
    ['ab', 'cb', 'acb'],
    ['abcde', 'ecx', 'abdecx'],
  ]
  for (const [live, config, expected] of cases) {
    const set = { finalizers: [...live] }
    const merged = merge(thing, set, { finalizers: [...config] }) as { finalizers: string[] }
    assert.equal(merged.finalizers.join(''), expected, `${live} with ${config}`)
    const items = (names: string) => [...names].map((name) => ({ name }))
    const list = merge(thing, { containers: items(live) }, { containers: items(config) }) as {
      containers: { name: string }[]
    }
    assert.equal(list.containers.map(({ name }) => name).join(''), expected)
  }
})

test('a configuration over the live object', () => {
  const cases: [live: object, config: object, merged: object][] = [
    [{ replicas: 1, paused: true }, { replicas: 2 }, { replicas: 2, paused: true }],
    [{ labels: { a: 'x' } }, { labels: { b: 'y' } }, { labels: { a: 'x', b: 'y' } }],
    [{ labels: { a: 'x' } }, { labels: null }, { labels: { a: 'x' } }],
    [{ labels: {} }, { labels: null }, { labels: null }],
    [{ replicas: 1 }, { replicas: null }, { replicas: null }],
    [{ plain: ['a'] }, { plain: ['b'] }, { plain: ['b'] }],
    [
      { selector: { matchLabels: { a: 'x' } } },
      { selector: { matchLabels: { b: 'y' } } },
      { selector: { matchLabels: { b: 'y' } } },
    ],
    [
      { granular: { matchLabels: { a: 'x' } } },
      { granular: { matchLabels: { b: 'y' } } },
      { granular: { matchLabels: { a: 'x', b: 'y' } } },
    ],
    [
      { containers: [{ name: 'a', image: '1' }] },
      { containers: [{ name: 'a', args: ['x'] }] },
      { containers: [{ name: 'a', image: '1', args: ['x'] }] },
    ],
    [
      {
        containers: [
          { name: 'a', image: '1' },
          { name: 'a', image: '2' },
        ],
      },
      { containers: [{ name: 'a', image: '3' }] },
      { containers: [{ name: 'a', image: '3' }] },
    ],
    [
      { containers: [{ name: 'a', ports: [{ port: 80, protocol: 'TCP', name: 'x' }] }] },
      { containers: [{ name: 'a', ports: [{ port: 80, name: 'y' }] }] },
      { containers: [{ name: 'a', ports: [{ port: 80, protocol: 'TCP', name: 'y' }] }] },
    ],
    [
      { anything: { a: { b: 1 } } },
      { anything: { a: { c: 2 } } },
      { anything: { a: { b: 1, c: 2 } } },
    ],
    [{ raw: { a: 1 } }, { raw: { b: 2 } }, { raw: { b: 2 } }],
  ]
  for (const [live, config, merged] of cases) {
    assert.deepEqual(merge(thing, live, config), merged, JSON.stringify(config))
  }
  const live = { labels: { a: 'x' }, containers: [{ name: 'a', image: '1' }] }
  assert.equal(
    merge(thing, live, { labels: { a: 'x' }, containers: [{ name: 'a', image: '1' }] }),
    live,
    'what changes nothing is shared',
  )
})

test('fields are taken away', () => {
  const value = {
    replicas: 1,
    labels: { a: 'x', b: 'y' },
    finalizers: ['a', 'b'],
    containers: [
      { name: 'a', image: '1', ports: [{ port: 80, protocol: 'TCP' }] },
      { name: 'b', image: '2' },
    ],
  }
  const cases: [fields: object, left: object][] = [
    [{ 'f:replicas': {} }, { ...value, replicas: undefined }],
    [{ 'f:labels': { 'f:a': {} } }, { ...value, labels: { b: 'y' } }],
    [{ 'f:labels': { 'f:a': {}, 'f:b': {} } }, { ...value, labels: {} }],
    [{ 'f:finalizers': { 'v:"a"': {} } }, { ...value, finalizers: ['b'] }],
    [
      { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:image': {} } } },
      { ...value, containers: [value.containers[1]] },
    ],
    [
      {
        'f:containers': {
          'k:{"name":"a"}': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': {} } },
        },
      },
      { ...value, containers: [{ name: 'a', image: '1', ports: [] }, value.containers[1]] },
    ],
    [{ 'f:nothing': {} }, value],
  ]
  for (const [fields, left] of cases) {
    const set = fromFieldsV1(fields as Record<string, object>)
    const plain = (given: unknown) => JSON.parse(JSON.stringify(given)) as unknown
    assert.deepEqual(plain(removeFields(thing, value, set)), plain(left), JSON.stringify(fields))
  }
  assert.equal(removeFields(thing, value, FieldSet.of([['f:nothing']])), value)
})

test('a configuration that does not fit is refused in upstream’s words', () => {
  const cases: [config: object, text: string][] = [
    [{ bogus: 1 }, '.bogus: field not declared in schema'],
    [{ replicas: 'x' }, '.replicas: expected numeric (int or float), got string'],
    [{ paused: 'x' }, '.paused: expected boolean, got &{x}'],
    [{ labels: { a: 1 } }, '.labels.a: expected string, got &value.valueUnstructured{Value:1}'],
    [{ labels: 'x' }, '.labels: expected map, got &{x}'],
    [{ plain: { b: 1, a: [true] } }, '.plain: expected list, got &{map[a:[true] b:1]}'],
    [
      { containers: [{ name: 'a' }, { name: 'a' }] },
      '.containers: duplicate entries for key [name="a"]',
    ],
    [
      { containers: [{ name: {} }] },
      '.containers[name=].name: expected string, got ' +
        '&value.valueUnstructured{Value:map[string]interface {}{}}',
    ],
    [
      { finalizers: [{}] },
      `.finalizers: element 0: associative list without keys has an element that's a map type`,
    ],
    [
      { containers: [null] },
      '.containers: element 0: associative list with keys may not have a null element',
    ],
    [
      { containers: [{ name: 'a', image: 1, x: 2 }], replicas: [] },
      'errors:\n  .containers[name="a"].image: expected string, got ' +
        '&value.valueUnstructured{Value:1}\n  .containers[name="a"].x: field not declared in ' +
        'schema\n  .replicas: expected numeric (int or float), got []interface {}',
    ],
  ]
  for (const [config, text] of cases) {
    assert.throws(() => validateTyped(thing, config), new TypedValueError(text))
  }
  validateTyped(thing, { size: 1, port: 'http', raw: [1], anything: { a: [{}] }, labels: null })
})

const Recursive: Schema<unknown, unknown> = s.struct('test.v1.Recursive', {
  name: s.string().optional(),
  children: s
    .list(
      s.lazy('test.v1.Recursive', () => Recursive.node),
      {
        listType: 'map',
        listMapKeys: ['name'],
      },
    )
    .optional(),
})

test('a type may contain itself', () => {
  const shape = shapeOf(Recursive.node)
  const value = { name: 'a', children: [{ name: 'b', children: [{ name: 'c' }] }] }
  assert.deepEqual(sorted(compare(shape, { name: 'a', children: [{ name: 'b' }] }, value).added), [
    '.children[name="b"].children',
    '.children[name="b"].children[name="c"]',
    '.children[name="b"].children[name="c"].name',
  ])
})
