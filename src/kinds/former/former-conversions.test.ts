import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeCertificateRequest } from '../../../test/support/certificate-requests.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { builtInKinds } from '../index.ts'

/** What upstream's scheme makes of an object of a former version, beside its names. */
function converted(kind: string, apiVersion: string, former: object): object {
  const [group] = apiVersion.split('/')
  const candidates = builtInKinds.filter((one) => one.kind === kind && one.fromOtherVersion)
  const present = candidates.find((one) => one.group === group) ?? candidates[0]
  const stored = { kind, apiVersion, metadata: { name: 'a' }, ...former } as unknown as KubeObject
  const {
    apiVersion: _,
    kind: __,
    ...rest
  } = present?.fromOtherVersion?.(stored) ?? {
    ...{ apiVersion, kind },
  }
  return rest
}

const metadata = { name: 'a' }
const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [] } }
const labelled = { name: 'a', labels: { app: 'a' } }
const selector = { matchLabels: { app: 'a' } }

test('the first Deployments had the labels of their pods, kept all revisions and waited for ever', () => {
  const rollbackTo = { revision: 3 }
  const annotations = { 'deprecated.deployment.rollback.to': '3' }
  const never = 2147483647
  assert.deepEqual(
    converted('Deployment', 'extensions/v1beta1', { spec: { template, rollbackTo } }),
    {
      metadata: { ...labelled, annotations },
      spec: {
        ...{ template, selector, revisionHistoryLimit: never, progressDeadlineSeconds: never },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } },
      },
    },
  )
  assert.deepEqual(converted('Deployment', 'apps/v1beta1', { spec: { template } }), {
    metadata: labelled,
    spec: { template, selector, revisionHistoryLimit: 2 },
  })
  const said = { template, selector: {}, revisionHistoryLimit: 0, strategy: { type: 'Recreate' } }
  const own = { labels: { b: 'c' }, name: 'a' }
  assert.deepEqual(converted('Deployment', 'extensions/v1beta1', { metadata: own, spec: said }), {
    metadata: own,
    spec: { ...said, progressDeadlineSeconds: never },
  })
  assert.deepEqual(converted('Deployment', 'apps/v1beta2', { spec: { template } }), {
    metadata,
    spec: { template },
  })
})

test('other workloads: nothing was replaced before it was deleted, templates were counted', () => {
  const spec = { template, templateGeneration: 7 }
  assert.deepEqual(converted('DaemonSet', 'extensions/v1beta1', { spec }), {
    metadata: { ...labelled, annotations: { 'deprecated.daemonset.template.generation': '7' } },
    spec: { template, selector, updateStrategy: { type: 'OnDelete' } },
  })
  assert.deepEqual(converted('StatefulSet', 'apps/v1beta1', { spec: { template } }), {
    metadata: labelled,
    spec: { template, selector, updateStrategy: { type: 'OnDelete' } },
  })
  assert.deepEqual(converted('ReplicaSet', 'extensions/v1beta1', { spec: { template } }), {
    metadata: labelled,
    spec: { template, selector },
  })
  assert.deepEqual(converted('StatefulSet', 'apps/v1beta2', { spec: { template } }), {
    metadata,
    spec: { template },
  })
})

test('backends of an Ingress were a name and a port, paths had no type', () => {
  const resource = { kind: 'Bucket', name: 'b' }
  for (const version of ['extensions/v1beta1', 'networking.k8s.io/v1beta1']) {
    assert.deepEqual(
      converted('Ingress', version, {
        spec: {
          backend: { serviceName: 'all', servicePort: 80 },
          rules: [
            { host: 'a.example' },
            {
              http: {
                paths: [
                  { path: '/', backend: { serviceName: 'b', servicePort: 'web' } },
                  { pathType: 'Exact', backend: { servicePort: 0, resource } },
                ],
              },
            },
          ],
        },
      }),
      {
        metadata,
        spec: {
          defaultBackend: { service: { name: 'all', port: { number: 80 } } },
          rules: [
            { host: 'a.example' },
            {
              http: {
                paths: [
                  {
                    path: '/',
                    pathType: 'ImplementationSpecific',
                    backend: { service: { name: 'b', port: { name: 'web' } } },
                  },
                  { pathType: 'Exact', backend: { resource } },
                ],
              },
            },
          ],
        },
      },
    )
  }
})

test('zones and nodes of endpoints stood in their topology', () => {
  const zone = { 'topology.kubernetes.io/zone': 'z' }
  const host = { 'kubernetes.io/hostname': 'n' }
  const slice = {
    endpoints: [
      { addresses: ['1.1.1.1'], nodeName: 'n', topology: { ...zone, ...host } },
      { addresses: ['1.1.1.2'], nodeName: 'm', topology: { ...zone, ...host } },
      { addresses: ['1.1.1.3'] },
    ],
  }
  assert.deepEqual(converted('EndpointSlice', 'discovery.k8s.io/v1beta1', slice), {
    metadata,
    endpoints: [
      { addresses: ['1.1.1.1'], nodeName: 'n', zone: 'z' },
      { addresses: ['1.1.1.2'], nodeName: 'm', zone: 'z', deprecatedTopology: host },
      { addresses: ['1.1.1.3'] },
    ],
  })
})

