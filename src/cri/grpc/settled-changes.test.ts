import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settle, VirtualClock } from '../../../test/support/virtual-clock.ts'
import { complete } from '../../base/protobuf/complete.ts'
import type { ContainerChange, ContainerRuntime } from '../container-runtime.ts'
import { type Container, container } from '../messages/container.ts'
import type { ContainerState } from '../messages/enums.ts'
import type { ContainerdEvent } from './containerd-events.ts'
import { SettledChanges } from './settled-changes.ts'

function watched() {
  const clock = new VirtualClock()
  const abort = new AbortController()
  const states = new Map<string, ContainerState>()
  const runtime: Partial<ContainerRuntime> = {
    async listContainers(filter) {
      const id = filter?.id ?? ''
      const state = states.get(id)
      if (state === undefined) return []
      return [complete(container, { id, state, podSandboxId: 'pod' }) as Container]
    },
    listPodSandboxes: async () => [],
  }
  const changes = new SettledChanges(runtime as ContainerRuntime, clock, abort.signal)
  const seen: ContainerChange[] = []
  const reading = (async () => {
    for await (const change of changes) seen.push(change)
  })()
  const add = (containerId: string, type: ContainerdEvent['type']) =>
    changes.add({ containerId, type, createdAt: 7n })
  return { clock, states, seen, add, changes, reading }
}

test('an end is told only once the status shows it', async () => {
  const { clock, states, seen, add } = watched()
  states.set('a', 'CONTAINER_RUNNING')
  add('a', 'CONTAINER_STOPPED_EVENT')
  await clock.advance(100)
  assert.deepEqual(seen, [])
  states.set('a', 'CONTAINER_EXITED')
  await clock.advance(20)
  const type = 'CONTAINER_STOPPED_EVENT'
  assert.deepEqual(seen, [{ type, containerId: 'a', createdAt: 7n, podSandboxId: 'pod' }])
  assert.equal(clock.pendingTimers, 0)
})

test('one container’s events stay in order and do not hold up another’s', async () => {
  const { clock, states, seen, add } = watched()
  states.set('a', 'CONTAINER_CREATED')
  states.set('b', 'CONTAINER_RUNNING')
  add('a', 'CONTAINER_STARTED_EVENT')
  add('a', 'CONTAINER_STOPPED_EVENT')
  add('b', 'CONTAINER_STARTED_EVENT')
  await clock.advance(50)
  assert.deepEqual(
    seen.map(({ containerId }) => containerId),
    ['b'],
  )
  states.set('a', 'CONTAINER_EXITED')
  await clock.advance(50)
  assert.deepEqual(
    seen.map(({ containerId, type }) => `${containerId} ${type}`),
    ['b CONTAINER_STARTED_EVENT', 'a CONTAINER_STARTED_EVENT', 'a CONTAINER_STOPPED_EVENT'],
  )
})

test('a removed container’s pod is remembered; a status that never comes is given up', async () => {
  const { clock, states, seen, add } = watched()
  states.set('a', 'CONTAINER_RUNNING')
  add('a', 'CONTAINER_STARTED_EVENT')
  await settle()
  add('a', 'CONTAINER_STOPPED_EVENT')
  await clock.advance(2100)
  assert.equal(seen.length, 2)
  states.delete('a')
  add('a', 'CONTAINER_DELETED_EVENT')
  await settle()
  assert.equal(seen[2]?.podSandboxId, 'pod')
})

test('a failing status ends the watch with its error', async () => {
  const { changes, reading } = watched()
  changes.fail(new Error('connection lost'))
  await assert.rejects(reading, /connection lost/)
})
