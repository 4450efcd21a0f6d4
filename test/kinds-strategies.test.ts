import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DaemonSet } from '../src/kinds/apps/v1/daemon-set.ts'
import { Deployment } from '../src/kinds/apps/v1/deployment.ts'
import { HorizontalPodAutoscaler as AutoscalerV1 } from '../src/kinds/autoscaling/v1/horizontal-pod-autoscaler.ts'
import { Job } from '../src/kinds/batch/v1/job.ts'
import { CertificateSigningRequest } from '../src/kinds/certificates/v1/certificate-signing-request.ts'
import { Namespace } from '../src/kinds/core/v1/namespace.ts'
import { PersistentVolume } from '../src/kinds/core/v1/persistent-volume.ts'
import { PersistentVolumeClaim } from '../src/kinds/core/v1/persistent-volume-claim.ts'
import { Pod } from '../src/kinds/core/v1/pod.ts'
import { Service } from '../src/kinds/core/v1/service.ts'
import { Event } from '../src/kinds/events/v1/event.ts'
import { Role } from '../src/kinds/rbac/v1/role.ts'
import { ResourceClaim } from '../src/kinds/resource/v1beta1/resource-claim.ts'
import { ResourceSlice } from '../src/kinds/resource/v1beta1/resource-slice.ts'
import type { Kind, KubeObject } from '../src/machinery/kind.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
const metadata = { name: 'a', namespace: 'default', uid: 'u', creationTimestamp: '', generation: 1 }

function make<T extends KubeObject>(kind: Kind<T>, fields: object): T {
  return { apiVersion: kind.apiVersion, kind: kind.kind, metadata, ...fields } as unknown as T
}

const created = <T extends KubeObject>(kind: Kind<T>, fields: object): T | undefined =>
  kind.prepareForCreate?.(make(kind, fields), { now })
const updated = <T extends KubeObject>(kind: Kind<T>, fields: object, old: object): T | undefined =>
  kind.prepareForUpdate?.(make(kind, fields), make(kind, old), { now })

describe('pods', () => {
  test('a report of the status neither gives a pod to an owner nor ends it', () => {
    const old = make(Pod, { spec: {}, status: { phase: 'Running' } })
    const deletionTimestamp = '2026-03-01T12:00:00Z'
    const given = { ...metadata, deletionTimestamp, ownerReferences: [] }
    const reported = make(Pod, { metadata: given, spec: {}, status: { phase: 'Failed' } })
    const report = (pod: Pod, before: Pod) => Pod.prepareForStatusUpdate?.(pod, before, { now })
    assert.deepEqual(report(reported, old)?.metadata, metadata)
    const ending = make(Pod, { ...old, metadata: { ...metadata, deletionTimestamp } })
    assert.deepEqual(report(old, ending)?.metadata, { ...metadata, deletionTimestamp })
  })

  const container = (limits?: object, requests?: object) => ({
    name: 'c',
    resources: { ...(limits && { limits }), ...(requests && { requests }) },
  })
  const classOf = (...containers: object[]) =>
    created(Pod, { spec: { containers } })?.status.qosClass

  test('begin pending, in the class of their resources', () => {
    assert.equal(created(Pod, { spec: { containers: [container()] } })?.status.phase, 'Pending')
    assert.equal(classOf(container()), 'BestEffort')
    const full = { cpu: '1', memory: '1Gi' }
    assert.equal(classOf(container(full, full)), 'Guaranteed')
    assert.equal(classOf(container(full, { cpu: '1000m', memory: '1024Mi' })), 'Guaranteed')
    assert.equal(classOf(container(full, { cpu: '1', memory: '1Mi' })), 'Burstable')
    assert.equal(classOf(container(full, full), container()), 'Burstable')
    assert.equal(classOf(container({ cpu: '1' }, { cpu: '1' })), 'Burstable')
    assert.equal(classOf(container({ 'example.com/x': '1' })), 'BestEffort')
    assert.equal(classOf(container({ cpu: '0' })), 'BestEffort')
  })

  test('with gates wait visibly', () => {
    const spec = { containers: [container()], schedulingGates: [{ name: 'a' }] }
    assert.equal(created(Pod, { spec })?.status.conditions?.[0]?.reason, 'SchedulingGated')
  })

  test('take keys of labels as conditions on their own values', () => {
    const term = { topologyKey: 'zone', labelSelector: {}, matchLabelKeys: ['app', 'none'] }
    const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } }
    const pod = make(Pod, { spec: { containers: [], affinity } })
    const labelled = { ...pod, metadata: { ...pod.metadata, labels: { app: 'web' } } }
    const result = Pod.prepareForCreate?.(labelled, { now })
    const [resolved] =
      result?.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
    const expected = [{ key: 'app', operator: 'In', values: ['web'] }]
    assert.deepEqual(resolved?.labelSelector?.matchExpressions, expected)
  })

  test('end at once where no kubelet has them', () => {
    const graceOf = (spec: object, phase: string, requested?: number) =>
      Pod.gracePeriodSeconds?.(make(Pod, { spec, status: { phase } }), requested)
    const bound = { nodeName: 'n', terminationGracePeriodSeconds: 30 }
    assert.equal(graceOf(bound, 'Running'), 30)
    assert.equal(graceOf(bound, 'Running', 5), 5)
    assert.equal(graceOf(bound, 'Running', -1), 1)
    assert.equal(graceOf(bound, 'Succeeded', 5), 0)
    assert.equal(graceOf({ terminationGracePeriodSeconds: 30 }, 'Pending', 5), 0)
  })
})

