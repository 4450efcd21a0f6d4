import { table } from '../../../test/support/filter-table.ts'
import type { TestPod } from '../../../test/support/scheduling-objects.ts'
import { nodeResourcesFit } from './node-resources-fit.ts'

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
