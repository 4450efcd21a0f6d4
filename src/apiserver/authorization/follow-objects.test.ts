import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settle, VirtualClock } from '../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../base/logger.ts'
import type { ObjectStore } from '../registry/object-store.ts'
import { followObjects } from './follow-objects.ts'

interface Event {
  readonly type: string
  readonly object: { readonly metadata: { readonly name: string } }
}

const event = (type: string, name: string): Event => ({ type, object: { metadata: { name } } })

/** A store whose watches are given by hand; an Error is a watch that cannot begin. */
function storeOf(scripts: (readonly (readonly Event[])[] | Error)[], until: Promise<void>) {
  const watch = () => {
    const script = scripts.shift()
    if (script instanceof Error) throw script
    const isLast = scripts.length === 0
    const batches = (async function* () {
      for (const events of script ?? []) yield events.map((one) => ({ event: one }))
      if (isLast) await until
    })()
    return Object.assign(batches, { end() {}, onEnded() {} })
  }
  const cache = { fresh: async () => {}, watch }
  return { cache, kind: { plural: 'roles' } } as unknown as ObjectStore
}

test('what is known stays in force while a storage fails, and is renewed after it', async () => {
  const clock = new VirtualClock()
  const stop = new AbortController()
  const names = new Set<string>()
  const complete: string[] = []
  let finish = () => {}
  const until = new Promise<void>((resolve) => {
    finish = resolve
  })
  const store = storeOf(
    [
      [[event('ADDED', 'a'), event('ADDED', 'b')], [event('DELETED', 'a')]],
      new Error('the storage is away'),
      [[event('ADDED', 'c')], [event('MODIFIED', 'c'), event('BOOKMARK', 'x')]],
    ],
    until,
  )
  const context = { signal: stop.signal, clock, logger: silentLogger }
  await followObjects(store, context, {
    clear: () => names.clear(),
    complete: () => complete.push([...names].join()),
    set: ({ metadata }) => names.add(metadata.name),
    delete: ({ metadata }) => names.delete(metadata.name),
  })
  await settle()
  assert.deepEqual([...names], ['b'])
  await clock.advance(1000)
  await settle()
  assert.deepEqual([...names], ['c'])
  assert.deepEqual(complete, ['a,b', 'c'])
  stop.abort()
  finish()
  await settle()
  assert.equal(clock.pendingTimers, 0)
})