test('a namespace is finalized by its controller, whatever an update says', () => {
  assert.deepEqual(created(Namespace, { spec: {} })?.spec.finalizers, ['kubernetes'])
  const old = { spec: { finalizers: ['kubernetes'] } }
  assert.deepEqual(updated(Namespace, { spec: {} }, old)?.spec.finalizers, ['kubernetes'])
  const gone = updated(Namespace, { spec: { finalizers: ['kubernetes'] } }, { spec: {} })
  assert.deepEqual(gone?.spec, {})
})

test('a service that changes its type loses what belonged to the old one', () => {
  const ports = [{ port: 80, nodePort: 30_001, protocol: 'TCP' }]
  const old = { type: 'NodePort', clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'], ports }
  const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } }
  const inner = updated(Service, { spec: { ...old, type: 'ClusterIP' }, status }, { spec: old })
  assert.equal(inner?.spec.ports?.[0]?.nodePort, undefined)
  assert.equal(inner?.spec.clusterIP, '10.0.0.1')
  assert.deepEqual(inner?.status.loadBalancer, {})
  const outer = updated(Service, { spec: { ...old, type: 'ExternalName' }, status }, { spec: old })
  assert.equal(outer?.spec.clusterIP, undefined)
  const moved = [{ ...ports[0], nodePort: 30_002 }]
  const renumbered = { ...old, type: 'ClusterIP', ports: moved }
  const kept = updated(Service, { spec: renumbered, status }, { spec: old })
  assert.equal(kept?.spec.ports?.[0]?.nodePort, 30_002)
})

test('a volume says since when it is in its phase', () => {
  const fresh = created(PersistentVolume, { spec: {} })
  assert.equal(fresh?.status.lastPhaseTransitionTime, '2026-03-01T12:00:00Z')
  const before = { phase: 'Pending', lastPhaseTransitionTime: '2026-03-01T11:00:00Z' }
  const report = (phase: string) => {
    const volume = make(PersistentVolume, { spec: {}, status: { ...before, phase } })
    const old = make(PersistentVolume, { spec: {}, status: before })
    return PersistentVolume.prepareForStatusUpdate?.(volume, old, { now }).status
  }
  assert.equal(report('Pending')?.lastPhaseTransitionTime, '2026-03-01T11:00:00Z')
  assert.equal(report('Bound')?.lastPhaseTransitionTime, '2026-03-01T12:00:00Z')
})

test('a claim names its source in both fields, and only what the older field allows', () => {
  const dataSource = { kind: 'PersistentVolumeClaim', name: 'old' }
  const both = created(PersistentVolumeClaim, { spec: { dataSource } })
  assert.deepEqual(both?.spec.dataSourceRef, dataSource)
  const other = { apiGroup: 'example.com', kind: 'Image', name: 'x' }
  const dropped = created(PersistentVolumeClaim, { spec: { dataSource: other } })
  assert.equal(dropped?.spec.dataSource, undefined)
  const newer = created(PersistentVolumeClaim, { spec: { dataSourceRef: other } })
  assert.deepEqual(newer?.spec.dataSource, other)
  const far = { ...dataSource, namespace: 'elsewhere' }
  const across = created(PersistentVolumeClaim, { spec: { dataSourceRef: far } })
  assert.equal(across?.spec.dataSource, undefined)
})

test('a certificate request names who really makes it', () => {
  const claimed = { request: 'x', signerName: 's', username: 'admin', groups: ['system:masters'] }
  const user = { name: 'jane', groups: ['dev'] }
  const request = make(CertificateSigningRequest, { spec: claimed })
  const result = CertificateSigningRequest.prepareForCreate?.(request, { now, user })
  assert.equal(result?.spec.username, 'jane')
  assert.deepEqual(result?.spec.groups, ['dev'])
  const nobody = CertificateSigningRequest.prepareForCreate?.(request, { now })
  assert.deepEqual(nobody?.spec, { request: 'x', signerName: 's' })
})

test('a report cannot rewrite a decision on a certificate request', () => {
  const approved = { type: 'Approved', status: 'True', reason: 'a', lastUpdateTime: 't' }
  const old = make(CertificateSigningRequest, { spec: {}, status: { conditions: [approved] } })
  const conditions = [
    { ...approved, reason: 'forged' },
    { type: 'Failed', status: 'True' },
  ]
  const given = make(CertificateSigningRequest, { spec: {}, status: { conditions } })
  const result = CertificateSigningRequest.prepareForStatusUpdate?.(given, old, { now })
  assert.equal(result?.status.conditions?.[0]?.reason, 'a')
  assert.equal(result?.status.conditions?.[1]?.lastTransitionTime, '2026-03-01T12:00:00Z')
})

