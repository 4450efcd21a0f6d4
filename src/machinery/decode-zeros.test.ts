import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeValue } from './decode.ts'
import { s } from './schema.ts'

const Thing = s.struct('test.v1.Thing', {
  flag: s.bool().optional(),
  count: s.int32().optional(),
  pointed: s.int32().optional().pointer(),
  port: s.int32().default(80),
  pointedPort: s.int32().default(80).pointer(),
  policy: s.string().default('Retain').pointer(),
  since: s.time().orNull(),
  items: s.list(s.string()).orNull(),
})

const read = (value: object) => decodeValue(Thing.node, value).value

test('a zero value is none where upstream has no pointer', () => {
  const filled = { port: 80, pointedPort: 80, policy: 'Retain', since: null, items: null }
  assert.deepEqual(read({}), filled)
  assert.deepEqual(read({ flag: false, count: 0, port: 0 }), filled)
  assert.deepEqual(read({ flag: true, count: 1, port: 8080 }), {
    ...filled,
    flag: true,
    count: 1,
    port: 8080,
  })
})

test('behind a pointer it is kept, and null is written for what always is', () => {
  assert.deepEqual(read({ pointed: 0, pointedPort: 0, policy: '', items: [] }), {
    pointed: 0,
    port: 80,
    pointedPort: 0,
    policy: '',
    since: null,
    items: [],
  })
  const since = '2026-01-01T00:00:00Z'
  assert.deepEqual(read({ since }), { ...(read({}) as object), since })
})
