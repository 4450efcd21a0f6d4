import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import type { ManagedFieldsEntry } from '../../machinery/object-meta.ts'

const DEPLOYMENT = '/apis/apps/v1/namespaces/default/deployments/d'
const CONFIG_MAP = '/api/v1/namespaces/default/configmaps/x'
const APPLY = 'application/apply-patch+yaml'
const MERGE = 'application/merge-patch+json'

interface Body {
  readonly message?: string
  readonly metadata: {
    readonly resourceVersion: string
    readonly labels?: Record<string, string>
    readonly managedFields?: readonly ManagedFieldsEntry[]
  }
  readonly spec: Record<string, unknown>
  readonly status?: Record<string, unknown>
}

interface Caller {
  readonly server: TestServer
  /** Sends a body, and fails unless the answer has this code. */
  send(code: number, method: string, url: string, body?: object, type?: string): Promise<Body>
}

async function withServer(run: (caller: Caller) => Promise<void>): Promise<void> {
  const server = await createTestServer()
  const send: Caller['send'] = async (
    code,
    method,
    url,
    body,
    contentType = 'application/json',
  ) => {
    const answer = await server.send(method, url, { ...(body && { body }), contentType })
    assert.equal(answer.code, code, answer.text)
    return JSON.parse(answer.text) as Body
  }
  try {
    await run({ server, send })
  } finally {
    server.close()
  }
}

/** `manager operation subresource apiVersion` for each entry, in the order of the object. */
const names = ({ metadata }: Body) =>
  (metadata.managedFields ?? []).map(({ manager, operation, subresource = '-', apiVersion }) =>
    [manager, operation, subresource, apiVersion].join(' '),
  )
const fieldsOf = ({ metadata }: Body, manager: string, subresource?: string) =>
  metadata.managedFields?.find(
    (entry) => entry.manager === manager && entry.subresource === subresource,
  )?.fieldsV1

const deployment = (spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', labels: { app: 'd' } },
  spec: {
    selector: { matchLabels: { app: 'd' } },
    template: {
      metadata: { labels: { app: 'd' } },
      spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }] },
    },
    ...spec,
  },
})

test('who creates owns what it set and what its defaults set', () =>
  withServer(async ({ send }) => {
    const url = DEPLOYMENT.slice(0, -2)
    const body = await send(201, 'POST', `${url}?fieldManager=kubectl-create`, deployment())
    assert.deepEqual(names(body), ['kubectl-create Update - apps/v1'])
    assert.deepEqual(fieldsOf(body, 'kubectl-create'), {
      'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
      'f:spec': {
        'f:progressDeadlineSeconds': {},
        'f:replicas': {},
        'f:revisionHistoryLimit': {},
        'f:selector': {},
        'f:strategy': {
          'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} },
          'f:type': {},
        },
        'f:template': {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
          'f:spec': {
            'f:containers': {
              'k:{"name":"c"}': {
                '.': {},
                'f:image': {},
                'f:imagePullPolicy': {},
                'f:name': {},
                'f:ports': {
                  '.': {},
                  'k:{"containerPort":80,"protocol":"TCP"}': {
                    '.': {},
                    'f:containerPort': {},
                    'f:protocol': {},
                  },
                },
                'f:resources': {},
                'f:terminationMessagePath': {},
                'f:terminationMessagePolicy': {},
              },
            },
            'f:dnsPolicy': {},
            'f:restartPolicy': {},
            'f:schedulerName': {},
            'f:securityContext': {},
            'f:terminationGracePeriodSeconds': {},
          },
        },
      },
    })
  }))

test('scale shares the ownership of replicas with its object', () =>
  withServer(async ({ send }) => {
    const applied = deployment({ replicas: 2 })
    await send(201, 'PATCH', `${DEPLOYMENT}?fieldManager=gitops`, applied, APPLY)
    const patch = { spec: { replicas: 3 } }
    await send(200, 'PATCH', `${DEPLOYMENT}/scale?fieldManager=hpa`, patch, MERGE)
    const scaled = await send(200, 'GET', DEPLOYMENT)
    assert.deepEqual(names(scaled), ['gitops Apply - apps/v1', 'hpa Update scale apps/v1'])
    assert.deepEqual(fieldsOf(scaled, 'hpa', 'scale'), { 'f:spec': { 'f:replicas': {} } })
    const lost = fieldsOf(scaled, 'gitops') as Record<string, Record<string, unknown>>
    assert.equal(lost['f:spec']?.['f:replicas'], undefined)
    const refused = await send(409, 'PATCH', `${DEPLOYMENT}?fieldManager=gitops`, applied, APPLY)
    assert.equal(
      refused.message,
      'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using ' +
        'apps/v1: .spec.replicas',
    )

    const scale = (replicas: number) => ({
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'd' },
      spec: { replicas },
    })
    const url = `${DEPLOYMENT}/scale?fieldManager=me`
    const conflict = await send(409, 'PATCH', url, scale(5), APPLY)
    assert.equal(
      conflict.message,
      'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using ' +
        'autoscaling/v1: .spec.replicas',
    )
    const forced = await send(200, 'PATCH', `${url}&force=true`, scale(5), APPLY)
    assert.deepEqual(forced.spec, { replicas: 5 })
    const after = await send(200, 'GET', DEPLOYMENT)
    assert.deepEqual(names(after), ['me Apply scale apps/v1', 'gitops Apply - apps/v1'])
    await send(400, 'PATCH', url, { ...scale(5), kind: 'Deployment' }, APPLY)
  }))

