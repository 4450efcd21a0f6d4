import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import type { Kind, KubeObject } from '../../../machinery/kind.ts'
import { Deployment } from '../../apps/v1/deployment.ts'
import { Job } from '../../batch/v1/job.ts'
import { Ingress } from '../../networking/v1/ingress.ts'
import { Pod } from './pod.ts'
import { Service } from './service.ts'
import { ServiceAccount } from './service-account.ts'

function warnings<T extends KubeObject>(kind: Kind<T>, spec: object, metadata: object = {}) {
  const object = { metadata: { name: 'a', namespace: 'b', ...metadata }, spec }
  const { value } = decodeObject(kind, object)
  return [...(kind.warningsOnCreate?.(value) ?? [])]
}

const container = (name: string, others: object = {}) => ({ name, image: 'i', ...others })
const ofPod = (spec: object, metadata: object = {}) =>
  warnings(Pod, { containers: [container('c')], ...spec }, metadata)
const ofPorts = (...ports: object[]) => ofPod({ containers: [container('c', { ports })] })

test('a usual pod is not warned of', () => {
  assert.deepEqual(ofPod({}), [])
})

test('names, annotations and labels of old', () => {
  assert.match(
    ofPod({}, { name: 'a.b' }).join(),
    /^metadata\.name: this is used in the Pod's hostname, .*: \[must not contain dots\]$/,
  )
  const annotations = { 'scheduler.alpha.kubernetes.io/critical-pod': '' }
  assert.deepEqual(ofPod({ nodeSelector: { 'beta.kubernetes.io/os': 'linux' } }, { annotations }), [
    'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
    'metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead',
  ])
})

test('variables that hide others', () => {
  const ofEnv = (...env: object[]) => ofPod({ containers: [container('c', { env })] })
  const [one, two] = [
    { name: 'A', value: '1' },
    { name: 'A', value: '2' },
  ]
  assert.deepEqual(ofEnv(one, two), [
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
  ])
  assert.deepEqual(ofEnv(one, { name: 'A', value: '$(A):2' }), [], 'it extends the other')
  assert.equal(ofEnv(one, { name: 'A', value: '$(A)' }).length, 1)
})

test('thousands of ports take no minutes, and no memory for warnings that nobody is told', () => {
  const many = (portOf: (index: number) => object) =>
    ofPorts(...Array.from({ length: 10_000 }, (_, index) => portOf(index)))
  const startedAt = performance.now()
  assert.deepEqual(
    many((index) => ({ containerPort: index + 1, protocol: 'TCP' })),
    [],
  )
  assert.ok(many(() => ({ containerPort: 80, protocol: 'TCP' })).length <= 20_000)
  assert.ok(performance.now() - startedAt < 20_000)
})

test('ports', () => {
  const [a, b] = ['spec.containers[0].ports[0]', 'spec.containers[0].ports[1]']
  const port = { containerPort: 80, protocol: 'TCP' }
  assert.deepEqual(ofPorts(port, { ...port, protocol: 'UDP' }), [])
  assert.deepEqual(ofPorts(port, port), [`${b}: duplicate port definition with ${a}`])
  assert.deepEqual(ofPorts(port, { ...port, hostPort: 80 }), [
    `${b}: overlapping port definition with ${a}`,
  ])
  const host = { ...port, hostPort: 80 }
  assert.deepEqual(ofPorts(host, { ...host, hostIP: '1.1.1.1' }), [
    `${b}: dangerously ambiguous port definition with ${a}`,
  ])
  assert.deepEqual(ofPorts({ ...port, hostIP: '1.1.1.1' }), [
    `${a}: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:80 Protocol:TCP HostIP:1.1.1.1}`,
  ])
  const named = { ...port, name: 'web' }
  assert.deepEqual(ofPorts(named, { ...named, containerPort: 81 }), [
    `${b}: duplicate port name "web" with ${a}, services and probes that select ports by name will use ${a}`,
  ])
})

test('fractions of bytes, selectors that select nothing, addresses', () => {
  const resources = { limits: { memory: '100m', cpu: '100m' } }
  assert.deepEqual(ofPod({ containers: [container('c', { resources })] }), [
    'spec.containers[0].resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer',
  ])
  const topologySpreadConstraints = [
    { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' },
  ]
  assert.deepEqual(ofPod({ topologySpreadConstraints }), [
    'spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod',
  ])
  assert.deepEqual(ofPod({ dnsConfig: { nameservers: ['010.0.0.1', 'FD00::1'] } }), [
    'spec.dnsConfig.nameservers[0]: non-standard IP address "010.0.0.1" is invalid: use "10.0.0.1"',
    'spec.dnsConfig.nameservers[1]: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")',
  ])
})

test('templates', () => {
  const template = {
    spec: { containers: [container('c')], volumes: [{ name: 'v', gitRepo: { repository: 'r' } }] },
  }
  const expected =
    'spec.template.spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+'
  assert.deepEqual(warnings(Deployment, { selector: {}, template }), [expected])
  assert.deepEqual(warnings(Job, { template }), [expected])
  assert.match(
    warnings(Job, { template }, { name: 'a.b' })[0] ?? '',
    /^metadata\.name: this is used in Pod names and hostnames/,
  )
  const read = (generation: number) =>
    decodeObject(Deployment, { metadata: { generation }, spec: { template } }).value
  assert.deepEqual([...(Deployment.warningsOnUpdate?.(read(2), read(1)) ?? [])], [expected])
  assert.deepEqual([...(Deployment.warningsOnUpdate?.(read(1), read(1)) ?? [])], [])
})

test('Service and Ingress', () => {
  assert.deepEqual(warnings(Service, { type: 'ClusterIP', externalName: 'x' }), [
    'spec.externalName is ignored when spec.type is not "ExternalName"',
  ])
  assert.deepEqual(warnings(Service, { type: 'ExternalName', externalName: 'x' }), [])
  assert.deepEqual(warnings(Service, { type: 'ClusterIP', externalIPs: ['1.1.1.1'] }), [
    'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
  ])
  const annotations = { 'kubernetes.io/ingress.class': 'nginx' }
  assert.deepEqual(warnings(Ingress, {}, { annotations }), [
    'annotation "kubernetes.io/ingress.class" is deprecated, please use \'spec.ingressClassName\' instead',
  ])
  assert.deepEqual(warnings(Ingress, { ingressClassName: 'nginx' }, { annotations }), [])
})

test('who begins to limit the mounted secrets of a service account is told of a better way', () => {
  const account = (annotations?: object) =>
    ({ metadata: { name: 'a', ...(annotations && { annotations }) } }) as unknown as ServiceAccount
  const limited = account({ 'kubernetes.io/enforce-mountable-secrets': 'true' })
  const warnings = [
    'metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer ' +
      'separate namespaces to isolate access to mounted secrets',
  ]
  assert.deepEqual(ServiceAccount.warningsOnCreate?.(limited), warnings)
  assert.deepEqual(ServiceAccount.warningsOnUpdate?.(limited, account()), warnings)
  assert.deepEqual(ServiceAccount.warningsOnUpdate?.(limited, limited), [])
  assert.deepEqual(ServiceAccount.warningsOnCreate?.(account({})), [])
})
