import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseJson } from '../base/json.ts'
import { decodeJson } from './codec/json.ts'
import { decodeObject, decodeValue, strictDecodingError, strictProblems } from './decode.ts'
import { defineKind } from './kind.ts'
import { type SchemaNode, s } from './schema.ts'

const Port = s.struct('core.v1.ContainerPort', {
  name: s.string().optional(),
  containerPort: s.int32(),
  protocol: s.string().publishedDefault('TCP'),
})
const Container = s.struct('core.v1.Container', {
  name: s.string(),
  image: s.string().optional(),
  ports: s.list(Port).optional(),
  limits: s.map(s.quantity()).optional(),
})
const Spec = s.struct('core.v1.PodSpec', {
  containers: s.list(Container),
  nodeSelector: s.map(s.string()).optional(),
  grace: s.int64().optional(),
  startTime: s.time().optional(),
  target: s.intOrString().optional(),
  dnsPolicy: s.string().default('ClusterFirst'),
  strategy: s.struct('apps.v1.Strategy', { type: s.string().default('RollingUpdate') }).default({}),
})
const Thing = defineKind({
  group: 'apps',
  version: 'v1',
  kind: 'Thing',
  plural: 'things',
  scope: 'Namespaced',
  fields: { spec: Spec, data: s.map(s.bytes()).optional() },
})

