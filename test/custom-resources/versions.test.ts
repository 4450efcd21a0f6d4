import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WebhookClient } from '../../src/apiserver/webhooks/webhook-client.ts'
import {
  APPLY_PATCH,
  boat,
  boats,
  boatsUrl,
  DEFINITIONS,
  GROUP,
  type Json,
  MERGE_PATCH,
  versionOf,
  withCustomServer,
} from '../support/custom-resources.ts'
import { settle } from '../support/virtual-clock.ts'

const text = { type: 'string' }
const v1 = versionOf('v1', { name: text, crew: { type: 'integer' } })
const v2 = versionOf(
  'v2',
  { title: text, crew: { type: 'integer', default: 1 } },
  { storage: false },
)

const conversion = {
  strategy: 'Webhook',
  webhook: {
    clientConfig: { url: 'https://hook.example/convert' },
    conversionReviewVersions: ['v1'],
  },
}

/** Renames between `name` and `title`, and counts how often it was asked. */
class Hook implements Pick<WebhookClient, 'post'> {
  asked = 0
  failure: string | undefined
  /** The name of a boat that cannot be converted. */
  sinks: string | undefined

  async post(_config: object, review: Json): Promise<Json> {
    this.asked++
    const { uid, desiredAPIVersion: apiVersion, objects } = review.request
    const hasSunk = objects.some(
      ({ spec }: Json) => this.sinks !== undefined && spec.name === this.sinks,
    )
    const failure = hasSunk ? `${this.sinks} has sunk` : this.failure
    const result = failure === undefined ? { status: 'Success' } : { message: failure }
    const converted = objects.map(({ spec: { name, title, ...spec }, ...object }: Json) => ({
      ...object,
      apiVersion,
      spec: { ...spec, ...(apiVersion.endsWith('v1') ? { name: title } : { title: name }) },
    }))
    const { apiVersion: own, kind } = review
    return { apiVersion: own, kind, response: { uid, result, convertedObjects: converted } }
  }
}

test('without a converter versions differ in their name, and each knows its own fields', () =>
  withCustomServer(async ({ ask, define, storage }) => {
    await define(boats([v1, v2]))
    await ask(201, 'POST', boatsUrl(), boat('a', { name: 'Ann', crew: 2 }))
    const read = await ask(200, 'GET', boatsUrl('v2', 'a'))
    assert.deepEqual([read.apiVersion, read.spec], [`${GROUP}/v2`, { crew: 2 }])
    const made = await ask(201, 'POST', boatsUrl('v2'), boat('b', { title: 'Bob' }, 'v2'))
    assert.deepEqual(made.spec, { crew: 1 }, 'the stored version has no title')
    const stored = await storage.get(`/registry/${GROUP}/boats/default/b`)
    const value = JSON.parse(new TextDecoder().decode(stored?.value))
    assert.deepEqual([value.apiVersion, value.spec], [`${GROUP}/v1`, { crew: 1 }])
  }))

test('a webhook converts what is read and written, at once for a list', () => {
  const hook = new Hook()
  return withCustomServer(
    async ({ ask, define }) => {
      await define(boats([v1, v2], { conversion }))
      for (const name of ['a', 'b', 'c']) {
        await ask(201, 'POST', boatsUrl(), boat(name, { name: name.toUpperCase() }))
      }
      assert.equal(hook.asked, 0)
      const { items } = await ask(200, 'GET', boatsUrl('v2'))
      assert.deepEqual(
        items.map(({ spec }: Json) => spec),
        [{ title: 'A' }, { title: 'B' }, { title: 'C' }],
      )
      assert.equal(hook.asked, 1)
      const patch = { body: { spec: { title: 'Z' } }, contentType: MERGE_PATCH }
      await ask(200, 'PATCH', boatsUrl('v2', 'a'), patch)
      assert.deepEqual((await ask(200, 'GET', boatsUrl('v1', 'a'))).spec, { name: 'Z', crew: 1 })
    },
    { webhooks: hook },
  )
})

