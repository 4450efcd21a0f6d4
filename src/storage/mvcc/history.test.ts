import assert from 'node:assert/strict'
import { test } from 'node:test'
import { History } from './history.ts'
import type { Version } from './version.ts'

const versionOf = (modRevision: number, key = '/a'): Version => {
  const value = undefined
  const previous = undefined
  const counts = { createRevision: 1, modRevision, version: 1, expiryTime: 0 }
  return { key, isDeleted: false, ...counts, value, previous }
}

function filled(last: number, upTo: number): History {
  const history = new History(last)
  for (let revision = last + 1; revision <= upTo; revision++) history.append(versionOf(revision))
  return history
}

test('what is appended is found by its revision, from any first revision', () => {
  for (const last of [1, 510, 511, 512, 700, 1023]) {
    const history = filled(last, last + 1300)
    for (let revision = last + 1; revision <= last + 1300; revision++) {
      assert.equal(history.at(revision).modRevision, revision)
    }
    assert.throws(() => history.at(last + 1301), /in the history/)
    assert.throws(() => history.append(versionOf(last + 1302)), /follows/)
  }
})

test('clones share the past and part in what follows', () => {
  for (const cut of [1, 511, 512, 700, 1023, 1024, 1500]) {
    const history = filled(1, 1500)
    const clone = history.cloneUpTo(cut)
    assert.throws(() => clone.at(cut + 1), /in the history/)
    clone.append(versionOf(cut + 1, '/clone'))
    history.append(versionOf(1501, '/origin'))
    assert.equal(clone.at(cut + 1).key, '/clone')
    assert.equal(history.at(1501).key, '/origin')
    if (cut < 1500) assert.equal(history.at(cut + 1).key, '/a')
    if (cut > 1) assert.equal(clone.at(cut), history.at(cut))
  }
})

test('forgetting keeps what follows, and the clones', () => {
  const history = filled(1, 3000)
  const clone = history.cloneUpTo(3000)
  history.forgetBefore(2000)
  assert.equal(history.at(2000).modRevision, 2000)
  assert.throws(() => history.at(500), /in the history/)
  assert.equal(clone.at(500).modRevision, 500)
  history.forgetBefore(3001)
  for (let revision = 3001; revision < 4000; revision++) history.append(versionOf(revision))
  assert.equal(history.at(3500).modRevision, 3500)
})
