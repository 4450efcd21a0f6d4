import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseJson } from '../../base/json.ts'
import { applyMergePatch } from './merge-patch.ts'

/** The table of RFC 7386, appendix A, without the patches that are no objects. */
const CASES: readonly (readonly [unknown, unknown, unknown])[] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  [['a'], { a: 1 }, { a: 1 }],
  [{}, { a: [null, { b: null }] }, { a: [null, {}] }],
]

test('merges as RFC 7386 says', () => {
  for (const [document, patch, result] of CASES) {
    const before = JSON.stringify(document)
    assert.deepEqual(applyMergePatch(document, patch), result)
    assert.equal(JSON.stringify(document), before)
  }
})

test('shares what did not change', () => {
  const document = { a: { x: 1 }, b: { y: { z: 1 } } }
  const result = applyMergePatch(document, { a: { x: 2 } }) as typeof document
  assert.equal(result.b, document.b)
  assert.equal(applyMergePatch(document, { b: { y: { z: 1 } }, c: null }), document)
})

test('a key named __proto__ is a key', () => {
  const result = applyMergePatch({}, parseJson('{"__proto__":{"polluted":1}}'))
  assert.equal(JSON.stringify(result), '{"__proto__":{"polluted":1}}')
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
})

test('a scalar is no patch', () => {
  assert.throws(() => applyMergePatch({}, 'x'), { message: 'Invalid JSON Patch' })
  assert.throws(() => applyMergePatch({}, null), { message: 'Invalid JSON Patch' })
})
