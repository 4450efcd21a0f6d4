import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CacheEvent } from './cache-event.ts'
import { EventWindow } from './event-window.ts'
import { ObjectBytes } from './object-bytes.ts'
import { StoredObject } from './stored-object.ts'

const bytes = new ObjectBytes({ kind: 'ConfigMap', apiVersion: 'v1' })
const eventOf = (revision: number, size: number) => {
  const stored = new StoredObject(bytes, '/registry/configmaps/a/b', Buffer.alloc(size), revision)
  return new CacheEvent(revision, stored.key, stored, undefined)
}
const revisions = (window: EventWindow) =>
  window.after(window.startRevision).map(({ revision }) => revision)

test('of many small changes the newest are kept, by their number', () => {
  const window = new EventWindow({ events: 4, bytes: 1000 }, 0)
  for (let revision = 1; revision <= 7; revision++) window.push(eventOf(revision, 1))
  assert.equal(window.startRevision, 0)
  assert.deepEqual(revisions(window), [1, 2, 3, 4, 5, 6, 7])
  window.push(eventOf(8, 1))
  assert.equal(window.startRevision, 4)
  assert.deepEqual(revisions(window), [5, 6, 7, 8])
  assert.deepEqual(
    window.after(6).map(({ revision }) => revision),
    [7, 8],
  )
})

test('of large changes no more than some bytes, and not one that is larger than all', () => {
  const window = new EventWindow({ events: 100, bytes: 1000 }, 0)
  for (let revision = 1; revision <= 5; revision++) window.push(eventOf(revision, 450))
  assert.deepEqual(revisions(window), [4, 5])
  assert.equal(window.startRevision, 3)
  window.push(eventOf(6, 5000))
  assert.deepEqual(revisions(window), [])
  assert.equal(window.startRevision, 6)
  window.push(eventOf(7, 10))
  assert.deepEqual(revisions(window), [7])
})
