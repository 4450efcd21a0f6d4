import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storedPod } from '../../../test/support/pods.ts'
import type { Node } from '../../kinds/core/v1/node.ts'
import { rejectionOf } from './admit-pod.ts'
import { podRequests } from './pod-requests.ts'

const node = (more: object = {}): Node =>
  ({
    metadata: { name: 'node-1', labels: { zone: 'a', size: '5' } },
    spec: {},
    status: { allocatable: { cpu: '2', memory: '4Gi', pods: '3' } },
    ...more,
  }) as unknown as Node
const asking = (requests: object, more: object = {}) =>
  storedPod({ containers: [{ name: 'main', resources: { requests } }], ...more })

test('what a pod takes', () => {
  const container = (cpu: string, more: object = {}) => ({
    name: cpu,
    resources: { requests: { cpu } },
    ...more,
  })
  const pod = storedPod({
    initContainers: [
      container('3'),
      container('500m', { restartPolicy: 'Always' }),
      container('1'),
    ],
    containers: [container('1'), container('250m')],
    overhead: { cpu: '10m' },
  })
  assert.equal(podRequests(pod).cpu, 3010)
  assert.equal(podRequests(storedPod({ containers: [container('1')] })).cpu, 1000)
})

test('a node takes what fits and turns the rest away in upstream words', () => {
  const others = [asking({ cpu: '1500m' }), storedPod({}, {}, { phase: 'Succeeded' })]
  assert.equal(rejectionOf(asking({ cpu: '500m' }), others, node()), undefined)
  assert.deepEqual(rejectionOf(asking({ cpu: '501m' }), others, node()), {
    reason: 'OutOfcpu',
    message:
      "Pod was rejected: Node didn't have enough resource: cpu, requested: 501, used: 1500, " +
      'capacity: 2000',
  })
  assert.equal(rejectionOf(asking({ memory: '5Gi' }), [], node())?.reason, 'OutOfmemory')
  const full = [storedPod(), storedPod(), storedPod()]
  assert.equal(rejectionOf(storedPod(), full, node())?.reason, 'OutOfpods')
})

test('a node that a pod does not ask for turns it away', () => {
  const reason = (spec: object, one = node()) => rejectionOf(storedPod(spec), [], one)?.reason
  const required = (expression: object) => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [expression] }],
        },
      },
    },
  })
  assert.equal(reason({ nodeSelector: { zone: 'a' } }), undefined)
  assert.equal(reason({ nodeSelector: { zone: 'b' } }), 'NodeAffinity')
  assert.equal(reason(required({ key: 'zone', operator: 'In', values: ['a'] })), undefined)
  assert.equal(reason(required({ key: 'zone', operator: 'NotIn', values: ['a'] })), 'NodeAffinity')
  assert.equal(reason(required({ key: 'size', operator: 'Gt', values: ['4'] })), undefined)
  assert.equal(reason(required({ key: 'none', operator: 'Exists' })), 'NodeAffinity')
  const tainted = node({ spec: { taints: [{ key: 'k', value: 'v', effect: 'NoExecute' }] } })
  assert.equal(reason({}, tainted), 'TaintToleration')
  assert.equal(reason({ tolerations: [{ key: 'k', operator: 'Exists' }] }, tainted), undefined)
  assert.equal(reason({ tolerations: [{ operator: 'Exists' }] }, tainted), undefined)
  assert.equal(reason({ tolerations: [{ key: 'k', value: 'x' }] }, tainted), 'TaintToleration')
  assert.equal(reason({ os: { name: 'windows' } }), 'PodOSNotSupported')
})

test('a host port is one pod at a time', () => {
  const on = (hostPort: number, more: object = {}) =>
    storedPod({
      containers: [{ name: 'a', ports: [{ containerPort: 80, hostPort, ...more }] }],
    })
  assert.equal(rejectionOf(on(80), [on(80)], node())?.reason, 'NodePorts')
  assert.equal(rejectionOf(on(80), [on(80, { protocol: 'UDP' })], node()), undefined)
  assert.equal(rejectionOf(on(80), [on(80, { hostIP: '192.0.2.1' })], node())?.reason, 'NodePorts')
  const elsewhere = on(80, { hostIP: '192.0.2.2' })
  assert.equal(rejectionOf(elsewhere, [on(80, { hostIP: '192.0.2.1' })], node()), undefined)
})
