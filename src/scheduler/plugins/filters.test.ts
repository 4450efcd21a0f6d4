import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  nodeWith,
  type TestNode,
  type TestPod,
  testNode,
  testPod,
} from '../../../test/support/scheduling-objects.ts'
import { CycleState } from '../framework/cycle-state.ts'
import type { Plugin } from '../framework/plugin.ts'
import { podInfoOf } from '../framework/pod-info.ts'
import { nodeAffinity } from './node-affinity.ts'
import { nodeName } from './node-name.ts'
import { nodePorts } from './node-ports.ts'
import { nodeResourcesFit } from './node-resources-fit.ts'
import { nodeUnschedulable } from './node-unschedulable.ts'
import { taintToleration } from './taint-toleration.ts'

interface Case {
  readonly name: string
  readonly pod: TestPod
  readonly node?: TestNode
  /** Pods on the node. */
  readonly others?: readonly TestPod[]
  /** The rejection: its code's first letter and its reasons; absent where the pod fits. */
  readonly rejected?: string
}

/** `+` where removing other pods could help. */
function outcome(plugin: Plugin, { pod, node, others = [] }: Case): string | undefined {
  const state = new CycleState()
  const info = podInfoOf(testPod('incoming', pod))
  const placed = others.map((other, index) => testPod(`other-${index}`, other))
  const nodeInfo = nodeWith(testNode('machine1', node), ...placed)
  const before = plugin.preFilter?.(state, info, [nodeInfo])
  if (before?.code === 'Skip') return undefined
  if (before !== undefined && 'reasons' in before) return `pre: ${before.reasons.join(', ')}`
  if (before?.nodeNames?.has('machine1') === false) return 'left out'
  const rejection = plugin.filter?.(state, info, nodeInfo)
  if (rejection === undefined) return undefined
  const sign = rejection.code === 'Unschedulable' ? '+ ' : ''
  return `${sign}${rejection.reasons.join(', ')}`
}

function table(plugin: Plugin, cases: readonly Case[]): void {
  test(plugin.name, async (t) => {
    for (const one of cases) {
      await t.test(one.name, () => assert.equal(outcome(plugin, one), one.rejected))
    }
  })
}

const CORDONED = 'node(s) were unschedulable'
table(nodeUnschedulable, [
  { name: 'open node', pod: {} },
  { name: 'cordoned', pod: {}, node: { spec: { unschedulable: true } }, rejected: CORDONED },
  {
    name: 'cordoned, and tolerated',
    pod: {
      spec: {
        tolerations: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }],
      },
    },
    node: { spec: { unschedulable: true } },
  },
  {
    name: 'cordoned, and everything tolerated',
    pod: { spec: { tolerations: [{ operator: 'Exists' }] } },
    node: { spec: { unschedulable: true } },
  },
])

const OTHER_NAME = "node(s) didn't match the requested node name"
table(nodeName, [
  { name: 'no name', pod: {} },
  { name: 'this name', pod: { spec: { nodeName: 'machine1' } } },
  { name: 'another name', pod: { spec: { nodeName: 'machine2' } }, rejected: OTHER_NAME },
])