test('a dry run is converted as the write would be, and fails where that would', () => {
  const hook = new Hook()
  return withCustomServer(
    async ({ ask, define }) => {
      await define(boats([v1, v2], { conversion }))
      const dry = '?dryRun=All'
      const given = boat('a', { title: 'Ann' }, 'v2')
      const made = await ask(201, 'POST', boatsUrl('v2') + dry, given)
      assert.deepEqual([made.apiVersion, made.spec], [`${GROUP}/v2`, { title: 'Ann', crew: 1 }])
      assert.equal(hook.asked, 2, 'there and back')
      const stored = await ask(201, 'POST', boatsUrl('v2'), given)
      hook.failure = 'no wind'
      const failure = /conversion webhook for .*, Kind=Boat failed: no wind$/
      const refused = await ask(500, 'POST', boatsUrl('v2') + dry, {
        ...given,
        metadata: { name: 'b' },
      })
      assert.match(refused.message, failure)
      const changed = { ...stored, spec: { title: 'Eve' } }
      assert.match((await ask(500, 'PUT', boatsUrl('v2', 'a') + dry, changed)).message, failure)
      const other = boat('c', { name: 'C' })
      await ask(201, 'POST', boatsUrl('v1') + dry, other)
    },
    { webhooks: hook },
  )
})

test('what a webhook cannot do is told to who asked', () => {
  const hook = new Hook()
  return withCustomServer(
    async ({ ask, define }) => {
      await define(boats([v1, v2], { conversion }))
      await ask(201, 'POST', boatsUrl(), boat('a', { name: 'A' }))
      hook.failure = 'no wind'
      const { message, reason } = await ask(500, 'GET', boatsUrl('v2', 'a'))
      const kind = `${GROUP}/v1, Kind=Boat`
      assert.equal(message, `conversion webhook for ${kind} failed: no wind`)
      assert.equal(reason, undefined)
      assert.equal((await ask(200, 'GET', boatsUrl('v1', 'a'))).spec.name, 'A')
      hook.failure = undefined
      assert.equal((await ask(200, 'GET', boatsUrl('v2', 'a'))).spec.title, 'A')
    },
    { webhooks: hook },
  )
})

test('one object that cannot be converted does not take the others with it', () => {
  const hook = new Hook()
  return withCustomServer(
    async ({ ask, define }) => {
      await define(boats([v1, v2], { conversion }))
      await ask(201, 'POST', boatsUrl(), boat('a', { name: 'A' }))
      await ask(201, 'POST', boatsUrl(), boat('b', { name: 'B' }))
      hook.sinks = 'A'
      assert.match((await ask(500, 'GET', boatsUrl('v2', 'a'))).message, /failed: A has sunk/)
      assert.match((await ask(500, 'GET', boatsUrl('v2'))).message, /failed: A has sunk/)
      assert.equal((await ask(200, 'GET', boatsUrl('v2', 'b'))).spec.title, 'B')
      await ask(404, 'GET', boatsUrl('v2', 'c'))
      const patch = { body: { spec: { title: 'C' } }, contentType: MERGE_PATCH }
      assert.equal((await ask(200, 'PATCH', boatsUrl('v2', 'b'), patch)).spec.title, 'C')
      await ask(200, 'DELETE', boatsUrl('v2', 'b'))
      await ask(404, 'GET', boatsUrl('v1', 'b'))
    },
    { webhooks: hook },
  )
})

test('watches see changes in their own version, in order', () => {
  const hook = new Hook()
  return withCustomServer(
    async ({ ask, define, watch }) => {
      await define(boats([v1, v2], { conversion }))
      const watching = await watch(`${boatsUrl('v2')}?watch=1`)
      await ask(201, 'POST', boatsUrl(), boat('a', { name: 'A' }))
      const patch = { body: { spec: { name: 'B' } }, contentType: MERGE_PATCH }
      await ask(200, 'PATCH', boatsUrl('v1', 'a'), patch)
      await ask(200, 'DELETE', boatsUrl('v1', 'a'))
      await settle()
      const seen: Json[] = [await watching.next(), await watching.next(), await watching.next()]
      assert.deepEqual(
        seen.map(({ type, object }) => [type, object.apiVersion, object.spec.title]),
        [
          ['ADDED', `${GROUP}/v2`, 'A'],
          ['MODIFIED', `${GROUP}/v2`, 'B'],
          ['DELETED', `${GROUP}/v2`, 'B'],
        ],
      )
    },
    { webhooks: hook },
  )
})