test('status and the rest have managers of their own, each with what it can write', () =>
  withServer(async ({ send }) => {
    await send(201, 'POST', `${DEPLOYMENT.slice(0, -2)}?fieldManager=me`, deployment())
    const report = {
      metadata: { labels: { x: 'y' } },
      spec: { replicas: 9 },
      status: { replicas: 1 },
    }
    const url = `${DEPLOYMENT}/status?fieldManager=controller`
    const body = await send(200, 'PATCH', url, report, MERGE)
    assert.deepEqual(names(body), ['controller Update status apps/v1', 'me Update - apps/v1'])
    assert.deepEqual(fieldsOf(body, 'controller', 'status'), { 'f:status': { 'f:replicas': {} } })
    const conflicting = { ...deployment(), spec: undefined, status: { replicas: 2 } }
    const refused = await send(
      409,
      'PATCH',
      `${DEPLOYMENT}/status?fieldManager=b`,
      conflicting,
      APPLY,
    )
    assert.equal(
      refused.message,
      'Apply failed with 1 conflict: conflict with "controller" with subresource "status" using ' +
        'apps/v1: .status.replicas',
    )
    const missing = { ...conflicting, metadata: { name: 'none' } }
    const none = `${DEPLOYMENT.slice(0, -2)}/none/status?fieldManager=b`
    await send(404, 'PATCH', none, missing, APPLY)
  }))

test('a part of a pod is owned by who resized it, with what else was sent and not kept', () =>
  withServer(async ({ send }) => {
    await send(201, 'POST', '/api/v1/namespaces/default/serviceaccounts', {
      metadata: { name: 'default' },
    })
    const resources = { requests: { cpu: '1' } }
    const pod = {
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', image: 'i', resources }] },
    }
    await send(201, 'POST', '/api/v1/namespaces/default/pods?fieldManager=me', pod)
    const containers = [{ name: 'c', resources: { requests: { cpu: '2' } } }]
    const body = await send(
      200,
      'PATCH',
      '/api/v1/namespaces/default/pods/p/resize?fieldManager=vpa',
      { metadata: { labels: { no: 'owner' } }, spec: { containers } },
      'application/strategic-merge-patch+json',
    )
    assert.equal(body.metadata.labels, undefined)
    assert.deepEqual(fieldsOf(body, 'vpa', 'resize'), {
      'f:metadata': { 'f:labels': { '.': {}, 'f:no': {} } },
      'f:spec': {
        'f:containers': {
          'k:{"name":"c"}': { 'f:resources': { 'f:requests': { 'f:cpu': {} } } },
        },
      },
    })
  }))

test('versions of one resource have managers of their own, who conflict', () =>
  withServer(async ({ send }) => {
    const hpa = (version: string) =>
      `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers/h`
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }
    const config = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h' },
      spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 3 },
    }
    await send(201, 'PATCH', `${hpa('v2')}?fieldManager=a`, config, APPLY)
    const change = { spec: { maxReplicas: 5, targetCPUUtilizationPercentage: 50 } }
    const patched = await send(200, 'PATCH', `${hpa('v1')}?fieldManager=b`, change, MERGE)
    assert.deepEqual(names(patched), ['a Apply - autoscaling/v2', 'b Update - autoscaling/v1'])
    assert.deepEqual(fieldsOf(patched, 'b'), {
      'f:spec': { 'f:maxReplicas': {}, 'f:targetCPUUtilizationPercentage': {} },
    })
    const refused = await send(409, 'PATCH', `${hpa('v2')}?fieldManager=a`, config, APPLY)
    assert.equal(
      refused.message,
      'Apply failed with 1 conflict: conflict with "b" using autoscaling/v1: .spec.maxReplicas',
    )
    const forced = await send(200, 'PATCH', `${hpa('v2')}?fieldManager=a&force=true`, config, APPLY)
    assert.equal(forced.spec['maxReplicas'], 3)
    assert.deepEqual(fieldsOf(forced, 'b'), {
      'f:spec': { 'f:targetCPUUtilizationPercentage': {} },
    })
    const older = {
      ...config,
      apiVersion: 'autoscaling/v1',
      spec: { scaleTargetRef, maxReplicas: 3 },
    }
    const moved = await send(200, 'PATCH', `${hpa('v1')}?fieldManager=a`, older, APPLY)
    assert.deepEqual(names(moved), ['a Apply - autoscaling/v1', 'b Update - autoscaling/v1'])
    assert.equal(moved.spec['minReplicas'], 1, 'what is not applied any more is the default again')
  }))

