import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type JsonObject, s } from '../schema.ts'
import { compare } from './compare.ts'
import { FieldSet } from './field-set.ts'
import { fromFieldsV1, toFieldsV1 } from './fields-v1.ts'
import { managerId, type Owner, type Owners } from './managers.ts'
import { merge } from './merge.ts'
import { fieldSetOfValue } from './owned-fields.ts'
import { removeFields } from './remove-fields.ts'
import { shapeOf } from './shape.ts'
import { applyConfiguration, type FieldVersions, trackUpdate } from './updater.ts'

const Container = s.struct('test.v1.Container', {
  name: s.string(),
  image: s.string().optional(),
  env: s.map(s.string()).optional(),
})
const Thing = s.struct('test.v1.Thing', {
  replicas: s.int32().optional(),
  labels: s.map(s.string()).optional(),
  finalizers: s.list(s.string(), { listType: 'set' }).optional(),
  plain: s.list(s.string()).optional(),
  containers: s.list(Container, { listType: 'map', listMapKeys: ['name'] }).optional(),
})
const shape = shapeOf(Thing.node)
const version = {
  apiVersion: 'v1',
  shape,
  toStored: (object: unknown) => object,
  fromStored: (object: unknown) => object,
}
const versions: FieldVersions = {
  current: version,
  find: (apiVersion) => (apiVersion === 'v1' ? version : undefined),
}

const word = fc.constantFrom('a', 'b', 'c')
const labels = fc.dictionary(word, word, { minKeys: 1, noNullPrototype: true })
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const defined = (value: JsonObject): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject
const container = fc.record({ name: word, image: optional(word), env: optional(labels) })
const thing = fc
  .record({
    replicas: optional(fc.integer({ min: 0, max: 3 })),
    labels: optional(labels),
    finalizers: optional(fc.uniqueArray(word, { minLength: 1 })),
    plain: optional(fc.array(word, { minLength: 1, maxLength: 3 })),
    containers: optional(fc.uniqueArray(container, { selector: ({ name }) => name, minLength: 1 })),
  })
  .map(defined)

const runs = { seed: 20, numRuns: 1000 }
const path = fc.array(fc.constantFrom('f:a', 'f:b', 'k:{"n":"x"}', 'v:"y"'), {
  minLength: 1,
  maxLength: 3,
})
const fieldSet = fc.array(path, { maxLength: 8 }).map((paths) => FieldSet.of(paths))

const owner = (name: string, operation: 'Apply' | 'Update' = 'Apply'): Owner => ({
  manager: name,
  operation,
  apiVersion: 'v1',
  subresource: '',
  time: undefined,
  fields: FieldSet.empty,
  entry: undefined,
})
const apply = (live: unknown, config: unknown, owners: Owners, name: string, isForced = true) => {
  const self = owner(name)
  return applyConfiguration(versions, live, config, owners, { id: managerId(self), self, isForced })
}
const fieldsOf = (owners: Owners, name: string) =>
  owners.get(managerId(owner(name)))?.fields ?? FieldSet.empty

test('operations on sets are those of sets of paths', () => {
  const paths = (set: FieldSet) => new Set([...set.paths()].map((one) => one.join(' ')))
  fc.assert(
    fc.property(fieldSet, fieldSet, (a, b) => {
      const [left, right] = [paths(a), paths(b)]
      const expect = (actual: FieldSet, wanted: Iterable<string>) => {
        assert.deepEqual([...paths(actual)].toSorted(), [...wanted].toSorted())
        assert.equal(actual.size, paths(actual).size)
      }
      expect(a.union(b), new Set([...left, ...right]))
      expect(
        a.intersection(b),
        [...left].filter((one) => right.has(one)),
      )
      expect(
        a.difference(b),
        [...left].filter((one) => !right.has(one)),
      )
      const isBelow = (one: string) => [...right].some((top) => `${one} `.startsWith(`${top} `))
      expect(
        a.recursiveDifference(b),
        [...left].filter((one) => !isBelow(one)),
      )
      assert.ok(fromFieldsV1(JSON.parse(JSON.stringify(toFieldsV1(a)))).equals(a))
    }),
    runs,
  )
})

