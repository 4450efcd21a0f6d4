import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineKind, type Kind, type KubeObject } from '../kind.ts'
import type { ManagedFieldsEntry } from '../object-meta.ts'
import { type JsonObject, s } from '../schema.ts'
import { StatusError } from '../status-error.ts'
import { excluding } from './field-filter.ts'
import { FieldManager } from './field-manager.ts'
import { FieldSet } from './field-set.ts'
import { shapeOf } from './shape.ts'
import type { FieldVersion } from './updater.ts'

const Thing = defineKind({
  group: 'test',
  version: 'v1',
  kind: 'Thing',
  plural: 'things',
  scope: 'Namespaced',
  fields: {
    spec: s
      .struct('test.v1.ThingSpec', {
        replicas: s.int32().optional(),
        image: s.string().optional(),
        labels: s.map(s.string()).optional(),
        names: s.list(s.string(), { listType: 'set' }).optional(),
      })
      .present(),
    status: s.struct('test.v1.ThingStatus', { ready: s.int32().optional() }).default({}),
  },
}) as unknown as Kind
/** As v1, with `count` for `replicas`. */
const Newer = defineKind({
  group: 'test',
  version: 'v2',
  kind: 'Thing',
  plural: 'things',
  scope: 'Namespaced',
  fields: {
    spec: s
      .struct('test.v2.ThingSpec', {
        count: s.int32().optional(),
        image: s.string().optional(),
      })
      .present(),
  },
}) as unknown as Kind

const renamed = (object: unknown, from: string, to: string, apiVersion: string) => {
  const { spec = {}, ...rest } = object as { spec?: Record<string, unknown> }
  const { [from]: value, ...others } = spec
  return { ...rest, apiVersion, spec: value === undefined ? others : { ...others, [to]: value } }
}
const v1: FieldVersion = {
  apiVersion: 'test/v1',
  shape: shapeOf(Thing.schema),
  filter: excluding(FieldSet.of([['f:status']])),
  toStored: (object) => object,
  fromStored: (object) => object,
}
const v2: FieldVersion = {
  apiVersion: 'test/v2',
  shape: shapeOf(Newer.schema),
  toStored: (object) => renamed(object, 'count', 'replicas', 'test/v1'),
  fromStored: (object) => renamed(object, 'replicas', 'count', 'test/v2'),
}
const find = (apiVersion: string) => [v1, v2].find((one) => one.apiVersion === apiVersion)
const manager = new FieldManager({ kind: Thing, subresource: '', versions: { current: v1, find } })
const newer = new FieldManager({ kind: Newer, subresource: '', versions: { current: v2, find } })

const AT = (second: number) => `2030-01-01T00:00:${String(second).padStart(2, '0')}Z`
type Entries = readonly ManagedFieldsEntry[] | undefined
type Spec = JsonObject

const thing = (spec: Spec, managedFields?: Entries, more: JsonObject = {}) =>
  ({
    apiVersion: 'test/v1',
    kind: 'Thing',
    metadata: { name: 'x', uid: 'u', ...(managedFields && { managedFields }), ...more },
    spec,
    status: {},
  }) as unknown as KubeObject

/** `manager operation@second: fields` for each entry. */
const show = (entries: Entries) =>
  (entries ?? []).map(
    ({ manager: name, operation, time, fieldsV1 }) =>
      `${name} ${operation}@${time?.slice(-3, -1) ?? '--'}: ${fieldNames(fieldsV1 ?? {})}`,
  )
const fieldNames = (fields: JsonObject, prefix = ''): string =>
  Object.entries(fields)
    .map(([name, below]) => {
      const inner = below as JsonObject
      const path = name === '.' ? `${prefix}.` : `${prefix}/${name.slice(2)}`
      return Object.keys(inner).length === 0 ? path : fieldNames(inner, path)
    })
    .join(' ')

const created = (spec: Spec, by = 'creator') =>
  thing(spec, manager.afterUpdate(undefined, thing(spec), { manager: by, time: AT(0) }))