const TAINT = { key: 'dedicated', value: 'user1', effect: 'NoSchedule' }
const UNTOLERATED = 'node(s) had untolerated taint(s)'
const tainted = (...taints: object[]): TestNode => ({ spec: { taints } })
const tolerating = (...tolerations: object[]): TestPod => ({ spec: { tolerations } })
table(taintToleration, [
  { name: 'no taint', pod: {} },
  { name: 'a taint', pod: {}, node: tainted(TAINT), rejected: UNTOLERATED },
  {
    name: 'tolerated with its value',
    pod: tolerating({ key: 'dedicated', value: 'user1', effect: 'NoSchedule' }),
    node: tainted(TAINT),
  },
  {
    name: 'tolerated with another value',
    pod: tolerating({ key: 'dedicated', operator: 'Equal', value: 'user2' }),
    node: tainted(TAINT),
    rejected: UNTOLERATED,
  },
  {
    name: 'tolerated whatever its value',
    pod: tolerating({ key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' }),
    node: tainted(TAINT),
  },
  {
    name: 'one of two tolerated',
    pod: tolerating({ key: 'dedicated', operator: 'Exists' }),
    node: tainted(TAINT, { key: 'other', effect: 'NoExecute' }),
    rejected: UNTOLERATED,
  },
  {
    name: 'tolerated for another effect',
    pod: tolerating({ key: 'dedicated', value: 'user1', effect: 'NoExecute' }),
    node: tainted(TAINT),
    rejected: UNTOLERATED,
  },
  {
    name: 'a preference keeps nobody away',
    pod: {},
    node: tainted({ ...TAINT, effect: 'PreferNoSchedule' }),
  },
  {
    name: 'greater than what is tolerated',
    pod: tolerating({ key: 'level', operator: 'Gt', value: '5', effect: 'NoSchedule' }),
    node: tainted({ key: 'level', value: '10', effect: 'NoSchedule' }),
  },
  {
    name: 'not a number',
    pod: tolerating({ key: 'level', operator: 'Lt', value: '5', effect: 'NoSchedule' }),
    node: tainted({ key: 'level', value: 'x', effect: 'NoSchedule' }),
    rejected: UNTOLERATED,
  },
])

const NO_MATCH = "node(s) didn't match Pod's node affinity/selector"
const required = (...nodeSelectorTerms: object[]): TestPod => ({
  spec: {
    affinity: {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
    },
  },
})
const expressions = (...matchExpressions: object[]) => required({ matchExpressions })
const fields = (...values: string[]) => ({
  matchFields: [{ key: 'metadata.name', operator: 'In', values }],
})
const foo = { labels: { foo: 'bar', GPU: 'NVIDIA-GRID-K1', version: '3' } }
const gpu = { key: 'GPU', operator: 'Exists' }
table(nodeAffinity, [
  { name: 'no selector', pod: {} },
  { name: 'missing label', pod: { spec: { nodeSelector: { foo: 'bar' } } }, rejected: NO_MATCH },
  { name: 'same label', pod: { spec: { nodeSelector: { foo: 'bar' } } }, node: foo },
  {
    name: 'labels of all objects are not labels',
    pod: { spec: { nodeSelector: { constructor: 'bar' } } },
    rejected: NO_MATCH,
  },
  { name: 'In', pod: expressions({ key: 'foo', operator: 'In', values: ['bar', 'b'] }), node: foo },
  { name: 'Gt', pod: expressions({ key: 'version', operator: 'Gt', values: ['2'] }), node: foo },
  {
    name: 'Lt',
    pod: expressions({ key: 'version', operator: 'Lt', values: ['2'] }),
    node: foo,
    rejected: NO_MATCH,
  },
  {
    name: 'NotIn',
    pod: expressions({ key: 'foo', operator: 'NotIn', values: ['bar'] }),
    node: foo,
    rejected: NO_MATCH,
  },
  {
    name: 'NotIn without the label',
    pod: expressions({ key: 'x', operator: 'NotIn', values: [] }),
  },
  { name: 'Exists', pod: expressions(gpu), node: foo },
  { name: 'no terms', pod: required(), rejected: NO_MATCH },
  { name: 'an empty term', pod: required({}), rejected: NO_MATCH },
  {
    name: 'all of one term',
    pod: expressions(gpu, { key: 'x', operator: 'Exists' }),
    node: foo,
    rejected: NO_MATCH,
  },
  {
    name: 'one of two terms',
    pod: required(
      { matchExpressions: [gpu] },
      { matchExpressions: [{ key: 'x', operator: 'Exists' }] },
    ),
    node: foo,
  },
  {
    name: 'term and selector',
    pod: { spec: { ...expressions(gpu).spec, nodeSelector: { foo: 'other' } } },
    node: foo,
    rejected: NO_MATCH,
  },
  { name: 'by field', pod: required(fields('machine1')) },
  { name: 'by field, another', pod: required(fields('machine2')), rejected: 'left out' },
  {
    name: 'fields that exclude each other',
    pod: required({ matchFields: [...fields('a').matchFields, ...fields('b').matchFields] }),
    rejected: 'pre: pod affinity terms conflict',
  },
  {
    name: 'by field or by label',
    pod: required(fields('machine2'), { matchExpressions: [gpu] }),
    node: foo,
  },
  {
    name: 'by field and by label',
    pod: required({ ...fields('machine1'), matchExpressions: [{ key: 'x', operator: 'Exists' }] }),
    rejected: NO_MATCH,
  },
])

const TAKEN = "+ node(s) didn't have free ports for the requested pod ports"
const ports = (...texts: string[]): TestPod => ({
  spec: {
    containers: [
      {
        name: 'main',
        image: 'x',
        ports: texts.map((text) => {
          const [protocol, hostIP, hostPort] = text.split('/')
          return { protocol, hostIP, hostPort: Number(hostPort), containerPort: 80 }
        }),
      },
    ],
  },
})
table(nodePorts, [
  { name: 'nothing wanted', pod: {}, others: [ports('UDP/127.0.0.1/8080')] },
  { name: 'other port', pod: ports('UDP/127.0.0.1/8080'), others: [ports('UDP/127.0.0.1/9090')] },
  {
    name: 'same port',
    pod: ports('UDP/127.0.0.1/8080'),
    others: [ports('UDP/127.0.0.1/8080')],
    rejected: TAKEN,
  },
  {
    name: 'other address',
    pod: ports('TCP/127.0.0.1/8080'),
    others: [ports('TCP/127.0.0.2/8080')],
  },
  {
    name: 'other protocol',
    pod: ports('UDP/127.0.0.1/8080'),
    others: [ports('TCP/127.0.0.1/8080')],
  },
  {
    name: 'one of two',
    pod: ports('TCP/127.0.0.1/8001', 'UDP/127.0.0.1/8080'),
    others: [ports('UDP/127.0.0.1/8080')],
    rejected: TAKEN,
  },
  {
    name: 'wildcard wanted',
    pod: ports('TCP/0.0.0.0/8001'),
    others: [ports('TCP/127.0.0.1/8001')],
    rejected: TAKEN,
  },
  {
    name: 'wildcard taken',
    pod: ports('TCP/10.0.10.10/8001'),
    others: [ports('TCP/0.0.0.0/8001')],
    rejected: TAKEN,
  },
  {
    name: 'wildcard of another protocol',
    pod: ports('UDP/127.0.0.1/8001'),
    others: [ports('TCP/0.0.0.0/8001')],
  },
])

const CPU = '+ Insufficient cpu'
const node10 = { allocatable: { cpu: '10m', memory: '20', pods: '32', 'ephemeral-storage': '20' } }
const asks = (cpu: number, memory: number): TestPod => ({
  requests: { cpu: `${cpu}m`, memory: `${memory}` },
})
const inits = (cpu: number, ...initContainers: object[]): TestPod => ({
  spec: {
    containers: [{ name: 'c', image: 'x', resources: { requests: { cpu: `${cpu}m` } } }],
    initContainers,
  },
})
const init = (cpu: number, restartPolicy?: string) => ({
  name: `i${cpu}`,
  image: 'x',
  resources: { requests: { cpu: `${cpu}m` } },
  ...(restartPolicy !== undefined && { restartPolicy }),
})
table(nodeResourcesFit, [
  { name: 'nothing asked, nothing free', pod: {}, node: node10, others: [asks(10, 20)] },
  {
    name: 'too much of both',
    pod: asks(1, 1),
    node: node10,
    others: [asks(10, 20)],
    rejected: '+ Insufficient cpu, Insufficient memory',
  },
  {
    name: 'memory alone',
    pod: asks(1, 2),
    node: node10,
    others: [asks(5, 19)],
    rejected: '+ Insufficient memory',
  },
  { name: 'exactly what is left', pod: asks(5, 1), node: node10, others: [asks(5, 19)] },
  {
    name: 'more than the whole node',
    pod: asks(11, 1),
    node: node10,
    rejected: 'Insufficient cpu',
  },
  {
    name: 'too many pods',
    pod: {},
    node: { allocatable: { pods: '1' } },
    others: [{}],
    rejected: '+ Too many pods',
  },
  {
    name: 'too many pods and too little',
    pod: asks(6, 1),
    node: { allocatable: { ...node10.allocatable, pods: '1' } },
    others: [asks(5, 1)],
    rejected: '+ Too many pods, Insufficient cpu',
  },
  {
    name: 'an init container that is small',
    pod: inits(1, init(3)),
    node: node10,
    others: [asks(7, 1)],
  },
  {
    name: 'an init container that is large',
    pod: inits(1, init(5)),
    node: node10,
    others: [asks(8, 1)],
    rejected: CPU,
  },
  {
    name: 'the largest of the init containers',
    pod: inits(1, init(1), init(3)),
    node: node10,
    others: [asks(7, 1)],
  },
  {
    name: 'a sidecar adds up',
    pod: inits(2, init(2, 'Always')),
    node: node10,
    others: [asks(7, 1)],
    rejected: CPU,
  },
  {
    name: 'an init container beside a sidecar',
    pod: inits(1, init(2, 'Always'), init(3)),
    node: node10,
    others: [asks(6, 1)],
    rejected: CPU,
  },
  {
    name: 'a sidecar after an init container',
    pod: inits(1, init(3), init(2, 'Always')),
    node: node10,
    others: [asks(7, 1)],
  },
  {
    name: 'overhead',
    pod: { ...asks(1, 1), spec: { overhead: { cpu: '4m' } } },
    node: node10,
    others: [asks(6, 1)],
    rejected: CPU,
  },
  {
    name: 'the whole pod states its own',
    pod: { ...asks(1, 1), spec: { resources: { requests: { cpu: '6m' } } } },
    node: node10,
    others: [asks(5, 1)],
    rejected: CPU,
  },
  {
    name: 'an extended resource that no node has',
    pod: { requests: { 'example.com/gpu': '1' } },
    node: node10,
    rejected: 'Insufficient example.com/gpu',
  },
  {
    name: 'an extended resource that is taken',
    pod: { requests: { 'example.com/gpu': '3' } },
    node: { allocatable: { 'example.com/gpu': '4' } },
    others: [{ requests: { 'example.com/gpu': '2' } }],
    rejected: '+ Insufficient example.com/gpu',
  },
  {
    name: 'a resize under way holds the larger amount',
    pod: asks(4, 1),
    node: node10,
    others: [
      {
        ...asks(2, 1),
        status: { containerStatuses: [{ name: 'main', allocatedResources: { cpu: '8m' } }] },
      },
    ],
    rejected: CPU,
  },
])
