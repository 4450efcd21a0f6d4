import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  APPLY_PATCH,
  boat,
  boats,
  boatsUrl,
  DEFINITIONS,
  GROUP,
  MERGE_PATCH,
  versionOf,
  withCustomServer,
} from '../support/custom-resources.ts'

const text = { type: 'string' }
const item = { type: 'object', required: ['k'], properties: { k: text, v: text } }
const SCHEMAS = {
  set: { type: 'array', 'x-kubernetes-list-type': 'set', items: text },
  keyed: {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['k'],
    items: item,
  },
  list: { type: 'array', items: item },
  struct: item,
  map: { type: 'object', additionalProperties: item },
  atomic: { ...item, 'x-kubernetes-map-type': 'atomic' },
  text,
}
const SHAPES = [
  null,
  'x',
  5,
  true,
  [],
  [1],
  [null],
  [[]],
  [{}],
  [{ k: 1 }],
  {},
  { k: [] },
  { k: null },
]

test('whatever a client sends, it is told what is wrong with it', () =>
  withCustomServer(async ({ define, send }) => {
    await define(boats([versionOf('v1', SCHEMAS)]))
    for (const name of Object.keys(SCHEMAS)) {
      await send('POST', boatsUrl(), { body: boat(name) })
      for (const shape of SHAPES) {
        const spec = { [name]: shape }
        const what = JSON.stringify(spec)
        const patch = { body: { spec }, contentType: MERGE_PATCH }
        const apply = { body: boat(name, spec), contentType: APPLY_PATCH }
        const url = boatsUrl('v1', name)
        const answers = [
          await send('POST', `${boatsUrl()}?dryRun=All`, { body: boat('b', spec) }),
          await send('PATCH', `${url}?dryRun=All`, patch),
          await send('PATCH', `${url}?dryRun=All&fieldManager=me&force=true`, apply),
        ]
        for (const { code, text: answer } of answers) {
          assert.doesNotMatch(answer, /InternalError/, what)
          assert.ok([200, 201, 400, 422, 500].includes(code), what)
        }
      }
    }
  }))

test('what was stored under another schema can still be read, changed and deleted', () =>
  withCustomServer(async ({ ask, define, send, clock }) => {
    for (const name of Object.keys(SCHEMAS)) {
      const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
      const plain = { ...versionOf('v1', {}), schema: { openAPIV3Schema: open } }
      await define(boats([plain]))
      for (const [index, shape] of SHAPES.entries()) {
        await ask(201, 'POST', boatsUrl(), boat(`b${index}`, { [name]: shape }))
      }
      const versions = [versionOf('v1', { ...SCHEMAS, other: text })]
      const changed = { body: { spec: { versions } }, contentType: MERGE_PATCH }
      await ask(200, 'PATCH', `${DEFINITIONS}/boats.${GROUP}`, changed)
      await clock.advance(2000)
      for (const index of SHAPES.keys()) {
        const url = boatsUrl('v1', `b${index}`)
        const what = `${name} ${JSON.stringify(SHAPES[index])}`
        await ask(200, 'GET', url)
        const patch = { body: { spec: { other: 'x' } }, contentType: MERGE_PATCH }
        const apply = { body: boat(`b${index}`, { other: 'y' }), contentType: APPLY_PATCH }
        for (const answer of [
          await send('PATCH', url, patch),
          await send('PATCH', `${url}?fieldManager=me&force=true`, apply),
          await send('DELETE', url),
        ]) {
          assert.doesNotMatch(answer.text, /InternalError/, what)
        }
      }
      await ask(200, 'DELETE', `${DEFINITIONS}/boats.${GROUP}`)
      await clock.advance(2000)
    }
  }))

test('what says that it is something else hears of nothing else', () =>
  withCustomServer(async ({ ask, define }) => {
    await define(boats([versionOf('v1', SCHEMAS)]))
    const other = { ...boat('x', { text: 5 }), kind: 'Ship', metadata: {} }
    const { message } = await ask(422, 'POST', boatsUrl(), { body: other })
    assert.equal(message, `Ship.${GROUP} "" is invalid: kind: Invalid value: "Ship": must be Boat`)
    await ask(201, 'POST', boatsUrl(), boat('a'))
    const patched = async (code: number, body: object) =>
      (await ask(code, 'PATCH', boatsUrl('v1', 'a'), { body, contentType: MERGE_PATCH })).message
    assert.match(
      await patched(422, { kind: null }),
      /: Object 'Kind' is missing in '\{"apiVersion"/,
    )
    assert.match(await patched(422, { kind: '' }), /: Object 'Kind' is missing in '/)
    assert.match(
      await patched(422, { apiVersion: 5 }),
      /: json: cannot unmarshal number into Go struct field \.apiVersion of type string$/,
    )
    assert.equal(
      await patched(500, { apiVersion: null }),
      "Internal error occurred: Object 'apiVersion' is missing in 'object has no apiVersion field'",
    )
    const body = [{ op: 'replace', path: '', value: {} }]
    const contentType = 'application/json-patch+json'
    const emptied = await ask(422, 'PATCH', boatsUrl('v1', 'a'), { body, contentType })
    assert.match(emptied.message, /^ "" is invalid: patch: .*: Object 'Kind' is missing in '\{\}'$/)
    assert.match(
      await patched(422, { kind: 'Ship' }),
      /: kind: Invalid value: "Ship": must be Boat$/,
    )
  }))
