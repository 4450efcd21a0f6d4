import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { builtInKinds } from '../src/kinds/index.ts'
import { subresourceOptions } from '../src/kinds/subresource-options.ts'
import { describeFrom } from '../src/machinery/openapi/descriptions.ts'
import { OpenApi } from '../src/machinery/openapi/open-api.ts'
import { TurnCounter } from './support/turn-counter.ts'
import { readUpstream, upstreamIsMissing } from './support/upstream.ts'

type Json = { [key: string]: unknown }

const source = { kinds: builtInKinds, options: subresourceOptions, describe: () => undefined }
const openApi = new OpenApi(source)
const WELL_KNOWN = '.well-known/openid-configuration'
/** A server says which release it serves, what upstream publishes in its repository does not. */
const INFO = { title: 'Kubernetes', version: '1.36' }

describe('OpenAPI v3 equals upstream\u2019s but for the prose', { skip: upstreamIsMissing }, () => {
  const files = upstreamIsMissing
    ? []
    : readdirSync(join(process.cwd(), '..', 'shared', 'upstream', 'openapi-v3'))
  const documents = files.map((file) => file.replace(/_openapi\.json$/, '').replaceAll('__', '/'))

  test('the same group versions', () => {
    // Its repository has no file for a name that begins with a dot; logs are served by a flag alone.
    const documented = documents.filter((name) => name !== 'logs')
    const paths = openApi.paths.filter((path) => path !== WELL_KNOWN)
    assert.deepEqual(paths.toSorted(), documented.toSorted())
  })

  for (const name of openApi.paths.filter((path) => path !== WELL_KNOWN)) {
    test(name, () => {
      const expected = readUpstream<Json>(`openapi-v3/${name.replaceAll('/', '__')}_openapi.json`)
      compare(parsed(openApi.v3(name)?.bytes), { ...expected, info: INFO }, '')
    })
  }
})

test('the path of the issuer is described, too', () => {
  const { paths, components } = parsed(openApi.v3(WELL_KNOWN)?.bytes)
  const content = { 'application/json': { schema: { type: 'string' } } }
  const operation = {
    tags: ['WellKnown'],
    operationId: 'getServiceAccountIssuerOpenIDConfiguration',
    responses: { '200': { description: 'OK', content }, '401': { description: 'Unauthorized' } },
  }
  compare(paths, { [`/${WELL_KNOWN}/`]: { get: operation } }, '')
  assert.deepEqual(Object.keys(components as Json), ['securitySchemes'])
})

test('OpenAPI v2 equals upstream\u2019s but for the prose', {
  skip: upstreamIsMissing,
}, async () => {
  const { parameters, ...expected } = readUpstream<Json>('openapi-v2.json')
  const paths = expected['paths'] as Json
  for (const path of Object.keys(paths)) {
    if (path.startsWith('/logs')) delete paths[path]
  }
  const inlined = inlineParameters(expected, parameters as Json)
  compare(parsed((await openApi.v2()).bytes), { ...(inlined as Json), info: INFO }, '')
})

test('documents are built once and change with their contents only', () => {
  assert.equal(openApi.v3('api/v1'), openApi.v3('api/v1'))
  assert.equal(openApi.v3('apis/none/v1'), undefined)
  const again = new OpenApi({
    kinds: builtInKinds,
    options: subresourceOptions,
    describe: () => undefined,
  })
  assert.equal(again.v3('apis/apps/v1')?.hash, openApi.v3('apis/apps/v1')?.hash)
  const described = new OpenApi({
    ...source,
    describe: describeFrom({
      models: { V1DeploymentSpec: { fields: { replicas: 'How many.' } } },
      structs: {},
      fields: {},
    }),
  })
  assert.notEqual(described.v3('apis/apps/v1')?.hash, openApi.v3('apis/apps/v1')?.hash)
})

function parsed(bytes: Uint8Array | undefined): Json {
  return JSON.parse(new TextDecoder().decode(bytes)) as Json
}

/** Compares piece by piece, so that a difference names its place. */
function compare(given: unknown, wanted: unknown, place: string): void {
  if (EXCEPTIONS.has(place)) return
  const isShared = /\.(DeleteOptions|WatchEvent)\/x-kubernetes-group-version-kind$/.test(place)
  const actual = unwrapped(given)
  const expected = unwrapped(isShared ? servedOnly(wanted) : wanted)
  if (isObject(actual) && isObject(expected)) {
    const keys = new Set([...Object.keys(actual), ...Object.keys(expected)])
    for (const key of keys) {
      if (isProse(key, actual[key] ?? expected[key])) continue
      // The published files were written without enumerations; servers publish them.
      if (key === 'enum' && Array.isArray(actual[key]) && expected[key] === undefined) continue
      compare(actual[key], expected[key], `${place}/${key}`)
    }
    return
  }
  assert.deepEqual(normalized(actual), normalized(expected), place)
}

