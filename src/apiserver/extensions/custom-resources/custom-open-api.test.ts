import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger } from '../../../base/logger.ts'
import type { CustomResourceDefinition } from '../../../kinds/apiextensions/v1/custom-resource-definition.ts'
import { builtInKinds } from '../../../kinds/index.ts'
import { OpenApi } from '../../../machinery/openapi/open-api.ts'
import { renamingConverter } from './converter.ts'
import { CustomKind, type DefinitionState } from './custom-kind.ts'
import { CustomOpenApi } from './custom-open-api.ts'

const V3 = 'apis/wherry.example/v1'
const kinds = builtInKinds.filter(({ group }) => group === 'coordination.k8s.io')
const source = { kinds, options: () => undefined, describe: () => undefined } as unknown as {
  readonly kinds: typeof kinds
} & ConstructorParameters<typeof OpenApi>[0]

function kindOf(plural: string, kind: string): CustomKind {
  const names = { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` }
  const version = {
    ...{ name: 'v1', served: true, storage: true },
    schema: { openAPIV3Schema: { type: 'object' } },
  }
  const definition = {
    metadata: { name: `${plural}.wherry.example`, uid: plural, generation: 1 },
    spec: { group: 'wherry.example', scope: 'Namespaced', names, versions: [version] },
    status: { acceptedNames: names, storedVersions: ['v1'] },
  } as unknown as CustomResourceDefinition
  const state: DefinitionState = {
    ...{ isTerminating: false, converter: renamingConverter },
    versions: new Map(),
  }
  const [only] = definition.spec.versions
  assert.ok(only !== undefined)
  return new CustomKind(definition, only, state)
}

/** A kind of which nothing can be said. */
function unspeakable(kind: CustomKind): CustomKind {
  const get = () => {
    throw new Error('too deep')
  }
  return Object.defineProperty(kind, 'scope', { get })
}

function start(custom: readonly CustomKind[]) {
  const told: unknown[] = []
  const logger = createLogger((_level, _message, { name, error }) => told.push([name, error]))
  const builtIn = new OpenApi(source)
  const known = new Map()
  const openApi = new CustomOpenApi({ builtIn, source, known, logger, kinds: () => custom })
  return { openApi, builtIn, told }
}

const pathsOf = ({ bytes }: { readonly bytes: Uint8Array }) =>
  Object.keys((JSON.parse(Buffer.from(bytes).toString()) as { readonly paths: object }).paths)

test('a kind that cannot be described is left out, and said so; all others are there', async () => {
  const bad = unspeakable(kindOf('boats', 'Boat'))
  const { openApi, told } = start([bad, kindOf('ships', 'Ship')])
  const swagger = pathsOf(await openApi.v2())
  assert.ok(swagger.includes(`/${V3}/ships`))
  assert.ok(swagger.some((path) => path.includes('/leases')))
  assert.ok(!swagger.some((path) => path.includes('/boats')))
  assert.deepEqual(told, [['boats.wherry.example', 'too deep']])
  const document = openApi.v3(V3)
  assert.ok(document !== undefined)
  assert.ok(pathsOf(document).includes(`/${V3}/ships`))
  assert.notEqual((await openApi.v2Protobuf()).bytes.length, 0)
})

test('a group version of which nothing can be said has an empty document', async () => {
  const { openApi } = start([unspeakable(kindOf('boats', 'Boat'))])
  const document = openApi.v3(V3)
  assert.ok(document !== undefined)
  assert.deepEqual(pathsOf(document), [])
  assert.ok(pathsOf(await openApi.v2()).length > 0)
})

test('a document that could not be made is made for who asks next', async () => {
  const { openApi, builtIn } = start([kindOf('ships', 'Ship')])
  const { v2 } = builtIn
  builtIn.v2 = () => Promise.reject(new Error('no memory'))
  await assert.rejects(async () => openApi.v2(), /no memory/)
  await assert.rejects(async () => openApi.v2Protobuf(), /no memory/)
  builtIn.v2 = v2
  assert.ok(pathsOf(await openApi.v2()).includes(`/${V3}/ships`))
  assert.notEqual((await openApi.v2Protobuf()).bytes.length, 0)
})