const updated = (live: KubeObject, spec: Spec, by: string, second: number) =>
  thing(
    spec,
    manager.afterUpdate(live, thing(spec, live.metadata.managedFields), {
      manager: by,
      time: AT(second),
    }),
  )

function applied(
  live: KubeObject | undefined,
  spec: Spec,
  by: string,
  second: number,
  isForced = false,
): KubeObject {
  const config = { apiVersion: 'test/v1', kind: 'Thing', metadata: { name: 'x' }, spec }
  const result = manager.apply(live, config, { manager: by, time: AT(second), isForced })
  return thing((result.object as { spec: Spec }).spec, result.managedFields)
}

test('who creates owns what it set, but neither what leads there nor the server’s fields', () => {
  const object = created({ replicas: 1, labels: { a: 'x' } })
  assert.deepEqual(show(object.metadata.managedFields), [
    'creator Update@00: /spec/labels. /spec/labels/a /spec/replicas',
  ])
  assert.deepEqual(object.metadata.managedFields?.[0], {
    manager: 'creator',
    operation: 'Update',
    apiVersion: 'test/v1',
    time: AT(0),
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': { 'f:labels': { '.': {}, 'f:a': {} }, 'f:replicas': {} } },
  })
})

test('ownership moves with what is changed, and the time with the writer’s fields', () => {
  const live = created({ replicas: 1, image: 'a' })
  const taken = updated(live, { replicas: 2, image: 'a' }, 'other', 5)
  assert.deepEqual(show(taken.metadata.managedFields), [
    'creator Update@00: /spec/image',
    'other Update@05: /spec/replicas',
  ])
  const again = updated(taken, { replicas: 3, image: 'a' }, 'other', 9)
  assert.deepEqual(show(again.metadata.managedFields), [
    'creator Update@00: /spec/image',
    'other Update@09: /spec/replicas',
  ])
  const removed = updated(again, { image: 'a' }, 'creator', 12)
  assert.deepEqual(show(removed.metadata.managedFields), ['creator Update@00: /spec/image'])
  const same = updated(removed, { image: 'a' }, 'third', 15)
  assert.equal(same.metadata.managedFields, removed.metadata.managedFields, 'the same list')
})

test('status is not owned by who writes the main resource', () => {
  const next = { ...thing({ replicas: 1 }), status: { ready: 1 } } as KubeObject
  const entries = manager.afterUpdate(undefined, next, { manager: 'm', time: AT(0) })
  assert.deepEqual(show(entries), ['m Update@00: /spec/replicas'])
})

test('an object without managed fields is not tracked until it is applied', () => {
  const live = thing({ replicas: 1 })
  assert.equal(updated(live, { replicas: 2 }, 'm', 1).metadata.managedFields, undefined)
  const first = applied(live, { replicas: 1 }, 'a', 3)
  assert.deepEqual(show(first.metadata.managedFields), [
    'a Apply@--: /spec/replicas',
    'before-first-apply Update@03: /spec/replicas',
  ])
})