test('a client may leave managed fields out, or reset them', () =>
  withServer(async ({ send, server }) => {
    const object = { metadata: { name: 'x' }, data: { k: '1' } }
    const url = CONFIG_MAP.slice(0, -2)
    const created = await send(201, 'POST', `${url}?fieldManager=a`, object)
    await server.clock.advance(5000)
    const same = await send(200, 'PUT', `${CONFIG_MAP}?fieldManager=a`, object)
    assert.deepEqual(same, created, 'nothing is written, not even a time')
    const other = await send(200, 'PUT', `${CONFIG_MAP}?fieldManager=b`, {
      ...object,
      data: { k: '1', l: '2' },
    })
    assert.deepEqual(names(other), ['a Update - v1', 'b Update - v1'])
    assert.equal(other.metadata.managedFields?.[1]?.time, '2030-01-01T00:00:05Z')
    const echoed = await send(200, 'PUT', `${CONFIG_MAP}?fieldManager=c`, other)
    assert.equal(echoed.metadata.resourceVersion, other.metadata.resourceVersion)
    const reset = await send(200, 'PUT', CONFIG_MAP, {
      ...object,
      metadata: { name: 'x', managedFields: [] },
    })
    assert.equal(reset.metadata.managedFields, undefined)
    const after = await send(200, 'PATCH', CONFIG_MAP, { data: { k: '2' } }, MERGE)
    assert.equal(after.metadata.managedFields, undefined, 'and stay away until the next apply')
  }))

test('a dry run shows owners and stores nothing', () =>
  withServer(async ({ send }) => {
    const config = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'x' },
      data: { k: '1' },
    }
    const url = `${CONFIG_MAP}?fieldManager=a&dryRun=All`
    assert.deepEqual(names(await send(201, 'PATCH', url, config, APPLY)), ['a Apply - v1'])
    await send(404, 'GET', CONFIG_MAP)
  }))

test('components in this process write under names of their own', () =>
  withServer(async ({ server, send }) => {
    const metadata = { name: 'x', namespace: 'default', labels: { a: 'b' } }
    await server.client.create(ConfigMap, { metadata })
    const labels = { metadata: { labels: { c: 'd' } } }
    const body = await send(200, 'PATCH', CONFIG_MAP, labels, MERGE)
    assert.deepEqual(names(body), ['unknown Update - v1', 'wherry Update - v1'])
  }))

test('the template generation of a DaemonSet is of who leaves it out', () =>
  withServer(async ({ send }) => {
    const url = '/apis/apps/v1/namespaces/default/daemonsets'
    const annotation = { 'f:deprecated.daemonset.template.generation': {} }
    const { spec } = deployment()
    const set = { metadata: { name: 'd' }, spec }
    const annotationsOf = (body: Body, manager: string) => {
      const fields = fieldsOf(body, manager) as Record<string, Record<string, unknown>> | undefined
      return fields?.['f:metadata']?.['f:annotations']
    }
    const created = await send(201, 'POST', `${url}?fieldManager=a`, set)
    assert.deepEqual(annotationsOf(created, 'a'), { '.': {}, ...annotation })
    const updated = await send(200, 'PUT', `${url}/d?fieldManager=b`, set)
    assert.deepEqual(annotationsOf(updated, 'b'), annotation)
    const patch = { metadata: { labels: { c: 'd' } } }
    const patched = await send(200, 'PATCH', `${url}/d?fieldManager=c`, patch, MERGE)
    assert.equal(annotationsOf(patched, 'c'), undefined)
  }))

test('a set that must be given belongs to who gives it, as a whole', () =>
  withServer(async ({ send }) => {
    const url = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings'
    const binding = {
      metadata: { name: 'b' },
      spec: { policyName: 'p', validationActions: ['Deny'] },
    }
    const created = await send(201, 'POST', `${url}?fieldManager=a`, binding)
    assert.deepEqual(fieldsOf(created, 'a'), {
      'f:spec': { 'f:policyName': {}, 'f:validationActions': { '.': {}, 'v:"Deny"': {} } },
    })
  }))

test('a time that a writer leaves out is filled in for it, and is its own', () =>
  withServer(async ({ send }) => {
    const url = '/apis/resource.k8s.io/v1beta2/devicetaintrules'
    const taint = { key: 'a.b/c', effect: 'NoSchedule' }
    const rule = { metadata: { name: 'r' }, spec: { deviceSelector: { driver: 'd.e' }, taint } }
    const created = await send(201, 'POST', `${url}?fieldManager=a`, rule)
    const { 'f:spec': spec } = fieldsOf(created, 'a') as Record<string, Record<string, unknown>>
    assert.deepEqual(spec?.['f:taint'], {
      ...{ 'f:effect': {}, 'f:key': {}, 'f:timeAdded': {} },
    })
  }))
