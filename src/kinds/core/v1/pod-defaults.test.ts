import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { Pod } from './pod.ts'
import { setPodDefaults } from './pod-defaults.ts'

const read = (spec: unknown): Pod =>
  setPodDefaults(decodeObject(Pod, { metadata: { name: 'a', namespace: 'b' }, spec }).value)
const requirements = (limits?: object, requests?: object) => ({
  resources: { ...(limits && { limits }), ...(requests && { requests }) },
})

test('the smallest pod', () => {
  const pod = read({ containers: [{ name: 'c', image: 'redis' }] })
  assert.deepEqual(pod.spec, {
    containers: [
      {
        name: 'c',
        image: 'redis',
        imagePullPolicy: 'Always',
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
      },
    ],
    dnsPolicy: 'ClusterFirst',
    enableServiceLinks: true,
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  })
  assert.equal(setPodDefaults(pod), pod, 'a complete pod is shared')
})

test('what is given stays', () => {
  const pod = read({
    containers: [
      { name: 'c', image: 'redis:7', livenessProbe: { tcpSocket: { port: 1 }, timeoutSeconds: 0 } },
    ],
    terminationGracePeriodSeconds: 0,
    restartPolicy: '',
    enableServiceLinks: false,
  })
  const [container] = pod.spec.containers
  assert.equal(container?.imagePullPolicy, 'IfNotPresent')
  assert.equal(container?.livenessProbe?.timeoutSeconds, 1)
  assert.equal(container?.livenessProbe?.periodSeconds, 10)
  assert.equal(pod.spec.terminationGracePeriodSeconds, 0)
  assert.equal(pod.spec.restartPolicy, 'Always')
  assert.equal(pod.spec.enableServiceLinks, false)
})

test('requests are the limits unless they are given', () => {
  const pod = read({
    containers: [{ name: 'c', ...requirements({ cpu: '1', memory: '1Gi' }, { cpu: '100m' }) }],
    initContainers: [{ name: 'i', ...requirements({ cpu: '0.0001' }) }],
  })
  assert.deepEqual(pod.spec.containers[0]?.resources.requests, { cpu: '100m', memory: '1Gi' })
  assert.deepEqual(pod.spec.initContainers?.[0]?.resources, {
    limits: { cpu: '1m' },
    requests: { cpu: '1m' },
  })
})

test('resources of the pod as a whole', () => {
  const sidecar = { name: 's', restartPolicy: 'Always', ...requirements(undefined, { cpu: '1' }) }
  const pod = read({
    containers: [{ name: 'c', ...requirements(undefined, { cpu: '2' }) }],
    initContainers: [sidecar, { name: 'i', ...requirements(undefined, { cpu: '5' }) }],
    resources: { limits: { cpu: '8', memory: '1Gi' } },
  })
  assert.deepEqual(pod.spec.resources?.requests, { cpu: '6', memory: '1Gi' })
})

test('a negative grace period is a second', () => {
  const graceOf = (terminationGracePeriodSeconds: number) =>
    read({ containers: [{ name: 'c' }], terminationGracePeriodSeconds }).spec
      .terminationGracePeriodSeconds
  assert.deepEqual([graceOf(-1), graceOf(0), graceOf(7)], [1, 0, 7])
})

test('ports on the network of the host', () => {
  const pod = read({
    hostNetwork: true,
    containers: [{ name: 'c', ports: [{ containerPort: 80 }] }],
  })
  assert.deepEqual(pod.spec.containers[0]?.ports, [
    { containerPort: 80, protocol: 'TCP', hostPort: 80 },
  ])
})

test('volumes', () => {
  const pod = read({
    containers: [],
    volumes: [
      { name: 'a' },
      { name: 'b', configMap: { name: 'x' } },
      { name: 'c', image: { reference: 'r' } },
    ],
  })
  assert.deepEqual(pod.spec.volumes, [
    { name: 'a', emptyDir: {} },
    { name: 'b', configMap: { name: 'x', defaultMode: 0o644 } },
    { name: 'c', image: { reference: 'r', pullPolicy: 'Always' } },
  ])
})

test('signals of their own to stop by are dropped from containers: their gate is off', () => {
  const stopSignal = 'SIGUSR1'
  const exec = { command: ['x'] }
  const { spec } = read({
    containers: [
      { name: 'a', image: 'i', lifecycle: { stopSignal } },
      { name: 'b', image: 'i', lifecycle: { stopSignal, preStop: { exec } } },
    ],
  })
  const [a, b] = spec.containers
  assert.deepEqual([a?.lifecycle, b?.lifecycle], [undefined, { preStop: { exec } }])
})
