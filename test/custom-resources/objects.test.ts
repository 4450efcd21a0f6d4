import assert from 'node:assert/strict'
import { test } from 'node:test'
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

const TABLE = 'application/json;as=Table;g=meta.k8s.io;v=v1'
const text = { type: 'string' }

const v1 = versionOf(
  'v1',
  {
    crew: { type: 'integer', minimum: 1 },
    port: { ...text, default: 'Ulm' },
    rigging: { type: 'string', enum: ['sloop', 'ketch'] },
    sails: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { type: 'object', required: ['name'], properties: { name: text, area: text } },
    },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
  {
    selectableFields: [{ jsonPath: '.spec.port' }],
    additionalPrinterColumns: [
      { name: 'Port', type: 'string', jsonPath: '.spec.port' },
      { name: 'Crew', type: 'integer', jsonPath: '.spec.crew', priority: 1 },
    ],
  },
)

test('objects are pruned, filled in and judged by their schema', () =>
  withCustomServer(async ({ ask, define, send }) => {
    await define(boats([v1]))
    const body = boat('a', { crew: 2, mast: 1, free: { any: [1] }, sails: [{ name: 'jib', x: 1 }] })
    const { text: answer, warnings } = await send('POST', boatsUrl(), { body })
    const { spec } = JSON.parse(answer)
    assert.deepEqual(spec, { crew: 2, port: 'Ulm', free: { any: [1] }, sails: [{ name: 'jib' }] })
    assert.deepEqual(warnings, ['unknown field "spec.mast"', 'unknown field "spec.sails[0].x"'])
    const strict = await ask(400, 'POST', `${boatsUrl()}?fieldValidation=Strict`, { body })
    assert.match(strict.message, /strict decoding error: unknown field "spec\.mast", unknown field/)
    const bad = await ask(422, 'POST', boatsUrl(), boat('b', { crew: 0, rigging: 'brig', port: 7 }))
    assert.deepEqual(
      bad.details.causes.map(({ field, message }: Json) => `${field}: ${message}`).toSorted(),
      [
        'spec.crew: Invalid value: 0: spec.crew in body should be greater than or equal to 1',
        'spec.port: Invalid value: "integer": spec.port in body must be of type string: "integer"',
        'spec.rigging: Unsupported value: "brig": supported values: "sloop", "ketch"',
      ],
    )
  }))

test('lists are merged by their keys when they are applied', () =>
  withCustomServer(async ({ ask, define }) => {
    await define(boats([v1]))
    const apply = (manager: string, spec: object, code = 200) =>
      ask(code, 'PATCH', `${boatsUrl('v1', 'a')}?fieldManager=${manager}`, {
        body: boat('a', spec),
        contentType: APPLY_PATCH,
      })
    await apply('one', { sails: [{ name: 'jib', area: '10' }] }, 201)
    const both = await apply('two', { sails: [{ name: 'main', area: '30' }] })
    assert.deepEqual(
      both.spec.sails.map(({ name }: Json) => name),
      ['jib', 'main'],
    )
    const { message } = await apply('two', { sails: [{ name: 'jib', area: '11' }] }, 409)
    assert.match(message, /conflict with "one": \.spec\.sails\[name="jib"\]\.area/)
    const left = await apply('one', {})
    assert.deepEqual(left.spec.sails, [{ name: 'main', area: '30' }])
  }))

test('a null where none may stand is dropped from what is sent, and refused in an apply', () =>
  withCustomServer(async ({ ask, define }) => {
    await define(boats([v1]))
    const made = await ask(201, 'POST', boatsUrl(), boat('a', { rigging: null, crew: null }))
    assert.equal('rigging' in made.spec, false)
    const apply = (spec: object, code: number) =>
      ask(code, 'PATCH', `${boatsUrl('v1', 'b')}?fieldManager=one`, {
        body: boat('b', spec),
        contentType: APPLY_PATCH,
      })
    const { message } = await apply({ rigging: null }, 422)
    assert.match(
      message,
      /spec\.rigging: Invalid value: "null": spec\.rigging in body must be of type/,
    )
    assert.equal((await apply({ port: null }, 201)).spec.port, 'Ulm', 'a default takes its place')
  }))

