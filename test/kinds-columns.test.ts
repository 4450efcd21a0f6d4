import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Event } from '../src/kinds/core/v1/event.ts'
import { Node } from '../src/kinds/core/v1/node.ts'
import { Pod } from '../src/kinds/core/v1/pod.ts'
import { Service } from '../src/kinds/core/v1/service.ts'
import { builtInKinds } from '../src/kinds/index.ts'
import type { Kind, KubeObject } from '../src/machinery/kind.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
const metadata = { name: 'a', namespace: 'default', creationTimestamp: '2026-03-01T11:00:00Z' }

function cells<T extends KubeObject>(kind: Kind<T>, object: object): Record<string, unknown> {
  const full = { apiVersion: kind.apiVersion, kind: kind.kind, metadata, ...object } as unknown as T
  const columns = kind.columns ?? []
  return Object.fromEntries(columns.map((column) => [column.name, column.of(full, { now })]))
}

function pod(spec: object, status: object, meta: object = {}): Record<string, unknown> {
  return cells(Pod, { metadata: { ...metadata, ...meta }, spec, status })
}

const running = { running: { startedAt: '2026-03-01T11:00:00Z' } }
const ended = (exitCode: number, reason = '') => ({
  terminated: { exitCode, reason, finishedAt: '2026-03-01T11:55:00Z' },
})

test('a pod in its states', () => {
  const spec = { containers: [{ name: 'a' }, { name: 'b' }] }
  const status = (name: string, state: object, more: object = {}) => ({
    ...{ name, state, lastState: {}, ready: 'running' in state, restartCount: 0 },
    ...more,
  })
  const reasonOf = (containerStatuses: readonly object[], more: object = {}) =>
    pod(spec, { phase: 'Running', containerStatuses, ...more })['Status']

  assert.equal(pod(spec, { phase: 'Pending' })['Ready'], '0/2')
  assert.equal(reasonOf([status('a', running), status('b', running)]), 'Running')
  assert.equal(
    reasonOf([status('a', { waiting: { reason: 'CrashLoopBackOff' } }), status('b', running)]),
    'CrashLoopBackOff',
  )
  assert.equal(reasonOf([status('a', ended(1)), status('b', running)]), 'ExitCode:1')
  const completed = [status('a', ended(0, 'Completed')), status('b', running)]
  assert.equal(reasonOf(completed), 'NotReady')
  const conditions = [{ type: 'Ready', status: 'True' }]
  assert.equal(reasonOf(completed, { conditions }), 'Running')
  const failed = [status('a', ended(0, 'Completed')), status('b', ended(2, 'Error'))]
  assert.equal(reasonOf(failed), 'Error')
  const deleted = { deletionTimestamp: '2026-03-01T12:00:00Z' }
  assert.equal(pod(spec, { phase: 'Running' }, deleted)['Status'], 'Terminating')
  assert.equal(pod(spec, { phase: 'Succeeded' }, deleted)['Status'], 'Succeeded')
  const gated = [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }]
  assert.equal(pod(spec, { phase: 'Pending', conditions: gated })['Status'], 'SchedulingGated')
  const restarted = status('a', running, { restartCount: 3, lastState: ended(1) })
  assert.equal(
    pod(spec, { phase: 'Running', containerStatuses: [restarted] })['Restarts'],
    '3 (5m ago)',
  )
})