test('clients may reset managed fields, leave them out, or send nonsense', () => {
  const live = created({ replicas: 1 })
  const before = live.metadata.managedFields
  const send = (entries: Entries) =>
    manager.afterUpdate(live, thing({ replicas: 1 }, entries), { manager: 'm', time: AT(1) })
  assert.equal(send([]), undefined)
  assert.equal(send([{}]), undefined)
  assert.equal(send(undefined), before)
  assert.equal(send(JSON.parse(JSON.stringify(before)) as Entries), before)
  assert.equal(send([{ manager: 'x', operation: 'Update', apiVersion: 'test/v1' }]), before)
  const bad = { 'no colon': {} }
  const entry = { manager: 'x', operation: 'Update', apiVersion: 'test/v1', fieldsV1: bad } as const
  assert.equal(send([{ ...entry, fieldsType: 'FieldsV1' }]), before)
  const own = [{ ...entry, fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': { 'f:image': {} } } }]
  assert.deepEqual(show(send(own)), ['x Update@--: /spec/image'], 'what they send is taken')
})

test('the oldest of too many writers become one', () => {
  let live = created({ labels: { base: 'x' } })
  const labels: Record<string, string> = { base: 'x' }
  for (let writer = 1; writer <= 12; writer++) {
    labels[`l${writer}`] = 'x'
    live = updated(live, { labels: { ...labels } }, `w${String(writer).padStart(2, '0')}`, writer)
  }
  const entries = show(live.metadata.managedFields)
  assert.equal(entries.length, 10)
  assert.equal(
    entries[0],
    'ancient-changes Update@03: /spec/labels. /spec/labels/base /spec/labels/l1 ' +
      '/spec/labels/l2 /spec/labels/l3',
  )
  assert.equal(entries[9], 'w12 Update@12: /spec/labels/l12')
})

test('conflicts name every manager and field, sorted', () => {
  let live = applied(undefined, { replicas: 1, image: 'a' }, 'alice', 1)
  live = updated(live, { replicas: 1, image: 'a', labels: { x: '1', y: '1' } }, 'bob', 2)
  const conflict = (spec: Spec) => {
    try {
      applied(live, spec, 'carol', 3)
    } catch (error) {
      assert.ok(error instanceof StatusError)
      return { message: error.message, causes: error.details?.causes, code: error.code }
    }
    return assert.fail('no conflict')
  }
  assert.deepEqual(conflict({ labels: { x: '2' } }), {
    code: 409,
    message: 'Apply failed with 1 conflict: conflict with "bob" using test/v1: .spec.labels.x',
    causes: [
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "bob" using test/v1',
        field: '.spec.labels.x',
      },
    ],
  })
  assert.equal(
    conflict({ replicas: 2, image: 'b', labels: { y: '2', x: '2' } }).message,
    'Apply failed with 4 conflicts: conflicts with "alice":\n- .spec.image\n- .spec.replicas\n' +
      'conflicts with "bob" using test/v1:\n- .spec.labels.x\n- .spec.labels.y',
  )
  const forced = applied(live, { replicas: 2, labels: { y: '2' } }, 'carol', 3, true)
  assert.deepEqual(show(forced.metadata.managedFields), [
    'alice Apply@01: /spec/image',
    'carol Apply@03: /spec/labels/y /spec/replicas',
    'bob Update@02: /spec/labels. /spec/labels/x',
  ])
})

test('what is applied no more goes, unless somebody else wants it', () => {
  const spec = { replicas: 1, image: 'a', names: ['a', 'b'] }
  let live = applied(undefined, spec, 'alice', 1)
  live = applied(live, { names: ['b'], replicas: 1 }, 'bob', 2)
  live = updated(live, { ...spec, labels: { x: '1' } }, 'carol', 3)
  live = applied(live, {}, 'alice', 4)
  assert.deepEqual((live as KubeObject & { spec: Spec }).spec, {
    replicas: 1,
    names: ['b'],
    labels: { x: '1' },
  })
  assert.deepEqual(show(live.metadata.managedFields), [
    'bob Apply@--: /spec/names/"b" /spec/replicas',
    'alice Apply@04: /spec',
    'carol Update@03: /spec/labels. /spec/labels/x',
  ])
})

test('what nobody owns stays beside what goes', () => {
  const first = applied(undefined, { replicas: 1, labels: { a: '1' } }, 'alice', 1)
  const live = thing(
    { replicas: 1, image: 'x', labels: { a: '1', b: '2' }, names: ['n'] },
    first.metadata.managedFields,
  )
  const { spec } = applied(live, { labels: { b: '2' } }, 'alice', 2) as KubeObject & { spec: Spec }
  assert.deepEqual(spec, { image: 'x', labels: { b: '2' }, names: ['n'] })
})

test('the managers of another version lose what changes in their version', () => {
  const live = created({ replicas: 1, image: 'a' })
  const asNewer = { ...(v2.fromStored(live) as KubeObject), spec: { count: 2, image: 'a' } }
  const taken = newer.afterUpdate(v2.fromStored(live) as KubeObject, asNewer as KubeObject, {
    manager: 'other',
    time: AT(1),
  })
  assert.deepEqual(show(taken), ['creator Update@00: /spec/image', 'other Update@01: /spec/count'])
  const next = thing({ replicas: 3, image: 'a' }, taken)
  const back = manager.afterUpdate(thing({ replicas: 2, image: 'a' }, taken), next, {
    manager: 'creator',
    time: AT(2),
  })
  assert.deepEqual(show(back), ['creator Update@02: /spec/image /spec/replicas'])
  const gone = taken?.map((entry) => ({ ...entry, apiVersion: 'test/v0' }))
  const kept = manager.afterUpdate(thing({ image: 'a' }, gone), thing({ image: 'b' }, gone), {
    manager: 'm',
    time: AT(3),
  })
  assert.deepEqual(show(kept), ['m Update@03: /spec/image'], 'a version that is gone is forgotten')
})

test('an apply in another version removes what was applied before', () => {
  const live = applied(undefined, { replicas: 2, image: 'a' }, 'alice', 1)
  const config = {
    apiVersion: 'test/v2',
    kind: 'Thing',
    metadata: { name: 'x' },
    spec: { image: 'a' },
  }
  const result = newer.apply(v2.fromStored(live) as KubeObject, config, {
    manager: 'alice',
    time: AT(2),
    isForced: false,
  })
  assert.deepEqual((result.object as { spec: Spec }).spec, { image: 'a' })
  assert.deepEqual(
    result.managedFields?.map(({ apiVersion, operation }) => [apiVersion, operation]),
    [['test/v2', 'Apply']],
  )
})

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

test('kubectl may take back what it applied on the client’s side', () => {
  const record = {
    apiVersion: 'test/v1',
    kind: 'Thing',
    metadata: { name: 'x' },
    spec: { replicas: 1, image: 'a' },
  }
  const annotations = { [LAST_APPLIED]: JSON.stringify(record) }
  const make = (spec: Spec) => {
    const object = thing(spec, undefined, { annotations })
    const writer = { manager: 'kubectl-client-side-apply', time: AT(0) }
    const managedFields = manager.afterUpdate(undefined, object, writer)
    return thing(spec, managedFields, { annotations })
  }
  const config = { ...record, spec: { replicas: 2, image: 'a>b' } }
  const options = { manager: 'kubectl', time: AT(1), isForced: false }
  const { object } = manager.apply(make({ replicas: 1, image: 'a' }), config, options)
  const metadata = (object as unknown as KubeObject).metadata
  assert.equal(
    metadata.annotations?.[LAST_APPLIED],
    '{"apiVersion":"test/v1","kind":"Thing","metadata":{"name":"x"},' +
      '"spec":{"image":"a\\u003eb","replicas":2}}\n',
  )
  const changedSince = make({ replicas: 7, image: 'a' })
  assert.throws(() => manager.apply(changedSince, config, options), /\.spec\.replicas$/)
  const asOther = { ...options, manager: 'other' }
  assert.throws(() => manager.apply(make({ replicas: 1 }), config, asOther), /\.spec\.replicas$/)
})

test('what is no configuration is refused', () => {
  const config = { apiVersion: 'test/v1', kind: 'Thing', metadata: { name: 'x', namespace: 'n' } }
  const options = { manager: 'm', time: AT(0), isForced: false }
  const cases: [config: Record<string, unknown>, code: number, message: string][] = [
    [{ ...config, kind: 'Other' }, 400, 'invalid object type: test/v1, Kind=Other'],
    [{ ...config, apiVersion: 'v3' }, 400, 'invalid object type: /v3, Kind=Thing'],
    [{ ...config, metadata: { managedFields: [] } }, 400, 'metadata.managedFields must be nil'],
    [
      { ...config, spec: { bogus: 1 } },
      500,
      'failed to create typed patch object (n/x; test/v1, Kind=Thing): ' +
        '.spec.bogus: field not declared in schema',
    ],
  ]
  for (const [given, code, message] of cases) {
    assert.throws(() => manager.apply(undefined, given, options), { code, message })
  }
  const live = thing({}, [{ manager: 'x', operation: 'Update' }])
  assert.throws(() => manager.apply(live, config, options), {
    message: 'failed to decode managed fields: apiVersion must not be empty',
  })
})
