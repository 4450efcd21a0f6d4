import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diffJson, unifiedDiff } from './unified-diff.ts'

test('shows what differs with three lines around it', () => {
  const before = ['1', '2', '3', '4', '5', '6', '7', '8', '9']
  assert.equal(unifiedDiff(before, before), '')
  assert.equal(
    unifiedDiff(before, before.with(4, 'x')),
    '@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n',
  )
  assert.equal(unifiedDiff([], ['a']), '@@ -0,0 +1 @@\n+a\n')
  const far = ['a', ...before, ...before, 'b']
  const hunks = unifiedDiff(far, ['A', ...before, ...before, 'B'])
  assert.deepEqual(hunks.match(/^@@.*$/gm), ['@@ -1,4 +1,4 @@', '@@ -17,4 +17,4 @@'])
  assert.equal(
    diffJson({ a: 1, b: 2n ** 60n }, { a: 2, b: 2n ** 60n }),
    ['@@ -1,4 +1,4 @@\n {\n- "a": 1,\n+ "a": 2,\n  "b": "1152921504606846976"\n }\n'].join(''),
  )
})
