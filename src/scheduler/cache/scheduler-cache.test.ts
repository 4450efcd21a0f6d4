import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testNode, testPod } from '../../../test/support/scheduling-objects.ts'
import { podInfoOf } from '../framework/pod-info.ts'
import { SchedulerCache } from './scheduler-cache.ts'

const pod = (name: string, nodeName?: string) =>
  testPod(name, { requests: { cpu: '1' }, ...(nodeName !== undefined && { spec: { nodeName } }) })
const cpuOn = (cache: SchedulerCache, name: string) => cache.node(name)?.requested.get('cpu') ?? 0

function createCache(...names: readonly string[]): SchedulerCache {
  const cache = new SchedulerCache()
  for (const name of names) cache.setNode(testNode(name))
  return cache
}

test('an assumed pod counts at once, and once when it is confirmed', () => {
  const cache = createCache('a')
  cache.assume(podInfoOf(pod('p')), 'a')
  assert.equal(cpuOn(cache, 'a'), 1000)
  cache.setPod(pod('p', 'a'))
  assert.equal(cpuOn(cache, 'a'), 1000)
  assert.equal(cache.forget('uid-p'), false)
  cache.removePod('uid-p')
  assert.equal(cpuOn(cache, 'a'), 0)
})

test('an assumed pod that turns up elsewhere is moved', () => {
  const cache = createCache('a', 'b')
  cache.assume(podInfoOf(pod('p')), 'a')
  cache.setPod(pod('p', 'b'))
  assert.deepEqual([cpuOn(cache, 'a'), cpuOn(cache, 'b')], [0, 1000])
  assert.equal(cache.nodeOf('uid-p'), 'b')
})

test('an assumed pod that is not bound is forgotten', () => {
  const cache = createCache('a')
  cache.assume(podInfoOf(pod('p')), 'a')
  assert.equal(cache.forget('uid-p'), true)
  assert.deepEqual([cpuOn(cache, 'a'), cache.nodeOf('uid-p')], [0, undefined])
})

test('pods that come before their node, or stay behind it, count when it is there', () => {
  const cache = createCache()
  cache.setPod(pod('p', 'a'))
  assert.equal(cache.nodes.length, 0)
  cache.setNode(testNode('a'))
  assert.equal(cpuOn(cache, 'a'), 1000)
  cache.removeNode('a')
  assert.deepEqual([cache.nodes.length, cache.node('a')], [0, undefined])
  cache.setNode(testNode('a'))
  assert.equal(cpuOn(cache, 'a'), 1000)
})

test('zones take turns', () => {
  const cache = new SchedulerCache()
  const add = (name: string, zone: string) =>
    cache.setNode(testNode(name, { labels: { 'topology.kubernetes.io/zone': zone } }))
  for (const name of ['a1', 'a2', 'a3']) add(name, 'a')
  add('b1', 'b')
  add('c1', 'c')
  add('c2', 'c')
  const order = () => cache.nodes.map(({ name }) => name).join(' ')
  assert.equal(order(), 'a1 b1 c1 a2 c2 a3')
  cache.removeNode('a1')
  assert.equal(order(), 'a2 b1 c1 a3 c2')
  add('a2', 'b')
  assert.equal(order(), 'a2 a3 c1 b1 c2')
})

test('images are counted over nodes that exist', () => {
  const cache = new SchedulerCache()
  const images = (...names: string[]) => ({ status: { images: [{ names, sizeBytes: 1 }] } })
  cache.setNode(testNode('a', images('x', 'y')))
  cache.setNode(testNode('b', images('x')))
  assert.deepEqual([cache.imageCount('x'), cache.imageCount('y')], [2, 1])
  cache.setNode(testNode('b', images('y')))
  cache.removeNode('a')
  assert.deepEqual([cache.imageCount('x'), cache.imageCount('y')], [0, 1])
})