/** Upstream hides a reference behind `allOf` where prose stands beside it. */
function unwrapped(value: unknown): unknown {
  if (!isObject(value) || !Array.isArray(value['allOf'])) return value
  const { allOf, ...rest } = value
  return { ...rest, ...(allOf as Json[])[0] }
}

/** Places where we differ on purpose, and why. */
const EXCEPTIONS: ReadonlySet<string> = new Set([
  // Published as '', but filled in as True: one default cannot be both.
  '/components/schemas/io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern/properties/status/default',
])

/** Upstream also names groups of which it serves nothing. */
function servedOnly(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  const served = new Set(builtInKinds.map(({ group, version }) => `${group}/${version}`))
  return (value as Json[]).filter(({ group, version }) => served.has(`${group}/${version}`))
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isProse(key: string, value: unknown): boolean {
  return key === 'description' && typeof value === 'string'
}

/** Without prose, and lists whose order says nothing in order. */
function normalized(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value
      .map(normalized)
      .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  }
  if (!isObject(value)) return value
  const entries = Object.entries(value).filter(([key, one]) => !isProse(key, one))
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, normalized(one)]),
  )
}

function inlineParameters(value: unknown, parameters: Json): unknown {
  if (Array.isArray(value)) return value.map((one) => inlineParameters(one, parameters))
  if (!isObject(value)) return value
  const reference = value['$ref']
  if (typeof reference === 'string' && reference.startsWith('#/parameters/')) {
    return parameters[reference.slice('#/parameters/'.length)]
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, inlineParameters(one, parameters)]),
  )
}

test('descriptions come from the model of the group, the model, or our own sentence', () => {
  const describe = describeFrom({
    models: { V1Event: { type: 'any' }, CoreV1Event: { type: 'core' }, V1Pod: { type: '' } },
    structs: { 'core.v1.Pod': 'ours' },
    fields: { spec: 'What is wanted.', 'Pod.spec': 'The containers.' },
  })
  assert.deepEqual(describe('core.v1.Pod')?.fields, { spec: 'The containers.' })
  assert.deepEqual(describe('events.v1.Event')?.fields, { spec: 'What is wanted.' })
  assert.equal(describe('core.v1.Event')?.type, 'core')
  assert.equal(describe('events.v1.Event')?.type, 'any')
  assert.equal(describe('core.v1.Pod')?.type, 'ours')
  assert.equal(describe('core.v1.constructor'), undefined)
})

test('a field that is an object has its own sentence, not the one of its type', () => {
  const strategy = (fields: Readonly<Record<string, string>>) => {
    const models = { V1DeploymentStrategy: { type: 'The type.' }, V1DeploymentSpec: { type: 'x' } }
    const described = new OpenApi({
      ...source,
      describe: describeFrom({ models, structs: {}, fields }),
    })
    const { components } = parsed(described.v3('apis/apps/v1')?.bytes) as {
      components: { schemas: Record<string, { properties: Json; description?: string }> }
    }
    const type = components.schemas['io.k8s.api.apps.v1.DeploymentStrategy']
    assert.equal(type?.description, 'The type.')
    return components.schemas['io.k8s.api.apps.v1.DeploymentSpec']?.properties['strategy'] as Json
  }
  assert.equal(strategy({ strategy: 'How.' })['description'], 'How.')
  assert.equal(strategy({})['description'], undefined)
})

test('prose that the build reads loses the backslashes of its source', async () => {
  const script = pathToFileURL(join(process.cwd(), 'scripts', 'descriptions.mjs')).href
  const { prose } = (await import(script)) as { prose(comment: string): string }
  const comment = '    * Can be \\"Recreate\\". A pod\\\'s C:\\\\x.\n    * More.\n'
  assert.equal(prose(comment), `Can be "Recreate". A pod's C:\\x.\nMore.`)
})

test('the index names every document with its hash', () => {
  const { paths } = openApi.index() as { readonly paths: Json }
  assert.deepEqual(Object.keys(paths), openApi.paths)
  const { hash } = openApi.v3('api/v1') ?? {}
  assert.deepEqual(paths['api/v1'], { serverRelativeURL: `/openapi/v3/api/v1?hash=${hash}` })
})

test('building the Swagger document lets others go first', async () => {
  let pauses = 0
  const counted = new OpenApi(source, async () => {
    pauses += 1
  })
  await counted.v2()
  assert.ok(pauses > 20, `${pauses} pauses`)
})

test('a document that is built in many turns is the same', async () => {
  const [slices, whole] = [new OpenApi(source), new OpenApi(source)]
  for (const path of ['api/v1', 'apis', 'apis/apps/v1', 'apis/none/v1']) {
    const turns = new TurnCounter()
    await Promise.all([slices.build(path), slices.build(path)])
    const count = turns.stop()
    if (path === 'api/v1') assert.ok(count >= 15, `${count} turns`)
    assert.deepEqual(slices.v3(path)?.hash, whole.v3(path)?.hash)
    assert.deepEqual(slices.v3(path)?.bytes, whole.v3(path)?.bytes)
  }
})