test('a Job selects its own pods', () => {
  const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [] } }
  const job = created(Job, { spec: { template, manualSelector: false } })
  assert.deepEqual(job?.spec.selector, {
    matchLabels: { 'batch.kubernetes.io/controller-uid': 'u' },
  })
  assert.equal(job?.spec.template.metadata.labels?.['batch.kubernetes.io/job-name'], 'a')
  assert.equal(job?.spec.template.metadata.labels?.['app'], 'x')
  const manual = created(Job, { spec: { template, manualSelector: true } })
  assert.equal(manual?.spec.selector, undefined)
})

test('changes that count beside those of the spec', () => {
  const spec = { template: { metadata: {} } }
  const old = { ...metadata, annotations: { a: '1' } }
  const changed = updated(Deployment, { spec }, { spec, metadata: old })
  assert.equal(changed?.metadata.generation, 2)
  const key = 'deprecated.daemonset.template.generation'
  const first = created(DaemonSet, { spec })
  assert.equal(first?.metadata.annotations?.[key], '1')
  const next = { template: { metadata: { labels: { a: 'b' } } } }
  const second = updated(DaemonSet, { spec: next }, { ...first })
  assert.equal(second?.metadata.annotations?.[key], '2')
})

test('names of roles may hold colons', () => {
  assert.deepEqual(Role.validateName?.('system:node', false), [])
  assert.equal(Role.validateName?.('a/b', false).length, 1)
  assert.equal(Service.validateName?.('a.b', false).length, 1)
  assert.equal(Namespace.validateName?.('a.b', false).length, 1)
})

describe('versions that are stored as others come back as they were', () => {
  const roundTrip = (kind: Kind, object: KubeObject) => {
    const { storedAs } = kind
    assert.ok(storedAs !== undefined)
    const stored = storedAs.toStored(object)
    assert.equal(stored.apiVersion, storedAs.kind().apiVersion)
    assert.deepEqual(JSON.parse(JSON.stringify(storedAs.fromStored(stored))), object)
    return stored as KubeObject & { readonly [key: string]: unknown }
  }

  test('events', () => {
    const event = make(Event, {
      regarding: { kind: 'Pod', name: 'web' },
      note: 'started',
      deprecatedSource: { component: 'kubelet' },
      deprecatedCount: 3,
      reportingController: 'kubelet',
      eventTime: '2026-03-01T11:50:00.000000Z',
      series: { count: 2, lastObservedTime: '2026-03-01T11:58:00.000000Z' },
    })
    const stored = roundTrip(Event, event)
    assert.deepEqual(stored['involvedObject'], { kind: 'Pod', name: 'web' })
    assert.equal(stored['message'], 'started')
  })

  test('autoscalers', () => {
    const metrics = [{ type: 'Pods', pods: { metricName: 'qps', targetAverageValue: '10' } }]
    const annotations = { 'autoscaling.alpha.kubernetes.io/metrics': JSON.stringify(metrics) }
    const autoscaler = make(AutoscalerV1, {
      metadata: { ...metadata, annotations: { own: 'x', ...annotations } },
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'web' },
        minReplicas: 1,
        maxReplicas: 5,
        targetCPUUtilizationPercentage: 60,
      },
      status: { currentReplicas: 2, desiredReplicas: 3 },
    })
    const stored = roundTrip(AutoscalerV1, autoscaler) as unknown as {
      readonly metadata: { readonly annotations: object }
      readonly spec: { readonly metrics: readonly { readonly type: string }[] }
    }
    assert.deepEqual(stored.metadata.annotations, { own: 'x' })
    assert.deepEqual(
      stored.spec.metrics.map(({ type }) => type),
      ['Pods', 'Resource'],
    )
  })

  test('claims and slices of v1beta1', () => {
    const requests = [
      { name: 'a', deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 },
      { name: 'b', deviceClassName: '', firstAvailable: [{ name: 'c', deviceClassName: 'gpu' }] },
    ]
    const claim = roundTrip(ResourceClaim, make(ResourceClaim, { spec: { devices: { requests } } }))
    assert.deepEqual(claim['spec'], {
      devices: {
        requests: [
          {
            name: 'a',
            exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 },
          },
          { name: 'b', firstAvailable: [{ name: 'c', deviceClassName: 'gpu' }] },
        ],
      },
    })
    const devices = [{ name: 'd', basic: { attributes: { model: { string: 'x' } } } }]
    const spec = { driver: 'x', pool: { name: 'p' }, nodeName: 'n', devices }
    const slice = roundTrip(ResourceSlice, make(ResourceSlice, { spec }))
    const stored = slice['spec'] as { readonly devices: readonly object[] }
    assert.deepEqual(stored.devices, [{ name: 'd', attributes: { model: { string: 'x' } } }])
  })
})