test('tables have the columns of the definition', () =>
  withCustomServer(async ({ ask, define }) => {
    await define(boats([v1]))
    await ask(201, 'POST', boatsUrl(), boat('a', { crew: 2 }))
    await ask(201, 'POST', boatsUrl(), boat('b', { port: 'Bonn' }))
    const { columnDefinitions, rows } = await ask(200, 'GET', boatsUrl(), { accept: TABLE })
    assert.deepEqual(
      columnDefinitions.map(({ name, priority }: Json) => [name, priority]),
      [
        ['Name', 0],
        ['Port', 0],
        ['Crew', 1],
      ],
    )
    assert.deepEqual(
      rows.map(({ cells }: Json) => cells),
      [
        ['a', 'Ulm', 2],
        ['b', 'Bonn', null],
      ],
    )
  }))

test('fields that may select do, others do not', () =>
  withCustomServer(async ({ ask, define }) => {
    await define(boats([v1]))
    await ask(201, 'POST', boatsUrl(), boat('a', { crew: 2 }))
    await ask(201, 'POST', boatsUrl(), boat('b', { port: 'Bonn' }))
    const { items } = await ask(200, 'GET', `${boatsUrl()}?fieldSelector=spec.port=Bonn`)
    assert.deepEqual(
      items.map(({ metadata }: Json) => metadata.name),
      ['b'],
    )
    const { message } = await ask(400, 'GET', `${boatsUrl()}?fieldSelector=spec.crew=2`)
    assert.match(message, /field label not supported: spec\.crew/)
  }))

test('rules compare with what was, and say what their authors want said', () =>
  withCustomServer(async ({ ask, define }) => {
    const rules = (...list: object[]) => ({ 'x-kubernetes-validations': list })
    const keel = { type: 'string', maxLength: 10 }
    const once = rules({ rule: 'self == oldSelf', message: 'the keel is laid once' })
    const crew = { type: 'integer' }
    const even = rules({ rule: 'self % 2 == 0', messageExpression: '"odd, " + "alas"' })
    const definition = versionOf('v1', { keel: { ...keel, ...once }, crew: { ...crew, ...even } })
    await define(boats([definition]))
    const odd = await ask(422, 'POST', boatsUrl(), boat('a', { crew: 3 }))
    assert.match(odd.message, /spec\.crew: Invalid value: 3: odd, alas/)
    const nameless = await ask(422, 'POST', boatsUrl(), boat('', { crew: 3 }))
    assert.match(nameless.message, /Name is required, .*some validation rules were not checked/)
    await ask(201, 'POST', boatsUrl(), boat('a', { crew: 2, keel: 'oak' }))
    const change = { body: { spec: { keel: 'elm' } }, contentType: MERGE_PATCH }
    const { message } = await ask(422, 'PATCH', boatsUrl('v1', 'a'), change)
    assert.match(message, /spec\.keel: Invalid value: "elm": the keel is laid once/)
  }))

test('what was wrong before a schema said so may stay as it was', () =>
  withCustomServer(async ({ ask, define, clock }) => {
    await define(boats([versionOf('v1', { port: text, crew: { type: 'integer' } })]))
    await ask(201, 'POST', boatsUrl(), boat('a', { port: 'Regensburg' }))
    const versions = [
      versionOf('v1', { port: { ...text, maxLength: 4 }, crew: { type: 'integer' } }),
    ]
    const url = `${DEFINITIONS}/boats.${GROUP}`
    await ask(200, 'PATCH', url, { body: { spec: { versions } }, contentType: MERGE_PATCH })
    await clock.advance(2000)
    const crew = { body: { spec: { crew: 1 } }, contentType: MERGE_PATCH }
    await ask(200, 'PATCH', boatsUrl('v1', 'a'), crew)
    const port = { body: { spec: { port: 'Passau' } }, contentType: MERGE_PATCH }
    const { message } = await ask(422, 'PATCH', boatsUrl('v1', 'a'), port)
    assert.match(message, /spec\.port: Too long: may not be more than 4 bytes/)
  }))
