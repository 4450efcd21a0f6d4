import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseJson } from '../../base/json.ts'
import { applyJsonPatch, jsonPatchProblems, readJsonPatch } from './json-patch.ts'

const apply = (document: unknown, ...patch: Record<string, unknown>[]) =>
  applyJsonPatch(document, readJsonPatch(patch))

test('each operation', () => {
  const cases: readonly (readonly [unknown, Record<string, unknown>, unknown])[] = [
    [{ a: 1 }, { op: 'add', path: '/b', value: 2 }, { a: 1, b: 2 }],
    [{ a: [1, 2] }, { op: 'add', path: '/a/1', value: 9 }, { a: [1, 9, 2] }],
    [{ a: [1] }, { op: 'add', path: '/a/-', value: 9 }, { a: [1, 9] }],
    [{ a: [1] }, { op: 'add', path: '/a/-1', value: 9 }, { a: [1, 9] }],
    [{ a: { b: 1 } }, { op: 'add', path: '/a/c~1d~0e', value: 2 }, { a: { b: 1, 'c/d~e': 2 } }],
    [{ a: 1 }, { op: 'add', path: '/b' }, { a: 1, b: null }],
    [{ a: 1, b: 2 }, { op: 'remove', path: '/a' }, { b: 2 }],
    [{ a: [1, 2, 3] }, { op: 'remove', path: '/a/-1' }, { a: [1, 2] }],
    [{ a: 1 }, { op: 'replace', path: '/a', value: { b: 1 } }, { a: { b: 1 } }],
    [{ a: 1 }, { op: 'replace', path: '/b', value: 2 }, { a: 1, b: 2 }],
    [{ a: 1 }, { op: 'replace', path: '', value: [1] }, [1]],
    [{ a: [{ b: 1 }] }, { op: 'replace', path: '/a/0/b', value: 2 }, { a: [{ b: 2 }] }],
    [
      { a: { b: 1 }, c: {} },
      { op: 'move', from: '/a/b', path: '/c/d' },
      { a: {}, c: { d: 1 } },
    ],
    [{ a: { b: 1 } }, { op: 'copy', from: '/a', path: '/c' }, { a: { b: 1 }, c: { b: 1 } }],
    [{ a: [1] }, { op: 'test', path: '/a', value: [1] }, { a: [1] }],
    [{ a: 1 }, { op: 'test', path: '/b', value: null }, { a: 1 }],
    [{ a: 1 }, { op: 'test', path: '', value: { a: 1 } }, { a: 1 }],
  ]
  for (const [document, operation, result] of cases) {
    const before = JSON.stringify(document)
    assert.deepEqual(apply(document, operation), result, JSON.stringify(operation))
    assert.equal(JSON.stringify(document), before)
  }
})

test('shares what did not change', () => {
  const document = { a: { x: 1 }, b: [{ y: 1 }, { z: 1 }] }
  const result = apply(document, { op: 'replace', path: '/b/0/y', value: 2 }) as typeof document
  assert.equal(result.a, document.a)
  assert.equal(result.b[1], document.b[1])
})

test('errors', () => {
  const cases: readonly (readonly [Record<string, unknown>, string])[] = [
    [
      { op: 'add', path: '/x/y' },
      'add operation does not apply: doc is missing path: "/x/y": missing value',
    ],
    [
      { op: 'add', path: '' },
      'add operation does not apply: doc is missing path: "": missing value',
    ],
    [{ op: 'add' }, 'add operation failed to decode path: missing value'],
    [
      { op: 'add', path: '/list/5' },
      "error in add for path: '/list/5': " +
        'Unable to access invalid index: 5: invalid index referenced',
    ],
    [
      { op: 'add', path: '/list/x' },
      "error in add for path: '/list/x': value was not a proper array index: 'x': " +
        'strconv.Atoi: parsing "x": invalid syntax',
    ],
    [
      { op: 'remove', path: '/x' },
      "error in remove for path: '/x': Unable to remove nonexistent key: x: missing value",
    ],
    [
      { op: 'replace', path: '/list/3', value: 1 },
      'replace operation does not apply: doc is missing key: /list/3: missing value',
    ],
    [
      { op: 'replace', path: '/x/y', value: 1 },
      'replace operation does not apply: doc is missing path: /x/y: missing value',
    ],
    [{ op: 'test', path: '/a', value: 2 }, 'testing value /a failed: test failed'],
    [
      { op: 'test', path: '/x/y', value: 2 },
      'test operation does not apply: is missing path: /x/y: missing value',
    ],
    [
      { op: 'move', from: '/x', path: '/a' },
      "error in move for path: 'x': Unable to remove nonexistent key: x: missing value",
    ],
    [
      { op: 'copy', from: '/x/y', path: '/a' },
      'copy operation does not apply: doc is missing from path: /x/y: missing value',
    ],
    [{ op: 'merge', path: '/a' }, 'Unexpected kind: merge'],
  ]
  for (const [operation, message] of cases) {
    const failure = { failure: 'unprocessable', message }
    assert.throws(() => apply({ a: 1, list: [1, 2] }, operation), failure, message)
  }
  assert.throws(() => readJsonPatch({}), {
    failure: 'format',
    message: 'json: cannot unmarshal object into Go value of type jsonpatch.Patch',
  })
  assert.deepEqual(readJsonPatch(null), [], 'as webhooks in Go send it that change nothing')
  assert.deepEqual(readJsonPatch([null]), [{}])
  assert.throws(() => readJsonPatch(Array.from({ length: 10_001 }, () => ({}))), {
    reason: 'RequestEntityTooLarge',
    message:
      'Request entity too large: ' +
      'The allowed maximum operations in a JSON patch is 10000, got 10001',
  })
  assert.deepEqual(jsonPatchProblems([{ op: 'add', foo: 1 }]), [
    'json patch unknown field "[0].foo"',
  ])
})

test('a field that is undefined is none', () => {
  const remove = { op: 'remove', path: '/a/b' }
  assert.throws(() => apply({ a: { b: undefined } }, remove), /nonexistent key: b: missing value/)
  const copied = apply({ a: { b: undefined } }, { op: 'copy', from: '/a/b', path: '/c' })
  assert.deepEqual(copied, { a: { b: undefined }, c: null })
})

test('prototypes are out of reach', () => {
  const own = apply({}, { op: 'add', path: '/__proto__', value: { polluted: 1 } })
  assert.equal(JSON.stringify(own), '{"__proto__":{"polluted":1}}')
  assert.throws(() => apply({}, { op: 'add', path: '/__proto__/polluted', value: 1 }))
  assert.throws(() => apply({}, { op: 'add', path: '/constructor/prototype/polluted', value: 1 }))
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  assert.deepEqual(
    apply(parseJson('{"__proto__":1,"a":2}'), { op: 'remove', path: '/__proto__' }),
    {
      a: 2,
    },
  )
})
