import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtInKinds } from '../kinds/index.ts'
import { etcdIdOf, kindsElsewhere, parseEtcdOverrides } from './etcd-overrides.ts'

const placesOf = (list: string) =>
  [...kindsElsewhere(parseEtcdOverrides(list), builtInKinds)].map(
    ([{ group, plural }, servers]) => `${group}/${plural} ${servers}`,
  )

test('overrides are read as upstream reads them', () => {
  assert.deepEqual(parseEtcdOverrides('/pods#http://a:1;http://b:2,/events#http://c:3'), [
    { group: '', resource: 'pods', servers: 'http://a:1,http://b:2' },
    { group: '', resource: 'events', servers: 'http://c:3' },
  ])
  const bad = ['/events', 'events#http://a', '/events#', '/events#a;', '/a/b#c', '/a#b#c', 'a', '']
  for (const list of bad) {
    assert.throws(() => parseEtcdOverrides(list), /must be of format: group\/resource#servers/)
  }
})

test('a resource weighs more than its group, the last more than the first', () => {
  assert.deepEqual(placesOf('/events#e'), ['/events e'])
  assert.deepEqual(placesOf('coordination.k8s.io/leases#one,coordination.k8s.io/leases#two'), [
    'coordination.k8s.io/leases two',
  ])
  const apps = placesOf('apps/deployments#d,apps/*#all')
  assert.ok(apps.includes('apps/deployments d'))
  assert.ok(apps.includes('apps/statefulsets all'))
})

test('each store is named once, by the version that is stored', () => {
  assert.deepEqual(placesOf('autoscaling/horizontalpodautoscalers#a'), [
    'autoscaling/horizontalpodautoscalers a',
  ])
  assert.deepEqual(placesOf('events.k8s.io/events#e'), [], 'events are stored as those of core')
  assert.deepEqual(placesOf('apiextensions.k8s.io/*#a,apiregistration.k8s.io/apiservices#a'), [])
  assert.deepEqual(placesOf('/bindings#a,example.com/widgets#a'), [])
})

test('an etcd is known again in whatever order its members are named', () => {
  assert.equal(etcdIdOf('http://b,http://a'), etcdIdOf('http://a,http://b'))
})
