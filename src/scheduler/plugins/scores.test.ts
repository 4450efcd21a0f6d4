import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  nodeWith,
  type TestPod,
  testNode,
  testPod,
} from '../../../test/support/scheduling-objects.ts'
import { SchedulerCache } from '../cache/scheduler-cache.ts'
import { CycleState } from '../framework/cycle-state.ts'
import type { NodeInfo } from '../framework/node-info.ts'
import type { Plugin } from '../framework/plugin.ts'
import { podInfoOf } from '../framework/pod-info.ts'
import { imageLocality } from './image-locality.ts'
import { nodeAffinity } from './node-affinity.ts'
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.ts'
import { nodeResourcesFit } from './node-resources-fit.ts'
import { taintToleration } from './taint-toleration.ts'

/** The normalized scores; undefined where the plugin steps aside. */
function scoresOf(plugin: Plugin, pod: TestPod, nodes: readonly NodeInfo[]): number[] | undefined {
  const state = new CycleState()
  const info = podInfoOf(testPod('incoming', pod))
  if (plugin.preScore?.(state, info, nodes)?.code === 'Skip') return undefined
  const scores = nodes.map((node) => plugin.score?.(state, info, node) ?? 0)
  plugin.normalize?.(state, info, scores, nodes)
  return scores
}

const machine = (name: string, cpu: number, memory: number, ...pods: TestPod[]) =>
  nodeWith(
    testNode(name, { allocatable: { cpu: `${cpu}m`, memory: `${memory}` } }),
    ...pods.map((pod, index) => testPod(`${name}-${index}`, pod)),
  )
const asks = (cpu: number, memory: number): TestPod => ({
  requests: { cpu: `${cpu}m`, memory: `${memory}` },
})

test('NodeResourcesFit prefers the emptier node', () => {
  const nodes = [machine('a', 4000, 10000), machine('b', 6000, 10000)]
  // (4000 - 3000) * 100 / 4000 = 25 and (10000 - 5000) * 100 / 10000 = 50; 50 and 50.
  assert.deepEqual(scoresOf(nodeResourcesFit, asks(3000, 5000), nodes), [37, 50])
  const used = [
    machine('a', 10000, 20000, asks(6000, 0)),
    machine('b', 10000, 20000, asks(6000, 5000)),
  ]
  // 40 and 75; 40 and 50. A container that asks for 0 counts for 0.
  assert.deepEqual(scoresOf(nodeResourcesFit, asks(0, 5000), used), [57, 45])
  // One that does not ask at all counts for 0.1 cores and 200 MiB.
  const modest = [machine('a', 1000, 1000 * 2 ** 20)]
  assert.deepEqual(scoresOf(nodeResourcesFit, {}, modest), [85])
  assert.deepEqual(scoresOf(nodeResourcesFit, asks(1, 1), [machine('a', 0, 0)]), [0])
})

test('NodeResourcesBalancedAllocation prefers the node that it would fill evenly', () => {
  const nodes = [machine('a', 4000, 10000), machine('b', 6000, 10000)]
  // a: 3/4 and 1/2 used, so 100 * (1 - 1/8) = 87 after and 100 before. b: 1/2 and 1/2.
  assert.deepEqual(scoresOf(nodeResourcesBalancedAllocation, asks(3000, 5000), nodes), [68, 75])
  assert.equal(scoresOf(nodeResourcesBalancedAllocation, {}, nodes), undefined)
  const improved = [machine('a', 1000, 1000, asks(500, 0)), machine('b', 1000, 1000, asks(0, 500))]
  assert.deepEqual(scoresOf(nodeResourcesBalancedAllocation, asks(0, 500), improved), [87, 62])
})

test('TaintToleration prefers the node with the fewest taints that are not tolerated', () => {
  const taints = (...keys: string[]) =>
    nodeWith(
      testNode(keys.join() || 'none', {
        spec: { taints: keys.map((key) => ({ key, effect: 'PreferNoSchedule' })) },
      }),
    )
  const nodes = [taints(), taints('a'), taints('a', 'b')]
  assert.deepEqual(scoresOf(taintToleration, {}, nodes), [100, 50, 0])
  const tolerations = [{ key: 'a', operator: 'Exists' }]
  assert.deepEqual(scoresOf(taintToleration, { spec: { tolerations } }, nodes), [100, 100, 0])
})

test('NodeAffinity adds up the weights of the preferences that hold', () => {
  const term = (weight: number, key: string) => ({
    weight,
    preference: { matchExpressions: [{ key, operator: 'Exists' }] },
  })
  const affinity = {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [term(2, 'a'), term(8, 'b')],
    },
  }
  const labelled = (labels: Record<string, string>) => nodeWith(testNode('n', { labels }))
  const nodes = [labelled({}), labelled({ a: '' }), labelled({ b: '' }), labelled({ a: '', b: '' })]
  assert.deepEqual(scoresOf(nodeAffinity, { spec: { affinity } }, nodes), [0, 20, 80, 100])
  assert.equal(scoresOf(nodeAffinity, {}, nodes), undefined)
})

test('ImageLocality prefers nodes that have the images, the more the more nodes have them', () => {
  const cache = new SchedulerCache()
  const has = (name: string, sizes: Record<string, number>) => {
    const images = Object.entries(sizes).map(([image, mebibytes]) => ({
      names: [image],
      sizeBytes: mebibytes * 1024 * 1024,
    }))
    cache.setNode(testNode(name, { status: { images } }))
  }
  has('a', { 'gcr.io/40:latest': 40, 'gcr.io/300:latest': 300, 'gcr.io/2000:latest': 2000 })
  has('b', { 'gcr.io/250:latest': 250, 'gcr.io/10:latest': 10 })
  const pod = (...images: string[]): TestPod => ({
    spec: { containers: images.map((image, index) => ({ name: `c${index}`, image })) },
  })
  const scores = (...images: string[]) =>
    scoresOf(imageLocality(cache), pod(...images), cache.nodes)
  // a: 40 / 2 is less than 23 MiB. b: 250 / 2, of which 23 do not count, of 1000 each.
  assert.deepEqual(scores('gcr.io/40', 'gcr.io/250'), [0, 5])
  assert.deepEqual(scores('gcr.io/40', 'gcr.io/300'), [7, 0])
  assert.deepEqual(scores('gcr.io/10', 'gcr.io/2000'), [49, 0])
  assert.equal(scores('gcr.io/unknown'), undefined)
})