const decode = (spec: unknown) => {
  const { value, problems } = decodeObject(Thing, { metadata: { name: 'a' }, spec })
  return { spec: value.spec as unknown, problems }
}
const failure = (spec: unknown): string => {
  try {
    decode(spec)
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

test('zero values, defaults and nulls', () => {
  const { value } = decodeObject(Thing, { spec: { containers: [{ ports: [{}] }], grace: null } })
  assert.deepEqual(value, {
    apiVersion: 'apps/v1',
    kind: 'Thing',
    metadata: {},
    spec: {
      containers: [{ name: '', ports: [{ containerPort: 0, protocol: 'TCP' }] }],
      dnsPolicy: 'ClusterFirst',
      strategy: { type: 'RollingUpdate' },
    },
  })
  assert.deepEqual(decode(null).spec, {
    containers: [],
    dnsPolicy: 'ClusterFirst',
    strategy: { type: 'RollingUpdate' },
  })
  assert.deepEqual(
    (decode({ nodeSelector: { a: null } }).spec as { nodeSelector: unknown }).nodeSelector,
    {
      a: '',
    },
  )
})

test('what is complete and canonical is not copied', () => {
  const spec = {
    containers: [{ name: 'c', limits: { cpu: '100m' } }],
    dnsPolicy: 'Default',
    strategy: { type: 'Recreate' },
  }
  assert.equal(decode(spec).spec, spec)
  const other = decode({ ...spec, extra: 1 }).spec as typeof spec
  assert.notEqual(other, spec)
  assert.equal(other.containers, spec.containers)
})

test('a part that was read before is as it was made then, and its problems are told again', () => {
  const first = decode({ containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] }).spec
  assert.equal(decode(first).spec, first)
  const wrong = { ...(first as object), containers: [{ name: 'a', wrong: 1 }] }
  for (let time = 0; time < 2; time++) {
    assert.deepEqual(decode(wrong).problems, ['unknown field "spec.containers[0].wrong"'])
  }
  const changed = decode({ ...(first as object), grace: 5 })
  assert.notEqual(changed.spec, first)
})

test('unknown fields are dropped and reported', () => {
  const { spec, problems } = decode({
    foo: 1,
    containers: [{ name: 'a' }, { name: 'b', ports: [{ containerPort: 1, x: {} }], Image: 'c' }],
    ['__proto__']: {},
    constructor: {},
  })
  assert.deepEqual(problems, [
    'unknown field "spec.foo"',
    'unknown field "spec.containers[1].ports[0].x"',
    'unknown field "spec.containers[1].Image"',
    'unknown field "spec.__proto__"',
    'unknown field "spec.constructor"',
  ])
  assert.ok(!Object.hasOwn(spec as object, 'foo'))
  assert.equal(
    strictDecodingError(Thing, problems.slice(0, 2)).message,
    'Thing in version "v1" cannot be handled as a Thing: strict decoding error: ' +
      'unknown field "spec.foo", unknown field "spec.containers[1].ports[0].x"',
  )
})

test('wrong types are refused in the words of Go', () => {
  const prefix = 'Thing in version "v1" cannot be handled as a Thing: '
  const cases: readonly (readonly [unknown, string])[] = [
    [
      { containers: [{ ports: [{ containerPort: 'x' }] }] },
      'json: cannot unmarshal string into Go struct field ' +
        'ContainerPort.spec.containers.ports.containerPort of type int32',
    ],
    [
      { containers: {} },
      'json: cannot unmarshal object into Go struct field PodSpec.spec.containers ' +
        'of type []v1.Container',
    ],
    [
      { nodeSelector: { a: 1 } },
      'json: cannot unmarshal number into Go struct field PodSpec.spec.nodeSelector of type string',
    ],
    [[], 'json: cannot unmarshal array into Go struct field Thing.spec of type v1.PodSpec'],
    [
      { grace: 1.5 },
      'json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.grace of type int64',
    ],
    [
      { containers: [{ ports: [{ containerPort: 2 ** 31 }] }] },
      'json: cannot unmarshal number 2147483648 into Go struct field ' +
        'ContainerPort.spec.containers.ports.containerPort of type int32',
    ],
    [
      { target: true },
      'json: cannot unmarshal bool into Go struct field PodSpec.spec.target of type int32',
    ],
    [
      { containers: [{ limits: { cpu: 'x' } }] },
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      { dnsPolicy: 1, target: [] },
      'json: cannot unmarshal array into Go struct field PodSpec.spec.target of type int32',
    ],
    [
      { dnsPolicy: 1, grace: [] },
      'json: cannot unmarshal number into Go struct field PodSpec.spec.dnsPolicy of type v1.DNSPolicy',
    ],
  ]
  for (const [spec, message] of cases) assert.equal(failure(spec), prefix + message)
  assert.match(failure({ startTime: 'now' }), /: parsing time "now" as "2006-01-02T15:04:05Z07:00"/)
})

test('scalars become canonical', () => {
  const { spec } = decode({
    containers: [{ name: 'a', limits: { cpu: 0.5, memory: '1024Mi', ['__proto__']: 3 } }],
    startTime: '2024-01-01T00:00:00.5+01:00',
    target: '80%',
  })
  const read = spec as { containers: { limits: object }[]; startTime: string; target: string }
  assert.equal(
    JSON.stringify(read.containers[0]?.limits),
    '{"cpu":"500m","memory":"1Gi","__proto__":"3"}',
  )
  assert.equal(read.startTime, '2023-12-31T23:00:00Z')
  assert.equal(read.target, '80%')
  const own = parseJson('{"limits":{"__proto__":"1000"},"name":""}')
  assert.equal(
    JSON.stringify(decodeValue(Container.node, own).value),
    '{"limits":{"__proto__":"1k"},"name":""}',
  )
})

test('64 bit integers survive', () => {
  const read = decode(parseJson('{"grace":9223372036854775807}')).spec as { grace: unknown }
  assert.equal(read.grace, 2n ** 63n - 1n)
  assert.match(
    failure(parseJson('{"grace":9223372036854775808}')),
    /number 9223372036854775808 into/,
  )
})

test('bytes may come as a list of numbers, as Go reads them', () => {
  const data = (a: unknown) => decodeObject(Thing, { data: { a } }).value.data?.['a']
  assert.equal(data([1, 2, null]), 'AQIA')
  assert.equal(data([]), '')
  assert.throws(() => data([1, 256]), { message: /unmarshal number 256 into .* of type uint8$/ })
  assert.throws(() => data(['x']), { message: /unmarshal string into .* of type uint8$/ })
})

test('bytes are checked and canonical', () => {
  const data = (text: string) => decodeObject(Thing, { data: { a: text } }).value.data?.['a']
  assert.equal(data('YWJj\nZGVm'), 'YWJjZGVm')
  assert.equal(data('YR=='), 'YQ==')
  const corrupt: Readonly<Record<string, number>> = {
    abc: 0,
    abcde: 4,
    'ab!d': 2,
    'ab=c': 2,
    'YQ==YQ==': 4,
    'a===': 1,
    'YQ=': 3,
  }
  for (const [text, at] of Object.entries(corrupt)) {
    const message = new RegExp(`a Thing: illegal base64 data at input byte ${at}$`)
    assert.throws(() => data(text), { message }, text)
  }
})

test('an object of another kind or version is refused', () => {
  assert.throws(() => decodeObject(Thing, { apiVersion: 'v1', kind: 'Thing' }), {
    message: 'the API version in the data (v1) does not match the expected API version (apps/v1)',
  })
  assert.throws(() => decodeObject(Thing, { apiVersion: 'apps/v1', kind: 'Pod' }), {
    message:
      'Pod in version "v1" cannot be handled as a Thing: ' +
      'converting (v1.Pod) to (v1.Thing): unknown conversion',
  })
})

test('a type may contain itself', () => {
  const node: SchemaNode = s.struct('x.v1.Props', {
    items: s.lazy('x.v1.Props', () => node).optional(),
    n: s.int32(),
  }).node
  assert.deepEqual(decodeValue(node, { items: { items: {} } }).value, {
    items: { items: { n: 0 }, n: 0 },
    n: 0,
  })
})

test('duplicates inside of an unknown field are not reported', () => {
  const unknown = ['unknown field "spec.x"']
  const duplicates = ['duplicate field "spec.x.y"', 'duplicate field "spec.xy"']
  assert.deepEqual(strictProblems({ problems: duplicates }, unknown), [
    'duplicate field "spec.xy"',
    ...unknown,
  ])
})

test('problems are told in the order of the document', () => {
  const text = '{"a":{"x":1,"y":2,"x":3},"bogus":{"z":1,"z":2},"bogus":1,"b":1,"b":2,"other":1}'
  const document = decodeJson(Buffer.from(text), { findDuplicates: true })
  const unknown = ['unknown field "a.y"', 'unknown field "bogus"', 'unknown field "other"']
  assert.deepEqual(strictProblems(document, unknown), [
    'unknown field "a.y"',
    'duplicate field "a.x"',
    'unknown field "bogus"',
    'duplicate field "b"',
    'unknown field "other"',
  ])
})

test('empty collections and texts that stand for nothing', () => {
  const { spec } = decode({
    nodeSelector: {},
    containers: [{ name: 'a', ports: [] }],
    dnsPolicy: '',
  })
  assert.deepEqual(spec, {
    containers: [{ name: 'a' }],
    dnsPolicy: 'ClusterFirst',
    strategy: { type: 'RollingUpdate' },
  })
})
