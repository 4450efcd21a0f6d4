import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLogger } from '../../src/base/logger.ts'
import { MemoryStorage } from '../../src/storage/memory/memory-storage.ts'
import {
  boat,
  boats,
  boatsUrl,
  type CustomServer,
  DEFINITIONS,
  GROUP,
  type Json,
  MERGE_PATCH,
  versionOf,
  withCustomServer,
} from '../support/custom-resources.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'

const v1 = versionOf('v1', { crew: { type: 'integer' } })
const URL = `${DEFINITIONS}/boats.${GROUP}`

async function conditionsOf({ ask }: CustomServer, url = URL): Promise<Json> {
  const { status } = await ask(200, 'GET', url)
  return Object.fromEntries(
    status.conditions.map(({ type, status, reason }: Json) => [type, `${status} ${reason}`]),
  )
}

test('with a definition go its objects', () =>
  withCustomServer(async (server) => {
    const { ask, define } = server
    await define(boats([v1]))
    await ask(201, 'POST', boatsUrl(), boat('a'))
    await ask(201, 'POST', boatsUrl(), boat('b'))
    await ask(200, 'DELETE', URL)
    await settle()
    await ask(404, 'GET', URL)
    await ask(404, 'GET', boatsUrl())
    await define(boats([v1]))
    assert.deepEqual((await ask(200, 'GET', boatsUrl())).items, [])
  }))

test('an object that has to be cleaned up keeps its definition, to which nothing is added', () =>
  withCustomServer(async (server) => {
    const { ask, define, clock } = server
    await define(boats([v1]))
    const kept = boat('a', {}, 'v1', { finalizers: ['wherry.example/haul-out'] })
    await ask(201, 'POST', boatsUrl(), kept)
    await ask(200, 'DELETE', URL)
    await settle()
    const conditions = await conditionsOf(server)
    assert.equal(conditions['Terminating'], 'True InstanceDeletionInProgress')
    const { message } = await ask(403, 'POST', boatsUrl(), boat('b'))
    assert.match(message, /create not allowed while custom resource definition is terminating/)
    assert.notEqual((await ask(200, 'GET', boatsUrl('v1', 'a'))).metadata.deletionTimestamp, '')
    const free = { body: { metadata: { finalizers: null } }, contentType: MERGE_PATCH }
    await ask(200, 'PATCH', boatsUrl('v1', 'a'), free)
    for (let second = 0; second < 60; second++) await clock.advance(1000)
    await ask(404, 'GET', URL)
  }))

test('a definition that was deleted while nobody told of it is served no longer', async () => {
  const clock = new VirtualClock()
  const plain = MemoryStorage.create({ clock, logger: silentLogger })
  const watches: { readonly end: () => void; readonly watch: Disposable }[] = []
  const storage = new Proxy(plain, {
    get(target, name) {
      if (name === 'watch') {
        return (...[prefix, revision, handler]: Parameters<typeof plain.watch>) => {
          const watch = target.watch(prefix, revision, handler)
          const end = () => handler.onError(new Error('compacted'))
          if (prefix.includes('customresourcedefinitions')) watches.push({ end, watch })
          return watch
        }
      }
      const value = Reflect.get(target, name) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  await withCustomServer(
    async (server) => {
      const { ask, define } = server
      const names = { plural: 'ships', kind: 'Ship' }
      await define(boats([v1], { names }, { name: `ships.${GROUP}` }))
      await define(boats([v1]))
      const key = (await plain.list('/')).items.find((item) => item.key.endsWith(`/boats.${GROUP}`))
      const ended = watches.splice(0)
      for (const { watch } of ended) watch[Symbol.dispose]()
      await plain.delete(key?.key ?? '')
      for (const { end } of ended) end()
      await settle()
      await settle()
      await ask(404, 'GET', URL)
      await ask(404, 'GET', boatsUrl())
      await ask(200, 'GET', `/apis/${GROUP}/v1/namespaces/default/ships`)
    },
    { storage },
  )
})

test('names belong to who came first', () =>
  withCustomServer(async (server) => {
    const { ask, define } = server
    await define(boats([v1]))
    const names = { plural: 'ships', kind: 'Boat', shortNames: ['bt'] }
    await define(boats([v1], { names }, { name: `ships.${GROUP}` }))
    const conditions = await conditionsOf(server, `${DEFINITIONS}/ships.${GROUP}`)
    assert.deepEqual(conditions, {
      NamesAccepted: 'False ListKindConflict',
      Established: 'False NotAccepted',
    })
    await ask(404, 'GET', `/apis/${GROUP}/v1/namespaces/default/ships`)
    await ask(200, 'DELETE', URL)
    await settle()
    const after = await conditionsOf(server, `${DEFINITIONS}/ships.${GROUP}`)
    assert.deepEqual(after, {
      NamesAccepted: 'True NoConflicts',
      Established: 'True InitialNamesAccepted',
    })
    await ask(200, 'GET', `/apis/${GROUP}/v1/namespaces/default/ships`)
  }))

test('watches go on through what does not concern them, and end with a changed schema', () =>
  withCustomServer(async ({ ask, define, watch, clock }) => {
    await define(boats([v1]))
    const watching = await watch(`${boatsUrl()}?watch=1`)
    const label = { body: { metadata: { labels: { a: 'b' } } }, contentType: MERGE_PATCH }
    await ask(200, 'PATCH', URL, label)
    await settle()
    await ask(201, 'POST', boatsUrl(), boat('a'))
    const first: Json = await watching.next()
    assert.deepEqual([first.type, first.object.metadata.name], ['ADDED', 'a'])
    const versions = [versionOf('v1', { crew: { type: 'integer' }, sails: { type: 'integer' } })]
    await ask(200, 'PATCH', URL, { body: { spec: { versions } }, contentType: MERGE_PATCH })
    await clock.advance(2000)
    assert.equal(await watching.next(), undefined)
    const made = await ask(201, 'POST', boatsUrl(), boat('b', { sails: 2 }))
    assert.deepEqual(made.spec, { sails: 2 })
  }))

test('what was stored under an older schema is read by the present one', () =>
  withCustomServer(async ({ ask, define, clock }) => {
    await define(boats([versionOf('v1', { crew: { type: 'integer' }, old: { type: 'string' } })]))
    await ask(201, 'POST', boatsUrl(), boat('a', { old: 'x', crew: 1 }))
    const versions = [
      versionOf('v1', { crew: { type: 'integer' }, sails: { type: 'integer', default: 3 } }),
    ]
    await ask(200, 'PATCH', URL, { body: { spec: { versions } }, contentType: MERGE_PATCH })
    await clock.advance(2000)
    assert.deepEqual((await ask(200, 'GET', boatsUrl('v1', 'a'))).spec, { crew: 1, sails: 3 })
  }))

test('a version has a schema, of which formats that nobody knows are named', () =>
  withCustomServer(async ({ ask, send }) => {
    const none = boats([{ name: 'v1', served: true, storage: true }])
    const { message } = await ask(422, 'POST', DEFINITIONS, { body: none })
    assert.match(message, /spec\.versions\[0\]\.schema\.openAPIV3Schema: Required value/)
    const unknown = versionOf('v1', { crew: { type: 'string', format: 'sailor' } })
    const { warnings, code } = await send('POST', DEFINITIONS, { body: boats([unknown]) })
    assert.deepEqual([code, warnings], [201, ['unrecognized format "sailor"']])
  }))
