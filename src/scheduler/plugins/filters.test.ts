import { table } from '../../../test/support/filter-table.ts'
import type { TestNode, TestPod } from '../../../test/support/scheduling-objects.ts'
import { nodeAffinity } from './node-affinity.ts'
import { nodeName } from './node-name.ts'
import { nodePorts } from './node-ports.ts'
import { nodeUnschedulable } from './node-unschedulable.ts'
import { taintToleration } from './taint-toleration.ts'

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
