import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../test/support/virtual-clock.ts'
import { ResourceTable } from '../apiserver/registry/resource-table.ts'
import { silentLogger } from '../base/logger.ts'
import { ConfigMap } from '../kinds/core/v1/config-map.ts'
import { Event } from '../kinds/core/v1/event.ts'
import type { Kind, KubeObject } from '../machinery/kind.ts'
import { MemoryStorage } from '../storage/memory/memory-storage.ts'
import { eventTtlOf } from './serving-flags.ts'

/** After how many seconds an object of a kind has gone; undefined where it stays for a day. */
async function lifetimeOf(kind: Kind, eventTtlSeconds: number | undefined) {
  const clock = new VirtualClock()
  const storage = MemoryStorage.create({ clock, logger: silentLogger })
  const ports = { storage, clock, logger: silentLogger }
  const table = new ResourceTable({ kinds: [kind], ...ports, eventTtlSeconds })
  const store = table.openStore(kind)
  const object = {
    ...{ kind: kind.kind, apiVersion: kind.apiVersion },
    metadata: { name: 'a', namespace: 'default', uid: 'u' },
  }
  await store.create(object as unknown as KubeObject)
  for (const seconds of [59, 2, 3538, 2, 86_400]) {
    await clock.advance(seconds * 1000)
    if ((await storage.get(store.keyOf('default', 'a'))) === undefined) {
      return clock.monotonic() / 1000
    }
  }
  return undefined
}

test('events are kept as long as the flag says, other objects for ever', async () => {
  assert.deepEqual(
    ['1m0s', '1h30m', '0s', '1500ms'].map((eventTtl) => eventTtlOf({ eventTtl })),
    [...[60, 5400, 0, 1]],
  )
  assert.throws(() => eventTtlOf({ eventTtl: 'long' }), /--event-ttl/)
  assert.equal(eventTtlOf({}), undefined)
  assert.equal(await lifetimeOf(Event, 60), 61)
  assert.equal(await lifetimeOf(Event, undefined), 3601)
  assert.equal(await lifetimeOf(Event, 0), undefined)
  assert.equal(await lifetimeOf(ConfigMap, 60), undefined)
})
