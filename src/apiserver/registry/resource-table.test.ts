import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import { Secret } from '../../kinds/core/v1/secret.ts'
import type { Kind } from '../../machinery/kind.ts'
import { MemoryStorage } from '../../storage/memory/memory-storage.ts'
import { ResourceTable } from './resource-table.ts'

function tableOf(...kinds: readonly Kind[]): ResourceTable {
  const clock = new VirtualClock()
  const storage = MemoryStorage.create({ clock, logger: silentLogger })
  return new ResourceTable({ kinds, storage, clock, logger: silentLogger })
}

test('a resource is found by its kind for as long as it is served', () => {
  const table = tableOf(ConfigMap, Secret)
  assert.equal(table.findKind('v1', 'ConfigMap'), table.of(ConfigMap))
  assert.equal(table.findKind('v1', 'Secret'), table.of(Secret))
  assert.equal(table.findKind('v2', 'Secret'), undefined)
  table.remove(ConfigMap)
  assert.equal(table.findKind('v1', 'ConfigMap'), undefined)
  assert.equal(table.findKind('v1', 'Secret'), table.of(Secret))
  table.add(ConfigMap)
  assert.equal(table.findKind('v1', 'ConfigMap'), table.of(ConfigMap))
})

test('of several resources of one kind the first is found, as long as it is there', () => {
  const other: Kind = { ...ConfigMap, plural: 'othermaps' }
  const table = tableOf(ConfigMap, other)
  assert.equal(table.findKind('v1', 'ConfigMap'), table.of(ConfigMap))
  table.remove(ConfigMap)
  assert.equal(table.findKind('v1', 'ConfigMap'), table.of(other))
})

test('a kind that took the place of another one is found instead', () => {
  const table = tableOf(ConfigMap)
  const renamed: Kind = { ...ConfigMap, kind: 'Settings' }
  table.add(renamed)
  assert.equal(table.findKind('v1', 'ConfigMap'), undefined)
  assert.equal(table.findKind('v1', 'Settings')?.kind, renamed)
  table.remove(ConfigMap)
  assert.equal(table.findKind('v1', 'Settings')?.kind, renamed)
  table.remove(renamed)
  assert.equal(table.findKind('v1', 'Settings'), undefined)
})
