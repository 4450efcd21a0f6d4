import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PatternCache } from './pattern-cache.ts'

test('patterns are kept by what they take, those used last', () => {
  const cache = new PatternCache(1000)
  const first = cache.get('^[a-z]+$')
  assert.equal(cache.get('^[a-z]+$'), first)
  assert.deepEqual(Object.keys(cache.get('a{')), ['expression'])
  assert.match(JSON.stringify(cache.get('(')), /missing closing \)/)
  for (let length = 1; length < 100; length++) {
    cache.get(`a{${length}}`)
    cache.get('^[a-z]+$')
    assert.ok(cache.kept <= 1000)
  }
  assert.equal(cache.get('^[a-z]+$'), first)
  assert.equal(cache.has('a{50}'), false)
  assert.equal(cache.has('a{99}'), true)
  // One that is too great for it is used and not kept.
  assert.ok('expression' in cache.get('(a{1,50}){1,20}'))
  assert.equal(cache.kept, 0)
})
