import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { builtInKinds } from '../src/kinds/index.ts'
import { compare } from '../src/machinery/apply/compare.ts'
import { FieldManager } from '../src/machinery/apply/field-manager.ts'
import { FieldSet } from '../src/machinery/apply/field-set.ts'
import { fromFieldsV1, toFieldsV1 } from '../src/machinery/apply/fields-v1.ts'
import { fieldSetOfValue } from '../src/machinery/apply/owned-fields.ts'
import { shapeOf } from '../src/machinery/apply/shape.ts'
import type { FieldVersion } from '../src/machinery/apply/updater.ts'
import { validateTyped } from '../src/machinery/apply/validate-typed.ts'
import { zeroObject } from '../src/machinery/apply/zero-object.ts'
import { decodeObject } from '../src/machinery/decode.ts'
import type { Kind, KubeObject } from '../src/machinery/kind.ts'
import type { ManagedFieldsEntry } from '../src/machinery/object-meta.ts'
import { readUpstream, upstreamIsMissing } from './support/upstream.ts'

const files = upstreamIsMissing
  ? []
  : readdirSync(join(process.cwd(), '..', 'shared', 'upstream', 'api-testdata'))

function managerOf(kind: Kind): FieldManager {
  const current: FieldVersion = {
    apiVersion: kind.apiVersion,
    shape: shapeOf(kind.schema),
    toStored: (object) => object,
    fromStored: (object) => object,
  }
  const find = (apiVersion: string) => (apiVersion === kind.apiVersion ? current : undefined)
  return new FieldManager({ kind, subresource: '', versions: { current, find } })
}

describe('objects with every field set are applied whole and removed whole', {
  skip: upstreamIsMissing,
}, () => {
  const seen = new Set<string>()
  for (const kind of builtInKinds) {
    const file = `${kind.group === '' ? 'core' : kind.group}.${kind.version}.${kind.kind}.json`
    if (!files.includes(file)) continue
    seen.add(file)
    test(`${kind.apiVersion} ${kind.kind}`, () => {
      const config = withoutServerFields(readUpstream<Config>(`api-testdata/${file}`))
      const shape = shapeOf(kind.schema)
      validateTyped(shape, config)
      const manager = managerOf(kind)
      const options = { manager: 'm', time: '2030-01-01T00:00:00Z', isForced: false }
      const applied = manager.apply(undefined, config, options)
      assertFieldsAreCanonical(applied.managedFields)

      // What is new in an object is what its creator owns: all that apply owns, and more.
      const { value } = decodeObject(kind, config)
      const zero = zeroObject(kind)
      const created = compare(shape, zero, value)
      const missing = ownedFields(applied.managedFields)
        .difference(created.added)
        .difference(created.modified)
        .difference(fieldSetOfValue(shape, zero))
      assert.equal(missing.toString(), '')

      const live = withManagedFields(applied.object, applied.managedFields)
      const again = manager.apply(live, config, options)
      assert.equal(again.managedFields, applied.managedFields, 'the same list')
      const { metadata, apiVersion, kind: name } = config
      const bare = { apiVersion, kind: name, metadata: { name: metadata['name'] } }
      const emptied = manager.apply(live, bare, options)
      assert.deepEqual(leaves(emptied.object), leaves(bare))
      assert.equal(emptied.managedFields, undefined)
    })
  }

  test('most kinds were applied', () => {
    assert.ok(seen.size > 85, `${seen.size} kinds`)
  })
})

interface Config extends Record<string, unknown> {
  readonly metadata: Record<string, unknown>
}

/** What the server alone writes belongs to nobody. */
function withoutServerFields(object: Config): Config {
  const { name, labels, annotations, finalizers, ownerReferences } = object.metadata
  return { ...object, metadata: { name, labels, annotations, finalizers, ownerReferences } }
}

function withManagedFields(
  object: Record<string, unknown>,
  managedFields: readonly ManagedFieldsEntry[] | undefined,
): KubeObject {
  const metadata = { ...(object['metadata'] as object), uid: 'u', managedFields }
  return { ...object, metadata } as unknown as KubeObject
}

function ownedFields(entries: readonly ManagedFieldsEntry[] = []): FieldSet {
  return entries.reduce(
    (all, { fieldsV1 = {} }) => all.union(fromFieldsV1(fieldsV1)),
    FieldSet.empty,
  )
}

function assertFieldsAreCanonical(entries: readonly ManagedFieldsEntry[] = []): void {
  for (const { fieldsV1 = {} } of entries) {
    const text = JSON.stringify(fieldsV1)
    assert.equal(JSON.stringify(toFieldsV1(fromFieldsV1(JSON.parse(text)))), text)
  }
}

/** Where an object has values; empty lists and objects are none. */
function leaves(value: unknown, place = ''): readonly string[] {
  if (value === null || value === undefined) return []
  if (typeof value !== 'object') return IS_SERVER_FIELD.test(place) ? [] : [place]
  return Object.entries(value).flatMap(([key, one]) => leaves(one, `${place}/${key}`))
}
const IS_SERVER_FIELD = /^\/metadata\/(uid|managedFields)/
