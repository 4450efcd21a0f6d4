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

function kindOf(
  plural: string,
  kind: string,
  group = 'wherry.example',
  added: object = { schema: { openAPIV3Schema: { type: 'object' } } },
): CustomKind {
  const names = { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` }
  const version = {
    ...{ name: 'v1', served: true, storage: true },
    ...added,
  }
  const definition = {
    metadata: { name: `${plural}.${group}`, uid: plural, generation: 1 },
    spec: { group, scope: 'Namespaced', names, versions: [version] },
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

test('documents say of custom kinds what upstream says of them, and of no others', () => {
  const fast = { type: 'boolean', default: false }
  const name = { type: 'string', default: '' }
  const boat = kindOf('boats', 'Boat', 'sea-going.example', {
    schema: { openAPIV3Schema: { type: 'object', properties: { fast, name, far: {} } } },
    selectableFields: [{ jsonPath: '.name' }],
    subresources: { status: {} },
  })
  const path = 'apis/sea-going.example/v1'
  const { bytes } = start([boat]).openApi.v3(path) ?? assert.fail('no document')
  const { paths, components } = JSON.parse(Buffer.from(bytes).toString())
  const one = paths[`/${path}/namespaces/{namespace}/boats/{name}`]
  const all = paths[`/${path}/namespaces/{namespace}/boats`]
  const status = paths[`/${path}/namespaces/{namespace}/boats/{name}/status`]
  const namesOf = ({ parameters = [] }: { parameters?: readonly { readonly name: string }[] }) =>
    parameters.map((parameter) => parameter.name)
  assert.equal(one.get.operationId, 'readSeaGoingExampleV1NamespacedBoat')
  assert.deepEqual(one.get.tags, ['seaGoingExample_v1'])
  assert.deepEqual(
    [one, status].map(({ get }) => namesOf(get)),
    [['resourceVersion'], ['resourceVersion']],
  )
  assert.deepEqual(
    [one, status].flatMap(({ patch }) => Object.keys(patch.responses)),
    ['200', '401', '200', '401'],
  )
  assert.deepEqual(namesOf(all.delete), namesOf(all.get))
  assert.equal(all.delete.requestBody, undefined)
  assert.ok(one.delete.requestBody !== undefined)
  const { properties } = components.schemas['example.sea-going.v1.Boat']
  assert.deepEqual([properties.fast, properties.name, properties.far], [fast, name, {}])
  const list = components.schemas['example.sea-going.v1.BoatList']
  const { description: _, ...metadata } = list.properties.metadata
  assert.deepEqual(metadata, {
    $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta',
  })
  assert.deepEqual(list['x-kubernetes-selectable-fields'], [{ fieldPath: 'name' }])
})
