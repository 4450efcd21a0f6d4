import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node } from '../../kinds/core/v1/node.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { Service } from '../../kinds/core/v1/service.ts'
import type { EndpointSlice } from '../../kinds/discovery/v1/endpoint-slice.ts'
import { addressTypesOf, desiredEndpoints } from './desired-endpoints.ts'
import { planEndpointSlices, type SlicePlan } from './plan-endpoint-slices.ts'
import { servicesFor } from './service-pods.ts'

const service = (spec: object = {}, labels: object = {}): Service =>
  ({
    metadata: { name: 'web', namespace: 'n', uid: 'service', labels },
    spec: {
      selector: { app: 'web' },
      clusterIP: '10.96.0.9',
      ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 'http' }],
      ...spec,
    },
  }) as unknown as Service

function pod(index: number, facts: { port?: number; ready?: boolean; going?: boolean } = {}): Pod {
  const { port = 3000, ready = true, going = false } = facts
  return {
    metadata: {
      name: `pod-${index}`,
      namespace: 'n',
      uid: `uid-${index}`,
      labels: { app: 'web' },
      ...(going && { deletionTimestamp: '2030-01-01T00:00:00Z' }),
    },
    spec: {
      nodeName: 'node',
      containers: [{ ports: [{ name: 'http', protocol: 'TCP', containerPort: port }] }],
    },
    status: {
      phase: 'Running',
      podIP: `10.0.0.${index}`,
      podIPs: [{ ip: `10.0.0.${index}` }, { ip: `fd00::${index}` }],
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  } as unknown as Pod
}

const node = {
  metadata: { name: 'node', labels: { 'topology.kubernetes.io/zone': 'zone-a' } },
} as unknown as Node
const nodeOf = (name: string) => (name === 'node' ? node : undefined)

function plan(
  subject: Service,
  pods: readonly Pod[],
  existing: readonly EndpointSlice[] = [],
  capacity = 3,
): SlicePlan {
  const { groups } = desiredEndpoints(subject, pods, nodeOf, 'IPv4')
  return planEndpointSlices(subject, existing, groups, 'IPv4', capacity)
}

let stored = 0
/** The slices after a plan was carried out. */
function carryOut({ create, update, remove }: SlicePlan, before: readonly EndpointSlice[] = []) {
  const gone = new Set([...update, ...remove].map(({ metadata }) => metadata.name))
  const kept = before.filter(({ metadata }) => !gone.has(metadata.name))
  const made = create.map((draft) => {
    const metadata = { ...draft.metadata, name: `slice-${++stored}` }
    return { ...draft, metadata } as EndpointSlice
  })
  return [...kept, ...update, ...made]
}

const counts = (
  slices: readonly { readonly endpoints?: readonly unknown[] | null | undefined }[],
) => slices.map(({ endpoints }) => endpoints?.length ?? 0)
const pods = (count: number) => Array.from({ length: count }, (_, index) => pod(index + 1))

test('an endpoint says where it is and whether it serves', () => {
  const { groups } = desiredEndpoints(service(), [pod(1, { going: true })], nodeOf, 'IPv6')
  const [group] = groups.values()
  assert.deepEqual(group?.ports, [{ name: 'http', protocol: 'TCP', port: 3000 }])
  assert.deepEqual(group?.endpoints, [
    {
      addresses: ['fd00::1'],
      conditions: { ready: false, serving: true, terminating: true },
      targetRef: { kind: 'Pod', namespace: 'n', name: 'pod-1', uid: 'uid-1' },
      nodeName: 'node',
      zone: 'zone-a',
    },
  ])
})

test('a service that publishes all pods calls them ready; hints name the zone', () => {
  const endpointOf = (spec: object) => {
    const { groups } = desiredEndpoints(service(spec), [pod(1, { ready: false })], nodeOf, 'IPv4')
    return [...groups.values()][0]?.endpoints[0]
  }
  assert.equal(endpointOf({ publishNotReadyAddresses: true })?.conditions.ready, true)
  const spec = { publishNotReadyAddresses: true, trafficDistribution: 'PreferSameNode' }
  assert.deepEqual(endpointOf(spec)?.hints, {
    forZones: [{ name: 'zone-a' }],
    forNodes: [{ name: 'node' }],
  })
  assert.equal(endpointOf({ trafficDistribution: 'PreferClose' })?.hints, undefined)
})

test('a pod whose node is not known yet waits for it', () => {
  const { withoutNode, groups } = desiredEndpoints(service(), [pod(1)], () => undefined, 'IPv4')
  assert.deepEqual(withoutNode, [['pod-1', 'node']])
  assert.deepEqual([...groups.values()][0]?.endpoints, [])
})

test('endpoints fill slices up to the capacity', () => {
  const first = plan(service(), pods(7))
  assert.deepEqual(counts(first.create), [3, 3, 1])
  const [slice] = first.create
  assert.equal(slice?.metadata.generateName, 'web-')
  assert.deepEqual(slice?.metadata.labels, {
    'kubernetes.io/service-name': 'web',
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
  })
  assert.equal(slice?.metadata.ownerReferences?.[0]?.uid, 'service')
  const slices = carryOut(first)
  assert.deepEqual(plan(service(), pods(7), slices), { create: [], update: [], remove: [] })
})

test('a new endpoint goes where a write is due anyway, or where it just fits', () => {
  const slices = carryOut(plan(service(), pods(4)))
  assert.deepEqual(counts(slices), [3, 1])
  const grown = plan(service(), pods(5), slices)
  assert.deepEqual([counts(grown.create), counts(grown.update)], [[], [2]])
  const replaced = plan(service(), [...pods(4).slice(1), pod(9)], slices)
  assert.deepEqual([counts(replaced.create), counts(replaced.update)], [[], [3]])
})

test('a slice that has lost all its endpoints goes', () => {
  const slices = carryOut(plan(service(), pods(4)))
  const shrunk = plan(service(), pods(3), slices)
  assert.deepEqual([counts(shrunk.update), counts(shrunk.remove)], [[], [1]])
})

test('a service without endpoints has one empty slice', () => {
  const slices = carryOut(plan(service(), []))
  assert.deepEqual(counts(slices), [0])
  assert.deepEqual(plan(service(), [], slices), { create: [], update: [], remove: [] })
  const filled = plan(service(), pods(1), slices)
  assert.deepEqual([counts(filled.create), counts(filled.update)], [[], [1]])
  const emptied = plan(service(), [], carryOut(filled, slices))
  assert.deepEqual([counts(emptied.update), emptied.update[0]?.ports], [[0], []])
})

test('pods with other ports have other slices; labels follow the service', () => {
  const mixed = plan(service(), [pod(1), pod(2, { port: 4000 })])
  assert.deepEqual(counts(mixed.create), [1, 1])
  const slices = carryOut(mixed)
  const subject = service({ clusterIP: 'None' }, { team: 'blue' })
  const relabelled = plan(subject, [pod(1), pod(2, { port: 4000 })], slices)
  assert.equal(relabelled.update.length, 2)
  assert.equal(relabelled.update[0]?.metadata.labels?.['team'], 'blue')
  assert.equal(relabelled.update[0]?.metadata.labels?.['service.kubernetes.io/headless'], '')
})

test('the families of a service decide which slices it has', () => {
  assert.deepEqual(addressTypesOf(service({ ipFamilies: ['IPv6', 'IPv4'] })), ['IPv6', 'IPv4'])
  assert.deepEqual(addressTypesOf(service({ clusterIP: 'fd00::9' })), ['IPv6'])
  assert.deepEqual(addressTypesOf(service()), ['IPv4'])
  assert.deepEqual(addressTypesOf(service({ clusterIP: 'None' })), ['IPv4', 'IPv6'])
})

test('a pod concerns the services that select it, or did', () => {
  const other = { ...service({ selector: { app: 'other' } }) }
  other.metadata = { ...other.metadata, name: 'other' }
  const services = [service(), other]
  const before = pod(1)
  const relabelled = { ...before, metadata: { ...before.metadata, labels: { app: 'other' } } }
  const event = (object: Pod, old?: Pod) => ({ type: 'MODIFIED' as const, object, old })
  assert.deepEqual(servicesFor({ type: 'ADDED', object: before }, services), ['n/web'])
  assert.deepEqual(servicesFor(event(pod(1), before), services), [])
  assert.deepEqual(servicesFor(event(pod(1, { ready: false }), before), services), ['n/web'])
  assert.deepEqual(servicesFor(event(relabelled, before), services), ['n/other', 'n/web'])
})
