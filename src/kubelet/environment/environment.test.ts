import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storedPod } from '../../../test/support/pods.ts'
import type { Service } from '../../kinds/core/v1/service.ts'
import { buildEnvironment, type EnvironmentSources } from './environment.ts'
import { expandReferences } from './expand.ts'
import { podField } from './pod-field.ts'
import { resourceField } from './resource-field.ts'
import { serviceVariables } from './service-variables.ts'

test('references are expanded as the API promises', () => {
  const lookup = (name: string) => ({ A: 'a', EMPTY: '' })[name]
  const cases = [
    ['$(A)', 'a'],
    ['x$(A)y$(A)', 'xaya'],
    ['$(EMPTY)', ''],
    ['$(B)', '$(B)'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$a'],
    ['$$$$(A)', '$$(A)'],
    ['$(A', '$(A'],
    ['$A', '$A'],
    ['$', '$'],
    ['$()', '$()'],
    ['$(A)$', 'a$'],
    ['\n$\n$(A)', '\n$\na'],
  ]
  for (const [text = '', expected] of cases) {
    assert.equal(expandReferences(text, lookup), expected, text)
  }
})

const service = (name: string, namespace: string, clusterIP: string, ports: object[]): Service =>
  ({ metadata: { name, namespace }, spec: { clusterIP, ports } }) as unknown as Service

test('services of the namespace, and the API everywhere', () => {
  const services = [
    service('kubernetes', 'default', '10.96.0.1', [{ name: 'https', port: 443, protocol: 'TCP' }]),
    service('red-is', 'apps', '10.96.0.7', [
      { name: 'main', port: 6379, protocol: 'TCP' },
      { name: 'probe', port: 53, protocol: 'UDP' },
    ]),
    service('headless', 'apps', 'None', [{ port: 1, protocol: 'TCP' }]),
    service('elsewhere', 'other', '10.96.0.8', [{ port: 1, protocol: 'TCP' }]),
  ]
  assert.deepEqual(
    [...serviceVariables(services, 'apps', true).entries()].filter(([name]) =>
      name.startsWith('RED_IS'),
    ),
    Object.entries({
      RED_IS_SERVICE_HOST: '10.96.0.7',
      RED_IS_SERVICE_PORT: '6379',
      RED_IS_SERVICE_PORT_MAIN: '6379',
      RED_IS_SERVICE_PORT_PROBE: '53',
      RED_IS_PORT: 'tcp://10.96.0.7:6379',
      RED_IS_PORT_6379_TCP: 'tcp://10.96.0.7:6379',
      RED_IS_PORT_6379_TCP_PROTO: 'tcp',
      RED_IS_PORT_6379_TCP_PORT: '6379',
      RED_IS_PORT_6379_TCP_ADDR: '10.96.0.7',
      RED_IS_PORT_53_UDP: 'udp://10.96.0.7:53',
      RED_IS_PORT_53_UDP_PROTO: 'udp',
      RED_IS_PORT_53_UDP_PORT: '53',
      RED_IS_PORT_53_UDP_ADDR: '10.96.0.7',
    }),
  )
  const without = serviceVariables(services, 'apps', false)
  assert.equal(without.get('KUBERNETES_SERVICE_HOST'), '10.96.0.1')
  assert.equal(without.has('RED_IS_SERVICE_HOST'), false)
  assert.equal(serviceVariables(services, 'apps', true).has('ELSEWHERE_SERVICE_HOST'), false)
})

test('fields of the pod', () => {
  const pod = storedPod({ nodeName: 'n' }, { labels: { b: '2', a: 'x"y' } })
  const addresses = { hostIps: ['192.0.2.1'], podIps: ['10.1.0.2', 'fd00::2'] }
  const field = (path: string) => podField(pod, path, addresses)
  assert.equal(field('metadata.labels'), 'a="x\\"y"\nb="2"')
  assert.equal(field("metadata.labels['b']"), '2')
  assert.equal(field("metadata.annotations['none']"), '')
  assert.equal(field('status.podIPs'), '10.1.0.2,fd00::2')
  assert.equal(field('status.hostIP'), '192.0.2.1')
  assert.throws(() => field('spec.replicas'), { message: 'unsupported fieldPath: spec.replicas' })
  assert.throws(() => field("spec.x['y']"), /does not support subscript/)
})

test('resources are divided and rounded up; a limit that is not set is the node', () => {
  const pod = storedPod({
    containers: [
      { name: 'main', resources: { limits: { memory: '100Mi' }, requests: { cpu: '250m' } } },
    ],
  })
  const [main] = pod.spec.containers
  const allocatable = { cpu: '4', memory: '8Gi' }
  const of = (resource: string, divisor?: string) =>
    resourceField({ resource, divisor }, pod, main, allocatable)
  assert.equal(of('limits.memory'), `${100 * 1024 * 1024}`)
  assert.equal(of('limits.memory', '1Gi'), '1')
  assert.equal(of('requests.cpu'), '1')
  assert.equal(of('requests.cpu', '1m'), '250')
  assert.equal(of('limits.cpu'), '4')
  assert.equal(of('requests.memory'), '0')
  assert.throws(() => of('limits.dogs'), /unsupported container resource : limits.dogs/)
})

test('a container gets its variables in order, or upstream words for what is missing', async () => {
  const sources: EnvironmentSources = {
    services: [],
    addresses: { hostIps: [], podIps: [] },
    nodeAllocatable: {},
    configMap: async (name) => (name === 'settings' ? { COLOUR: 'red', A: 'from map' } : undefined),
    secret: async () => undefined,
  }
  const build = async (container: object) => {
    const pod = storedPod({ containers: [{ name: 'main', ...container }] })
    const [main] = pod.spec.containers
    assert.ok(main !== undefined)
    return Object.fromEntries(await buildEnvironment(pod, main, sources))
  }
  const envFrom = [{ configMapRef: { name: 'settings' } }]
  assert.deepEqual(
    await build({
      envFrom,
      env: [{ name: 'A', value: '1' }, { name: 'B', value: '$(A)$(C)' }, { name: 'C' }],
    }),
    { COLOUR: 'red', A: '1', B: '1$(C)', C: '' },
  )
  const optional = { name: 'none', optional: true }
  assert.deepEqual(
    await build({
      envFrom: [{ secretRef: optional }],
      env: [{ name: 'X', valueFrom: { configMapKeyRef: { ...optional, key: 'k' } } }],
    }),
    {},
  )
  await assert.rejects(build({ envFrom: [{ secretRef: { name: 'none' } }] }), {
    message: 'secret "none" not found',
  })
  const valueFrom = { configMapKeyRef: { name: 'settings', key: 'SIZE' } }
  await assert.rejects(build({ env: [{ name: 'X', valueFrom }] }), {
    message: "couldn't find key SIZE in ConfigMap default/settings",
  })
})
