import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtInKinds } from '../../../kinds/index.ts'
import { discoveryOf } from '../../../machinery/discovery.ts'
import { mergeDiscovery, type RemoteVersion } from './merge-discovery.ts'

const local = discoveryOf(builtInKinds)

function remote(group: string, version: string, groupPriority: number, versionPriority: number) {
  const discovery = { version, resources: [], freshness: 'Current' as const }
  return { group, groupPriority, versionPriority, discovery } satisfies RemoteVersion
}

test('without other servers nothing changes', () => {
  assert.equal(mergeDiscovery(local, []), local)
  const merged = mergeDiscovery(local, [remote('x.y', 'v1', 1, 1)])
  const others = merged.groups.groups.filter(({ name }) => name !== 'x.y')
  assert.deepEqual(others, local.groups.groups, 'the order of what is built in stays')
  const items = merged.aggregated.items.filter(({ metadata }) => metadata.name !== 'x.y')
  assert.deepEqual(items, local.aggregated.items)
})

test('the highest version decides where a group is, its priority where a version is', () => {
  const merged = mergeDiscovery(local, [
    remote('b.example.com', 'v1', 10, 5),
    remote('b.example.com', 'v2', 30_000, 1),
    remote('b.example.com', 'v1beta1', 10, 5),
    remote('a.example.com', 'v1', 10, 1),
  ])
  const names = merged.groups.groups.map(({ name }) => name)
  assert.equal(names[0], 'b.example.com')
  assert.equal(names.at(-1), 'a.example.com')
  const versions = merged.group.get('b.example.com')?.versions.map(({ version }) => version)
  assert.deepEqual(versions, ['v1', 'v1beta1', 'v2'])
})

test('another server may take a version over', () => {
  const merged = mergeDiscovery(local, [remote('apps', 'v1', 17_800, 15)])
  const apps = merged.aggregated.items.find(({ metadata }) => metadata.name === 'apps')
  assert.deepEqual(apps?.versions, [{ version: 'v1', freshness: 'Current' }])
})

test('a version of which nothing is known mentions no resources', () => {
  const merged = mergeDiscovery(local, [remote('x.y', 'v1', 1, 1)])
  const group = merged.aggregated.items.find(({ metadata }) => metadata.name === 'x.y')
  assert.deepEqual(group?.versions.map(Object.keys), [['version', 'freshness']])
})
