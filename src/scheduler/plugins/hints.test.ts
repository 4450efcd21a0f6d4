import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  nodeWith,
  type TestNode,
  type TestPod,
  testNode,
  testPod,
} from '../../../test/support/scheduling-objects.ts'
import {
  assignedPodEvent,
  type ClusterEvent,
  nodeEvent,
  pendingPodEvent,
} from '../framework/cluster-event.ts'
import type { Plugin } from '../framework/plugin.ts'
import { nodeAffinity } from './node-affinity.ts'
import { nodeName } from './node-name.ts'
import { nodePorts } from './node-ports.ts'
import { nodeResourcesFit } from './node-resources-fit.ts'
import { nodeUnschedulable } from './node-unschedulable.ts'
import { taintToleration } from './taint-toleration.ts'

const added = (node: TestNode = {}) => nodeEvent('Added', testNode('n', node))
const updated = (node: TestNode, old: TestNode = {}) =>
  nodeEvent('Updated', testNode('n', node), testNode('n', old))
const gone = (pod: TestPod, node: TestNode = {}, ...left: readonly TestPod[]) => {
  const others = left.map((one, index) => testPod(`left-${index}`, one))
  const place = { nodeName: 'n', node: nodeWith(testNode('n', node), ...others) }
  return assignedPodEvent('Deleted', testPod('gone', pod), place)
}
const itself = (pod: TestPod, old: TestPod) =>
  pendingPodEvent(testPod('waiting', pod), testPod('waiting', old))

/** Whether the queue would try a pod again that this plugin has rejected. */
function helps(plugin: Plugin, event: ClusterEvent, pod: TestPod = {}): boolean {
  if (!event.topics.some((topic) => plugin.helpedBy?.includes(topic))) return false
  return plugin.isHelpful?.(event, testPod('waiting', pod)) ?? true
}

const taint = { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }
const tolerant = { spec: { tolerations: [{ key: 'a', operator: 'Exists' }] } }
const selective = { spec: { nodeSelector: { zone: 'a' } } }
const zoneA = { labels: { zone: 'a' } }
const cordoned = { spec: { unschedulable: true } }
const small = { requests: { cpu: '1' } }
const large = { requests: { cpu: '8' } }
const port = (hostPort: number) => ({
  spec: { containers: [{ name: 'c', image: 'x', ports: [{ hostPort, containerPort: 80 }] }] },
})

const cases: readonly [string, Plugin, ClusterEvent, TestPod, boolean][] = [
  ['an open node', nodeUnschedulable, added(), {}, true],
  ['a cordoned node', nodeUnschedulable, added(cordoned), {}, false],
  ['uncordoned', nodeUnschedulable, updated({}, cordoned), {}, true],
  ['cordoned now', nodeUnschedulable, updated(cordoned), {}, false],
  ['other taints', nodeUnschedulable, updated({}, taint), {}, false],
  ['a tolerance of something else', nodeUnschedulable, itself(tolerant, {}), {}, false],

  ['a node without taints', taintToleration, added(), {}, true],
  ['a tainted node', taintToleration, added(taint), {}, false],
  ['a node with a tolerated taint', taintToleration, added(taint), tolerant, true],
  ['a taint removed', taintToleration, updated({}, taint), {}, true],
  ['a taint added', taintToleration, updated(taint), {}, false],
  ['labels of a node', taintToleration, updated(zoneA), {}, false],
  ['a new toleration', taintToleration, itself(tolerant, {}), {}, true],
  ['labels of the pod', taintToleration, itself({ labels: { a: 'b' } }, {}), {}, false],

  ['a node that matches', nodeAffinity, added(zoneA), selective, true],
  ['a node that does not', nodeAffinity, added(), selective, false],
  ['a node that matches now', nodeAffinity, updated(zoneA), selective, true],
  [
    'a node that matched before',
    nodeAffinity,
    updated({ labels: { ...zoneA.labels, b: 'c' } }, zoneA),
    selective,
    false,
  ],
  ['a node that matches no more', nodeAffinity, updated({}, zoneA), selective, false],
  ['a pod that goes', nodeAffinity, gone({}), selective, false],

  ['the node', nodeName, added(), { spec: { nodeName: 'n' } }, true],
  ['another node', nodeName, added(), { spec: { nodeName: 'm' } }, false],

  ['any node', nodePorts, added(), port(80), true],
  ['a pod with the port goes', nodePorts, gone(port(80)), port(80), true],
  ['a pod with another goes', nodePorts, gone(port(81)), port(80), false],
  ['a pod without ports goes', nodePorts, gone({}), port(80), false],

  ['a node that is large enough', nodeResourcesFit, added(), small, true],
  ['a node that is too small', nodeResourcesFit, added(), large, false],
  ['a node that has grown', nodeResourcesFit, updated({ allocatable: { cpu: '6' } }), small, true],
  [
    'a node that has not grown enough',
    nodeResourcesFit,
    updated({ allocatable: { cpu: '6' } }),
    large,
    false,
  ],
  [
    'a node with more of something else',
    nodeResourcesFit,
    updated({ allocatable: { memory: '9Gi' } }),
    small,
    false,
  ],
  [
    'a node that takes more pods',
    nodeResourcesFit,
    updated({ allocatable: { pods: '200' } }),
    small,
    true,
  ],
  ['a heartbeat', nodeResourcesFit, updated({ status: { conditions: [] } }), small, false],
  ['a pod goes and leaves enough', nodeResourcesFit, gone(small), small, true],
  [
    'a pod goes and others fill the node',
    nodeResourcesFit,
    gone(small, {}, { requests: { cpu: '4' } }),
    small,
    false,
  ],
  ['a pod goes from a node that is too small', nodeResourcesFit, gone(small), large, false],
  [
    'a pod goes from the nominated node',
    nodeResourcesFit,
    gone(small),
    { ...large, status: { nominatedNodeName: 'n' } },
    true,
  ],
  ['it asks for less', nodeResourcesFit, itself(small, large), small, true],
  ['it asks for more', nodeResourcesFit, itself(large, small), large, false],
]

test('a rejected pod is tried again for what helps, and for nothing else', async (t) => {
  for (const [name, plugin, event, pod, expected] of cases) {
    await t.test(`${plugin.name}: ${name}`, () => assert.equal(helps(plugin, event, pod), expected))
  }
})
