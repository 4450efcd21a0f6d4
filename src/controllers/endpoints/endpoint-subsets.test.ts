import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EndpointSubset } from '../../kinds/core/v1/endpoints.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { Service } from '../../kinds/core/v1/service.ts'
import { endpointSubsets, MAX_CAPACITY, truncateSubsets } from './endpoint-subsets.ts'

const service = (spec: object = {}): Service =>
  ({
    metadata: { name: 'web', namespace: 'n' },
    spec: {
      clusterIP: '10.96.0.9',
      ports: [{ protocol: 'TCP', port: 80, targetPort: 'http' }],
      ...spec,
    },
  }) as unknown as Service

function pod(index: number, port = 3000, isReady = true, extra: object = {}): Pod {
  const ports = [{ name: 'http', protocol: 'TCP', containerPort: port }]
  return {
    metadata: { name: `pod-${index}`, namespace: 'n', uid: `uid-${index}` },
    spec: { nodeName: 'node', containers: [{ ports }], ...extra },
    status: {
      phase: 'Running',
      podIP: `10.0.0.${index}`,
      podIPs: [{ ip: `10.0.0.${index}` }],
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
    },
  } as unknown as Pod
}

const shape = (subsets: readonly EndpointSubset[]) =>
  subsets.map(({ addresses = [], notReadyAddresses = [], ports = [] }) => [
    addresses.map(({ ip }) => ip),
    notReadyAddresses.map(({ ip }) => ip),
    ports.map(({ port }) => port),
  ])

test('addresses with the same ports stand together, in order, ready and not', () => {
  const subsets = endpointSubsets(service(), [pod(3), pod(1), pod(2, 3000, false), pod(4, 4000)])
  assert.deepEqual(shape(subsets), [
    [['10.0.0.1', '10.0.0.3'], ['10.0.0.2'], [3000]],
    [['10.0.0.4'], [], [4000]],
  ])
  assert.deepEqual(subsets[0]?.addresses?.[0], {
    ip: '10.0.0.1',
    nodeName: 'node',
    targetRef: { kind: 'Pod', namespace: 'n', name: 'pod-1', uid: 'uid-1' },
  })
})

test('a port that no container names leaves the pod out; a headless service needs none', () => {
  const ports = [{ protocol: 'TCP', port: 80, targetPort: 'missing' }]
  assert.deepEqual(endpointSubsets(service({ ports }), [pod(1)]), [])
  const headless = endpointSubsets(service({ clusterIP: 'None', ports: [] }), [pod(1)])
  assert.deepEqual(shape(headless), [[['10.0.0.1'], [], []]])
})

test('a pod of the service as its subdomain is published with its hostname', () => {
  const named = pod(1, 3000, true, { hostname: 'one', subdomain: 'web' })
  assert.equal(endpointSubsets(service(), [named])[0]?.addresses?.[0]?.hostname, 'one')
  const elsewhere = pod(1, 3000, true, { hostname: 'one', subdomain: 'other' })
  assert.equal(endpointSubsets(service(), [elsewhere])[0]?.addresses?.[0]?.hostname, undefined)
})

test('beyond the capacity addresses that are not ready go first', () => {
  const addresses = (count: number) => Array.from({ length: count }, (_, ip) => ({ ip: `${ip}` }))
  const size = ({ addresses: a = [], notReadyAddresses: b = [] }: EndpointSubset) => [
    a.length,
    b.length,
  ]
  const some = [{ addresses: addresses(600), notReadyAddresses: addresses(800) }]
  assert.deepEqual(truncateSubsets(some).map(size), [[600, 400]])
  const many = [
    { addresses: addresses(900), notReadyAddresses: addresses(5) },
    { addresses: addresses(600) },
  ]
  assert.deepEqual(truncateSubsets(many).map(size), [
    [600, 0],
    [400, 0],
  ])
  const few = [{ addresses: addresses(MAX_CAPACITY) }]
  assert.equal(truncateSubsets(few), few)
})
