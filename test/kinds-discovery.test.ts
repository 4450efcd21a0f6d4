import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { builtInKinds } from '../src/kinds/index.ts'
import { discoveryOf } from '../src/machinery/discovery.ts'
import { compareVersions } from '../src/machinery/group-priority.ts'
import type { APIGroupList, APIResourceList } from '../src/machinery/meta-discovery.ts'
import { readUpstream, upstreamIsMissing } from './support/upstream.ts'

describe('discovery', { skip: upstreamIsMissing }, () => {
  const discovery = discoveryOf(builtInKinds)

  test('lists the groups in upstream\u2019s order, with the same preferred versions', () => {
    assert.deepEqual(plain(discovery.groups), readUpstream<APIGroupList>('discovery/apis.json'))
  })

  test('describes each group', () => {
    const { groups } = readUpstream<APIGroupList>('discovery/apis.json')
    assert.equal(discovery.group.size, groups.length)
    for (const { name } of groups) {
      const expected = readUpstream(`discovery/apis__${name}.json`)
      assert.deepEqual(plain(discovery.group.get(name)), expected, name)
    }
  })

  test('lists the resources of each version, and no others', () => {
    const lists = readdirSync(join(process.cwd(), '..', 'shared', 'upstream', 'discovery'))
      .filter((file) => /__v\d[a-z0-9]*\.json$/.test(file))
      .map((file) => readUpstream<APIResourceList>(`discovery/${file}`))
    const expected = lists.map(({ groupVersion }) => groupVersion).toSorted()
    assert.deepEqual([...discovery.resources.keys()].toSorted(), expected)
    for (const list of lists) {
      const ours = discovery.resources.get(list.groupVersion)
      assert.deepEqual(plain(ours), list, list.groupVersion)
    }
  })

  test('answers aggregated discovery', () => {
    assert.deepEqual(plain(discovery.aggregated), readUpstream('discovery/aggregated_v2.json'))
  })

  test('lists the core group by itself', () => {
    assert.deepEqual(discovery.coreVersions, ['v1'])
    const [core] = discovery.aggregatedCore.items
    const names = core?.versions[0]?.resources?.map(({ resource }) => resource)
    const { resources } = readUpstream<APIResourceList>('discovery/api__v1.json')
    const expected = resources.map(({ name }) => name).filter((name) => !name.includes('/'))
    assert.deepEqual(names, expected)
  })
})

test('orders versions by stability and number', () => {
  const versions = ['v1alpha1', 'v10', 'foo', 'v1', 'v2beta1', 'v1beta10', 'v1beta2', 'v2', 'bar']
  const expected = ['v10', 'v2', 'v1', 'v2beta1', 'v1beta10', 'v1beta2', 'v1alpha1', 'bar', 'foo']
  assert.deepEqual(versions.toSorted(compareVersions), expected)
})

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