test('a RuntimeClass had a spec', () => {
  const overhead = { podFixed: { cpu: '1' } }
  const spec = { runtimeHandler: 'runc', overhead }
  assert.deepEqual(converted('RuntimeClass', 'node.k8s.io/v1alpha1', { spec }), {
    ...{ metadata, handler: 'runc', overhead },
  })
})

test('subjects had a version, and * was everybody who is known', () => {
  const group = 'rbac.authorization.k8s.io'
  const subjects = [
    { kind: 'User', name: 'a', apiVersion: `${group}/v1alpha1` },
    { kind: 'User', name: '*' },
    { kind: 'Group', name: '*', apiVersion: 'x/y' },
    { kind: 'ServiceAccount', name: 's', namespace: 'n', apiVersion: 'v1' },
    { kind: 'Robot', name: 'r', apiVersion: 'robots.example/v2' },
  ]
  for (const kind of ['ClusterRoleBinding', 'RoleBinding']) {
    assert.deepEqual(converted(kind, `${group}/v1alpha1`, { subjects }), {
      metadata,
      subjects: [
        { kind: 'User', name: 'a', apiGroup: group },
        { kind: 'Group', name: 'system:authenticated', apiGroup: group },
        { kind: 'Group', name: '*', apiGroup: group },
        { kind: 'ServiceAccount', name: 's', namespace: 'n' },
        { kind: 'Robot', name: 'r', apiGroup: 'robots.example' },
      ],
    })
  }
})

test('webhooks of v1beta1 were lenient where they did not say', () => {
  const defaults = {
    ...{ failurePolicy: 'Ignore', matchPolicy: 'Exact', sideEffects: 'Unknown' },
    ...{ timeoutSeconds: 30, admissionReviewVersions: ['v1beta1'] },
  }
  const said = { ...defaults, failurePolicy: 'Fail', admissionReviewVersions: ['v1'] }
  const webhooks = [{ name: 'a' }, { name: 'b', ...said }]
  for (const kind of ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']) {
    const apiVersion = 'admissionregistration.k8s.io/v1beta1'
    assert.deepEqual(converted(kind, apiVersion, { webhooks }), {
      metadata,
      webhooks: [
        { name: 'a', ...defaults },
        { name: 'b', ...said },
      ],
    })
  }
})

test('no shares of a priority level are the usual, but where v1beta3 says that they are meant', () => {
  const kind = 'PriorityLevelConfiguration'
  const limited = (version: string, fields: object, annotations?: object) =>
    converted(kind, `flowcontrol.apiserver.k8s.io/${version}`, {
      metadata: { name: 'a', ...(annotations && { annotations }) },
      spec: { type: 'Limited', limited: fields },
    })
  const level = (shares: number) => ({
    metadata,
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: shares } },
  })
  assert.deepEqual(limited('v1beta1', {}), level(30))
  assert.deepEqual(limited('v1beta2', { assuredConcurrencyShares: 7 }), level(7))
  assert.deepEqual(limited('v1beta3', { nominalConcurrencyShares: 0 }), level(30))
  const mark = { 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares': '' }
  assert.deepEqual(limited('v1beta3', { nominalConcurrencyShares: 0 }, mark), level(0))
})

test('who signs a request of v1beta1 is found in it; its conditions are true', () => {
  const apiVersion = 'certificates.k8s.io/v1beta1'
  const spec = { request: Buffer.from('no PEM').toString('base64') }
  const status = { conditions: [{ type: 'Approved' }] }
  assert.deepEqual(converted('CertificateSigningRequest', apiVersion, { spec, status }), {
    metadata,
    spec: {
      ...spec,
      usages: ['digital signature', 'key encipherment'],
      signerName: 'kubernetes.io/legacy-unknown',
    },
    status: { conditions: [{ type: 'Approved', status: 'True' }] },
  })
})

test('a kubelet is known by what its request says', async () => {
  const node = { commonName: 'system:node:a', organizations: ['system:nodes'] }
  const names = [{ type: 'dns', value: 'a' }] as const
  const signers: unknown[] = []
  for (const [wishes, purpose] of [
    [node, 'client auth'],
    [{ ...node, names }, 'server auth'],
    [{ commonName: 'alice' }, 'client auth'],
  ] as const) {
    const { request } = await makeCertificateRequest(wishes)
    const usages = ['digital signature', 'key encipherment', purpose]
    const spec = { request: Buffer.from(request).toString('base64'), usages }
    const apiVersion = 'certificates.k8s.io/v1beta1'
    const read = converted('CertificateSigningRequest', apiVersion, { spec })
    signers.push((read as { readonly spec: { readonly signerName: string } }).spec.signerName)
  }
  const prefix = 'kubernetes.io'
  const kubelet = [`${prefix}/kube-apiserver-client-kubelet`, `${prefix}/kubelet-serving`]
  assert.deepEqual(signers, [...kubelet, `${prefix}/legacy-unknown`])
})
