import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { builtInKinds } from '../src/kinds/index.ts'
import * as discovery from '../src/machinery/meta-discovery.ts'
import * as options from '../src/machinery/meta-options.ts'
import * as status from '../src/machinery/meta-status.ts'
import * as watch from '../src/machinery/meta-watch-event.ts'
import { ListMeta } from '../src/machinery/object-meta.ts'
import {
  type FieldNode,
  Schema,
  type SchemaNode,
  type StructNode,
} from '../src/machinery/schema.ts'
import { factsName, structsOf } from './support/structs.ts'
import { readUpstream, upstreamIsMissing } from './support/upstream.ts'

interface FieldFacts {
  readonly t: string
  readonly req?: true | undefined
  readonly def?: unknown
  readonly enum?: readonly string[] | undefined
  readonly mergeKey?: string | undefined
  readonly patch?: string | undefined
  readonly list?: string | undefined
  readonly keys?: readonly string[] | undefined
  readonly map?: string | undefined
}

interface TypeFacts {
  readonly fields?: Readonly<Record<string, FieldFacts>>
  readonly mapType?: string
  readonly type?: string
  readonly gvk?: readonly string[]
}

/** Structs that no kind holds: what requests and answers are made of. */
const answers: readonly SchemaNode[] = [discovery, options, status, watch, { ListMeta }]
  .flatMap((module) => Object.values(module) as unknown[])
  .flatMap((value) => (value instanceof Schema ? [value.node] : []))

const structs = structsOf([...builtInKinds.map(({ schema }) => schema), ...answers])

/** Struct of which the facts hold no fields, since OpenAPI does not describe them. */
const notInOpenApi = /Options$/

/** The facts miss values that upstream makes from other constants. */
const enumsOfFacts: Readonly<Record<string, readonly string[]>> = {
  'discovery.v1.EndpointSlice.addressType': ['FQDN'],
}

/** Scalars and free-form types: no structs, and the reason why. */
const notStructs = new Set([
  'io.k8s.apimachinery.pkg.api.resource.Quantity',
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
  'io.k8s.apimachinery.pkg.runtime.RawExtension',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray',
  // The body of a PATCH: its form depends on the content type.
  'io.k8s.apimachinery.pkg.apis.meta.v1.Patch',
  // What /version answers; the API server declares it.
  'io.k8s.apimachinery.pkg.version.Info',
])

describe('declarations equal upstream\u2019s facts', { skip: upstreamIsMissing }, () => {
  const facts = upstreamIsMissing
    ? {}
    : readUpstream<Record<string, TypeFacts>>('schema-facts.json')

  test('every type is declared', () => {
    const declared = new Set([...structs.keys()].map(factsName))
    for (const kind of builtInKinds) {
      if (!kind.isVirtual) declared.add(factsName(kind.schema.name.replace(/\w+$/, kind.listKind)))
    }
    declared.add(factsName('core.v1.ComponentStatusList'))
    const missing = Object.keys(facts).filter(
      (name) => !declared.has(name) && !notStructs.has(name),
    )
    assert.deepEqual(missing, [])
  })

  for (const [name, variants] of structs) {
    if (notInOpenApi.test(name) && !Object.hasOwn(facts, factsName(name))) continue
    test(name, () => {
      const expected = facts[factsName(name)]
      assert.ok(expected !== undefined, 'upstream has no such type')
      for (const struct of variants) {
        assert.equal(struct.mapType, expected.mapType, 'mapType')
        assert.deepEqual(describeStruct(struct), expectedFields(name, expected))
      }
    })
  }
})

function describeStruct(struct: StructNode): Record<string, FieldFacts> {
  return Object.fromEntries(
    Object.entries(struct.fields).map(([name, field]) => [name, describeField(field)]),
  )
}

function describeField(field: FieldNode): FieldFacts {
  const { node } = field
  const list =
    node.type === 'list'
      ? {
          list: node.listType,
          keys: node.listMapKeys,
          patch: node.patchStrategy,
          mergeKey: node.patchMergeKey,
        }
      : node.type === 'scalar'
        ? { list: node.listType }
        : {}
  return dropUndefined({
    t: typeText(node),
    req: field.required || undefined,
    def: field.publishesDefault && !isZero(field.default) ? field.default : undefined,
    enum: enumOf(node),
    map: field.mapType ?? (node.type === 'map' ? node.mapType : undefined),
    patch: field.patchStrategy,
    ...list,
  })
}

function expectedFields(struct: string, { fields = {} }: TypeFacts): Record<string, FieldFacts> {
  return Object.fromEntries(
    Object.entries(fields).map(
      ([name, { n: _, ...field }]: [string, FieldFacts & { n?: number }]) => {
        // Zero values follow from how upstream holds a field; the OpenAPI documents settle those.
        const { def, ...rest } = field
        const expected = def === undefined || isZero(def) ? rest : field
        const known = enumsOfFacts[`${struct}.${name}`]
        if (known === undefined) return [name, expected]
        assert.deepEqual(expected.enum, known, 'the facts have changed; drop the exception')
        return [name, { ...expected, enum: ['FQDN', 'IPv4', 'IPv6'] }]
      },
    ),
  )
}

function isZero(value: unknown): boolean {
  return value === 0 || value === false || value === '' || JSON.stringify(value) === '{}'
}

const JSON_TYPES: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'boolean',
  int32: 'integer:int32',
  int64: 'integer:int64',
  double: 'number:double',
  byte: 'string:byte',
  time: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
  'micro-time': 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  'int-or-string': 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  raw: 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  'fields-v1': 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
}

function typeText(node: SchemaNode): string {
  if (node.type === 'list') return `[${typeText(node.items)}]`
  if (node.type === 'map') return `{${typeText(node.values)}}`
  if (node.type === 'scalar')
    return node.name === undefined ? (JSON_TYPES[node.format] ?? '') : factsName(node.name)
  return factsName(node.name)
}

function enumOf(node: SchemaNode): readonly string[] | undefined {
  if (node.type === 'list') return enumOf(node.items)
  return node.type === 'scalar' ? node.enum?.toSorted() : undefined
}

function dropUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T
}