test('a pod that initializes, with a sidecar', () => {
  const spec = {
    initContainers: [{ name: 'one' }, { name: 'proxy', restartPolicy: 'Always' }, { name: 'two' }],
    containers: [{ name: 'a' }],
  }
  const init = (name: string, state: object, more: object = {}) => ({
    ...{ name, state, lastState: {}, ready: false, restartCount: 0 },
    ...more,
  })
  const done = init('one', ended(0))
  const proxy = init('proxy', running, { started: true, ready: true })
  const phase = 'Pending'
  const first = pod(spec, { phase, initContainerStatuses: [init('one', running)] })
  assert.deepEqual([first['Status'], first['Ready']], ['Init:0/3', '0/2'])
  const third = pod(spec, { phase, initContainerStatuses: [done, proxy, init('two', running)] })
  assert.deepEqual([third['Status'], third['Ready']], ['Init:2/3', '1/2'])
  const failed = pod(spec, { phase, initContainerStatuses: [done, proxy, init('two', ended(7))] })
  assert.equal(failed['Status'], 'Init:ExitCode:7')
  const all = [done, proxy, init('two', ended(0))]
  const containerStatuses = [
    { name: 'a', state: running, lastState: {}, ready: true, restartCount: 0 },
  ]
  const up = pod(spec, { phase: 'Running', initContainerStatuses: all, containerStatuses })
  assert.deepEqual([up['Status'], up['Ready']], ['Running', '2/2'])
})

test('services by type', () => {
  const ports = [
    { port: 80, nodePort: 30_080, protocol: 'TCP' },
    { port: 53, protocol: 'UDP' },
  ]
  const spec = { type: 'LoadBalancer', clusterIPs: ['10.0.0.1'], ports, selector: { app: 'web' } }
  const pending = cells(Service, { spec, status: { loadBalancer: {} } })
  assert.equal(pending['External-IP'], '<pending>')
  assert.equal(pending['Port(s)'], '80:30080/TCP,53/UDP')
  assert.equal(pending['Selector'], 'app=web')
  const ingress = [{ ip: '192.0.2.1' }, { hostname: 'a.example' }]
  const up = cells(Service, { spec, status: { loadBalancer: { ingress } } })
  assert.equal(up['External-IP'], '192.0.2.1,a.example')
  const headless = { type: 'ClusterIP', clusterIPs: ['None'] }
  const bare = cells(Service, { spec: headless, status: { loadBalancer: {} } })
  assert.deepEqual(
    [bare['Cluster-IP'], bare['External-IP'], bare['Port(s)'], bare['Selector']],
    ['None', '<none>', '<none>', '<none>'],
  )
})

test('nodes with roles and taints', () => {
  const nodeInfo = { kubeletVersion: 'v1.36.0', kernelVersion: '6.18', architecture: 'amd64' }
  const labels = { 'node-role.kubernetes.io/worker': '', 'kubernetes.io/role': 'edge' }
  const node = cells(Node, {
    metadata: { ...metadata, labels },
    spec: { unschedulable: true },
    status: { nodeInfo, conditions: [{ type: 'Ready', status: 'False' }] },
  })
  assert.equal(node['Status'], 'NotReady,SchedulingDisabled')
  assert.equal(node['Roles'], 'edge,worker')
  assert.equal(node['Kernel-Version'], '6.18 (amd64)')
  assert.equal(node['Internal-IP'], '<none>')
})

test('events in both forms', () => {
  const involvedObject = { kind: 'Pod', name: 'web' }
  const base = { involvedObject, source: {}, reportingComponent: 'kubelet', reportingInstance: 'n' }
  const old = cells(Event, { ...base, lastTimestamp: '2026-03-01T11:59:00Z', count: 4 })
  assert.deepEqual([old['Last Seen'], old['Count'], old['Object']], ['60s', 4, 'pod/web'])
  const series = { count: 9, lastObservedTime: '2026-03-01T11:58:00.000000Z' }
  const recent = cells(Event, { ...base, eventTime: '2026-03-01T11:50:00.000000Z', series })
  assert.deepEqual(
    [recent['Last Seen'], recent['First Seen'], recent['Count'], recent['Source']],
    ['2m', '10m', 9, 'kubelet, n'],
  )
})

test('the time of creation is shown as a date where a kind shows it itself', () => {
  const shown = builtInKinds.flatMap(({ columns = [] }) =>
    columns.filter(({ name }) => name === 'Created At'),
  )
  assert.equal(shown.length > 0, true)
  assert.deepEqual(
    shown.filter(({ type, isExact }) => type !== 'date' || isExact !== true),
    [],
  )
})
