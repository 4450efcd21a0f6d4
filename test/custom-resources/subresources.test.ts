import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  boat,
  boats,
  boatsUrl,
  DEFINITIONS,
  GROUP,
  MERGE_PATCH,
  versionOf,
  withCustomServer,
} from '../support/custom-resources.ts'

const scale = {
  specReplicasPath: '.spec.crew',
  statusReplicasPath: '.status.aboard',
  labelSelectorPath: '.status.selector',
}
const withBoth = boats([
  versionOf('v1', { crew: { type: 'integer' } }, { subresources: { status: {}, scale } }),
])
const plain = boats([versionOf('v1', { crew: { type: 'integer' } })])

test('the status is written apart from the rest, and is no new generation', () =>
  withCustomServer(async ({ ask, define }) => {
    await define(withBoth)
    const created = { ...boat('a', { crew: 1 }), status: { aboard: 5 } }
    const { status, metadata } = await ask(201, 'POST', boatsUrl(), created)
    assert.equal(status, undefined)
    assert.equal(metadata.generation, 1)
    const change = { spec: { crew: 9 }, status: { aboard: 2 }, metadata: { labels: { a: 'b' } } }
    const patch = { body: change, contentType: MERGE_PATCH }
    const told = await ask(200, 'PATCH', boatsUrl('v1', 'a/status'), patch)
    assert.deepEqual([told.spec, told.status], [{ crew: 1 }, { aboard: 2 }])
    assert.deepEqual([told.metadata.generation, told.metadata.labels], [1, undefined])
    const changed = await ask(200, 'PATCH', boatsUrl('v1', 'a'), patch)
    assert.deepEqual([changed.spec, changed.status], [{ crew: 9 }, { aboard: 2 }])
    assert.equal(changed.metadata.generation, 2)
  }))

test('without the subresource the status is a field like any other', () =>
  withCustomServer(async ({ ask, define }) => {
    await define(plain)
    const created = { ...boat('a', { crew: 1 }), status: { aboard: 5 } }
    assert.deepEqual((await ask(201, 'POST', boatsUrl(), created)).status, { aboard: 5 })
    const { message } = await ask(404, 'GET', boatsUrl('v1', 'a/status'))
    assert.equal(message, 'boats.wherry.example "a" not found')
    await ask(404, 'GET', boatsUrl('v1', 'a/scale'))
  }))

test('a scale is what its paths lead to', () =>
  withCustomServer(async ({ ask, define }) => {
    await define(withBoth)
    await ask(201, 'POST', boatsUrl(), boat('a', { crew: 3 }))
    const status = { body: { status: { aboard: 2, selector: 'a=b' } }, contentType: MERGE_PATCH }
    await ask(200, 'PATCH', boatsUrl('v1', 'a/status'), status)
    const read = await ask(200, 'GET', boatsUrl('v1', 'a/scale'))
    assert.deepEqual([read.kind, read.spec], ['Scale', { replicas: 3 }])
    assert.deepEqual(read.status, { replicas: 2, selector: 'a=b' })
    const four = { body: { spec: { replicas: 4 } }, contentType: MERGE_PATCH }
    await ask(200, 'PATCH', boatsUrl('v1', 'a/scale'), four)
    assert.deepEqual((await ask(200, 'GET', boatsUrl('v1', 'a'))).spec, { crew: 4 })
    await ask(201, 'POST', boatsUrl(), boat('b'))
    const { message } = await ask(500, 'GET', boatsUrl('v1', 'b/scale'))
    assert.match(message, /the spec replicas field "\.spec\.crew" does not exist/)
  }))

test('paths that a definition does not have are told as upstream tells them', () =>
  withCustomServer(async ({ ask, define }) => {
    await define(withBoth)
    await ask(404, 'GET', '/apis/wherry.example/v1/boats/a')
    await ask(404, 'GET', boatsUrl('v2'))
    await ask(404, 'GET', '/apis/wherry.example/v1/ships')
    const { message } = await ask(405, 'DELETE', boatsUrl('v1', 'a/status'))
    assert.equal(message, 'delete is not supported on resources of kind "boats.wherry.example"')
    assert.equal((await ask(400, 'PUT', boatsUrl(), boat('a'))).message, 'name must be provided')
    const type = 'application/strategic-merge-patch+json'
    const refused = await ask(415, 'PATCH', boatsUrl('v1', 'a'), { body: {}, contentType: type })
    assert.match(refused.message, /accepted media types include: application\/json-patch\+json, /)
  }))

test('a scale is judged by the rules of its custom resource', () =>
  withCustomServer(async ({ ask, define }) => {
    await define(withBoth)
    await ask(201, 'POST', boatsUrl(), boat('a', { crew: 3 }))
    const patch = { body: { spec: { replicas: -1 } }, contentType: MERGE_PATCH }
    const { message } = await ask(422, 'PATCH', boatsUrl('v1', 'a/scale'), patch)
    const why = '.spec.crew: Invalid value: -1: should be a non-negative integer'
    assert.equal(message, `Boat.wherry.example "a" is invalid: ${why}`)
    await ask(400, 'PUT', boatsUrl('v1', 'a/scale'), boat('a', { crew: 3 }))
  }))

test('what a deprecated version does not take is refused with the warning', () =>
  withCustomServer(async ({ send, define }) => {
    const old = { ...versionOf('v1', {}), deprecated: true, deprecationWarning: 'sail on' }
    await define(boats([old]))
    const request = { body: {}, contentType: 'application/strategic-merge-patch+json' }
    const { code, warnings } = await send('PATCH', boatsUrl('v1', 'a'), request)
    assert.deepEqual([code, warnings], [415, ['sail on']])
  }))

test('who writes a status hears of the rules that the rest has not kept for long', () =>
  withCustomServer(async ({ ask, define, send, clock }) => {
    const rules = [{ rule: 'self > 5', message: 'too few' }]
    const crew = { type: 'integer', 'x-kubernetes-validations': rules }
    const subresources = { subresources: { status: {} } }
    await define(boats([versionOf('v1', { crew: { type: 'integer' } }, subresources)]))
    await ask(201, 'POST', boatsUrl(), boat('a', { crew: 3 }))
    const versions = [versionOf('v1', { crew }, subresources)]
    const stricter = { body: { spec: { versions } }, contentType: MERGE_PATCH }
    await ask(200, 'PATCH', `${DEFINITIONS}/boats.${GROUP}`, stricter)
    await clock.advance(2000)
    const status = { body: { status: { aboard: 2 } }, contentType: MERGE_PATCH }
    const { code, warnings } = await send('PATCH', boatsUrl('v1', 'a/status'), status)
    assert.equal(code, 200)
    assert.deepEqual(warnings, ['spec.crew: Invalid value: 3: too few'])
  }))