test('a watch whose webhook fails ends, and can go on where it was once the webhook is well', () => {
  const hook = new Hook()
  return withCustomServer(
    async ({ ask, define, watch }) => {
      await define(boats([v1, v2], { conversion }))
      await ask(201, 'POST', boatsUrl(), boat('a', { name: 'Ann' }))
      const { metadata } = await ask(200, 'GET', boatsUrl('v2'))
      const from = `?watch=true&resourceVersion=${metadata.resourceVersion}`
      const first = await watch(`${boatsUrl('v2')}${from}`)
      const same = await watch(`${boatsUrl('v1')}${from}`)
      hook.failure = 'out of order'
      await ask(201, 'POST', boatsUrl(), boat('b', { name: 'Bob' }))
      assert.equal(await first.next(), undefined)
      const { message } = await ask(500, 'GET', boatsUrl('v2'))
      assert.match(message, /out of order/)
      hook.failure = undefined
      const second = await watch(`${boatsUrl('v2')}${from}`)
      assert.match((await second.take(1)).join(), /ADDED b@/)
      await ask(201, 'POST', boatsUrl('v2'), boat('c', { title: 'Cid' }, 'v2'))
      assert.match((await second.take(1)).join(), /ADDED c@/)
      assert.match((await same.take(2)).join(), /ADDED b@.*ADDED c@/)
      await Promise.all([second.close(), same.close()])
    },
    { webhooks: hook },
  )
})

test('fields that were applied in one version are owned in the others', () => {
  const hook = new Hook()
  return withCustomServer(
    async ({ ask, define }) => {
      await define(boats([v1, v2], { conversion }))
      const apply = (version: string, manager: string, spec: object) => ({
        method: 'PATCH',
        url: `${boatsUrl(version, 'a')}?fieldManager=${manager}`,
        request: { body: boat('a', spec, version), contentType: APPLY_PATCH },
      })
      const first = apply('v1', 'one', { name: 'A' })
      await ask(201, first.method, first.url, first.request)
      const second = apply('v2', 'two', { title: 'B' })
      const { message } = await ask(409, second.method, second.url, second.request)
      assert.match(message, /conflict with "one".*\.spec\.name|conflict with "one" using .*v1/)
    },
    { webhooks: hook },
  )
})

test('the version that is stored may change; both are known until somebody says otherwise', () =>
  withCustomServer(async ({ ask, define, storage }) => {
    await define(boats([v1, v2]))
    await ask(201, 'POST', boatsUrl(), boat('a', { crew: 2 }))
    const url = `${DEFINITIONS}/boats.${GROUP}`
    const present = await ask(200, 'GET', url)
    const versions = [
      { ...v1, storage: false },
      { ...v2, storage: true },
    ]
    const changed = { ...present, spec: { ...present.spec, versions } }
    const { status } = await ask(200, 'PUT', url, changed)
    assert.deepEqual(status.storedVersions, ['v1', 'v2'])
    await settle()
    const patch = { body: {}, contentType: MERGE_PATCH }
    const { metadata } = await ask(200, 'PATCH', boatsUrl('v1', 'a'), patch)
    const stored = await storage.get(`/registry/${GROUP}/boats/default/a`)
    const value = JSON.parse(new TextDecoder().decode(stored?.value))
    assert.deepEqual([value.apiVersion, value.spec], [`${GROUP}/v2`, { crew: 2 }])
    const again = await ask(200, 'PATCH', boatsUrl('v1', 'a'), patch)
    assert.equal(again.metadata.resourceVersion, metadata.resourceVersion)
  }))