test('what compare finds leads from one state to the other', () => {
  fc.assert(
    fc.property(thing, thing, (before, after) => {
      const { added, modified, removed } = compare(shape, before, after)
      assert.ok(added.intersection(modified).isEmpty)
      assert.ok(added.intersection(removed).isEmpty)
      assert.ok(compare(shape, after, before).added.equals(removed))
      const merged = merge(shape, removeFields(shape, before, removed), after)
      const rest = compare(shape, merged, after)
      assert.ok(rest.added.isEmpty && rest.modified.isEmpty && rest.removed.isEmpty)
    }),
    runs,
  )
})

test('to apply again changes nothing, whatever was there', () => {
  fc.assert(
    fc.property(thing, thing, thing, (live, first, config) => {
      const once = apply(apply(live, first, new Map(), 'a').object, config, new Map(), 'b')
      const twice = apply(once.object, config, once.owners, 'b', false)
      assert.equal(twice.object, once.object)
      assert.ok(fieldsOf(twice.owners, 'b').equals(fieldsOf(once.owners, 'b')))
    }),
    runs,
  )
})

test('an object has what was applied last, and its manager owns all of it', () => {
  fc.assert(
    fc.property(thing, thing, thing, (live, before, config) => {
      const old = apply(live, before, new Map(), 'a')
      const { object, owners } = apply(old.object, config, old.owners, 'a')
      assert.ok(fieldsOf(owners, 'a').equals(fieldSetOfValue(shape, config)))
      const { added, modified } = compare(shape, object, merge(shape, object, config))
      assert.ok(added.isEmpty && modified.isEmpty)
    }),
    runs,
  )
})

test('who applies nothing any more leaves what others own and what was there', () => {
  fc.assert(
    fc.property(thing, thing, thing, (live, mine, theirs) => {
      const begun = trackUpdate(versions, {}, live, new Map(), 'none')
      const base = new Map([[managerId(owner('base', 'Update')), ownedBy(begun.changed)]])
      const first = apply(live, mine, base, 'me')
      const both = apply(first.object, theirs, first.owners, 'they')
      const { object, owners } = apply(both.object, {}, both.owners, 'me')
      assert.ok(fieldsOf(owners, 'me').isEmpty)
      const { added, modified } = compare(shape, object, merge(shape, object, theirs))
      assert.ok(added.isEmpty && modified.isEmpty)
      for (const { fields } of owners.values()) {
        const { removed } = compare(shape, both.object, object)
        assert.ok(fields.intersection(removed).isEmpty)
      }
    }),
    runs,
  )
})
const ownedBy = (fields: FieldSet): Owner => ({ ...owner('base', 'Update'), fields })

const split = (config: JsonObject, names: readonly string[]) =>
  Object.fromEntries(Object.entries(config).filter(([name]) => names.includes(name)))

test('configurations without a common field can be applied in any order', () => {
  fc.assert(
    fc.property(
      thing,
      thing,
      fc.subarray(Object.keys(Thing.node.type === 'struct' ? Thing.node.fields : {})),
      (live, config, names) => {
        const all = Object.keys(config)
        const one = split(config, names)
        const two = split(
          config,
          all.filter((name) => !names.includes(name)),
        )
        const ab = apply(apply(live, one, new Map(), 'a').object, two, new Map(), 'b').object
        const ba = apply(apply(live, two, new Map(), 'b').object, one, new Map(), 'a').object
        assert.deepEqual(ab, ba)
        assert.deepEqual(ab, apply(live, config, new Map(), 'c').object)
      },
    ),
    runs,
  )
})

test('every leaf of an object has an owner, through any history', () => {
  const step = fc.record({
    by: fc.constantFrom('a', 'b', 'c'),
    isApply: fc.boolean(),
    value: thing,
  })
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
      let live: unknown = {}
      let owners: Owners = new Map()
      for (const { by, isApply, value } of steps) {
        if (isApply) {
          const applied = apply(live, value, owners, by)
          live = applied.object
          owners = applied.owners
        } else {
          const id = managerId(owner(by, 'Update'))
          const tracked = trackUpdate(versions, live, value, owners, id)
          const fields = (tracked.owners.get(id)?.fields ?? FieldSet.empty).union(tracked.changed)
          const next = new Map(tracked.owners)
          if (!fields.isEmpty) next.set(id, { ...owner(by, 'Update'), fields })
          live = value
          owners = next
        }
      }
      const owned = [...owners.values()].reduce(
        (all, { fields }) => all.union(fields),
        FieldSet.empty,
      )
      const leaves = fieldSetOfValue(shape, live).leaves()
      const free = leaves.difference(owned)
      assert.ok(free.isEmpty, `nobody owns ${free}`)
    }),
    runs,
  )
})
