import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  countCommon,
  firstMissing,
  formatIndexes,
  hasIndex,
  mergeIndexes,
  readIndexes,
  withIndexes,
} from './index-list.ts'

test('indexes are read as far as they can be, and written in short', () => {
  const cases: readonly [text: string, completions: number, written: string][] = [
    ['', 5, ''],
    ['1', 5, '1'],
    ['1,2', 5, '1,2'],
    ['1-3', 5, '1-3'],
    ['0,2-4,6', 9, '0,2-4,6'],
    ['0-4,5', 9, '0-5'],
    ['0,2-9', 5, '0,2-4'],
    ['0,7', 5, '0'],
    ['0,x,2', 5, '0,2'],
  ]
  for (const [text, completions, written] of cases) {
    assert.equal(formatIndexes(readIndexes(text, completions)), written, text)
  }
})

test('indexes are added and found', () => {
  const list = withIndexes(readIndexes('0,2-4', 100), [7, 1, 9])
  assert.equal(formatIndexes(list), '0-4,7,9')
  assert.ok([0, 1, 4, 7, 9].every((index) => hasIndex(list, index)))
  assert.ok([5, 8, 10].every((index) => !hasIndex(list, index)))
  assert.equal(formatIndexes(mergeIndexes(list, readIndexes('5-8', 100))), '0-9')
})

test('common and missing indexes are found', () => {
  const list = readIndexes('0-2,5,7-9', 100)
  assert.equal(countCommon(list, readIndexes('1-7', 100)), 4)
  assert.equal(countCommon(readIndexes('1-7', 100), list), 4)
  assert.equal(countCommon(list, []), 0)
  assert.deepEqual(firstMissing(list, 3, 100), [3, 4, 6])
  assert.deepEqual(firstMissing(list, 9, 11), [3, 4, 6, 10])
  assert.deepEqual(firstMissing([], 2, 1), [0])
  assert.deepEqual(firstMissing(readIndexes('0-4', 5), 2, 5), [])
})
