import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { type SecuredApi, startSecuredApi } from '../../../../test/support/secured-api.ts'
import { seededRandom } from '../../../base/random.ts'
import type { Client } from '../../../client/client.ts'
import { Lease } from '../../../kinds/coordination/v1/lease.ts'
import { ConfigMap } from '../../../kinds/core/v1/config-map.ts'
import { Namespace } from '../../../kinds/core/v1/namespace.ts'
import { Node } from '../../../kinds/core/v1/node.ts'
import { PersistentVolume } from '../../../kinds/core/v1/persistent-volume.ts'
import { PersistentVolumeClaim } from '../../../kinds/core/v1/persistent-volume-claim.ts'
import { Pod } from '../../../kinds/core/v1/pod.ts'
import { Secret } from '../../../kinds/core/v1/secret.ts'
import { Service } from '../../../kinds/core/v1/service.ts'
import { ServiceAccount } from '../../../kinds/core/v1/service-account.ts'
import type { StatusError } from '../../../machinery/status-error.ts'
import { SigningKey } from '../../authentication/signing-keys.ts'
import { serviceAccountToken } from '../../authentication/token-request.ts'

const namespace = 'default'
const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
}) as string

async function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => assert.fail('it was allowed'),
    (error: StatusError) => {
      assert.equal(error.code, 403, error.message)
      return error.message
    },
  )
}

describe('nodes', () => {
  let api: SecuredApi
  let n1: Client
  let n2: Client
  let pod: Pod

  before(async () => {
    api = await startSecuredApi(({ clock }) => ({
      subresources: new Map([
        [
          '/serviceaccounts/token',
          serviceAccountToken({
            clock,
            random: seededRandom(3),
            key: new SigningKey(pem),
            issuer: 'https://issuer',
            audiences: ['https://issuer'],
          }),
        ],
      ]),
    }))
    n1 = api.as('system:node:n1', 'system:nodes')
    n2 = api.as('system:node:n2', 'system:nodes')
    const { admin } = api
    for (const name of [namespace, 'kube-node-lease']) {
      await admin.create(Namespace, { metadata: { name } })
    }
    for (const name of ['pull', 'env', 'mounted', 'projected', 'other', 'csi']) {
      await admin.create(Secret, { metadata: { name, namespace } })
    }
    for (const name of ['config', 'unused']) {
      await admin.create(ConfigMap, { metadata: { name, namespace } })
    }
    await admin.create(ServiceAccount, { metadata: { name: 'robot', namespace } })
    await n1.create(Node, { metadata: { name: 'n1', labels: { 'kubernetes.io/os': 'linux' } } })
    await n2.create(Node, { metadata: { name: 'n2' } })
    await admin.create(PersistentVolumeClaim, {
      metadata: { name: 'claim', namespace },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    })
    await admin.create(PersistentVolume, {
      metadata: { name: 'volume' },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        claimRef: { namespace, name: 'claim' },
        csi: {
          driver: 'd',
          volumeHandle: 'h',
          nodeStageSecretRef: { namespace, name: 'csi' },
          controllerPublishSecretRef: { namespace, name: 'other' },
        },
      },
    })
    pod = await admin.create(Pod, {
      metadata: { name: 'web', namespace },
      spec: {
        nodeName: 'n1',
        serviceAccountName: 'robot',
        imagePullSecrets: [{ name: 'pull' }],
        containers: [
          {
            name: 'a',
            image: 'b',
            env: [{ name: 'E', valueFrom: { secretKeyRef: { name: 'env', key: 'k' } } }],
            envFrom: [{ configMapRef: { name: 'config' } }],
          },
        ],
        volumes: [
          { name: 's', secret: { secretName: 'mounted' } },
          {
            name: 'p',
            projected: {
              sources: [
                { secret: { name: 'projected' } },
                { serviceAccountToken: { path: 't' } },
                { serviceAccountToken: { path: 'v', audience: 'vault' } },
              ],
            },
          },
          { name: 'c', persistentVolumeClaim: { claimName: 'claim' } },
        ],
      },
    })
  })
  after(() => api[Symbol.dispose]())

  test('a node reads what its pods need, and another node does not', async () => {
    for (const name of ['pull', 'env', 'mounted', 'projected', 'csi']) {
      await n1.get(Secret, { namespace, name })
      assert.match(
        await refusal(n2.get(Secret, { namespace, name })),
        /: no relationship found between node 'n2' and this object$/,
      )
    }
    await refusal(n1.get(Secret, { namespace, name: 'other' }))
    await n1.get(ConfigMap, { namespace, name: 'config' })
    await refusal(n1.get(ConfigMap, { namespace, name: 'unused' }))
    await n1.get(PersistentVolumeClaim, { namespace, name: 'claim' })
    await n1.get(PersistentVolume, { name: 'volume' })
    await refusal(n2.get(PersistentVolume, { name: 'volume' }))
    await n1.get(ServiceAccount, { namespace, name: 'robot' })
  })

  test('lists are of single objects, or of its own pods', async () => {
    await n1.list(Secret, { namespace, fieldSelector: 'metadata.name=mounted' })
    assert.match(await refusal(n1.list(Secret, { namespace })), /No Object name found/)
    assert.match(await refusal(n1.list(Secret)), /can only read namespaced object of this type/)
    await n1.list(Pod, { fieldSelector: 'spec.nodeName=n1' })
    assert.match(
      await refusal(n1.list(Pod, { fieldSelector: 'spec.nodeName=n2' })),
      /can only list\/watch pods with spec.nodeName field selector/,
    )
    await n1.list(Service)
    await n1.list(Node, { fieldSelector: 'metadata.name=n1' })
    assert.match(await refusal(n1.list(Node)), /cannot read all nodes, only its own Node object/)
  })

  test('rights end with the pod', async () => {
    const spec = {
      nodeName: 'n2',
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'a', image: 'b', envFrom: [{ secretRef: { name: 'mounted' } }] }],
    }
    const second = await api.admin.create(Pod, { metadata: { name: 'x', namespace }, spec })
    await n2.get(Secret, { namespace, name: 'mounted' })
    await api.admin.delete(Pod, second.metadata, { gracePeriodSeconds: 0 })
    await refusal(n2.get(Secret, { namespace, name: 'mounted' }))
    await n1.get(Secret, { namespace, name: 'mounted' })
  })

  test('a node writes itself, its lease and the status of its pods', async () => {
    const node = await n1.get(Node, { name: 'n1' })
    await n1.updateStatus(Node, { ...node, status: { ...node.status, phase: 'Running' } })
    const other = await api.admin.get(Node, { name: 'n2' })
    assert.match(
      await refusal(n1.updateStatus(Node, other)),
      /node "n1" is not allowed to modify node "n2"/,
    )
    const lease = { namespace: 'kube-node-lease', name: 'n1' }
    await n1.create(Lease, { metadata: lease, spec: { holderIdentity: 'n1' } })
    await refusal(n1.create(Lease, { metadata: { ...lease, name: 'n2' } }))
    await refusal(n1.create(Lease, { metadata: { namespace, name: 'n1' } }))
    await refusal(n2.get(Lease, lease))
    await n1.updateStatus(Pod, { ...pod, status: { ...pod.status, phase: 'Running' } })
    const current = await api.admin.get(Pod, pod.metadata)
    assert.match(
      await refusal(n2.updateStatus(Pod, current)),
      /node "n2" can only update pod status for pods with spec.nodeName set to itself/,
    )
  })

  test('a node gives itself neither taints nor labels that draw workloads', async () => {
    const node = await n1.get(Node, { name: 'n1' })
    const withLabels = (labels: Record<string, string>): Node => ({
      ...node,
      metadata: { ...node.metadata, labels: { ...node.metadata.labels, ...labels } },
    })
    assert.match(
      await refusal(n1.update(Node, withLabels({ 'node-restriction.kubernetes.io/pci': '1' }))),
      /is not allowed to modify labels: node-restriction.kubernetes.io\/pci/,
    )
    await refusal(n1.update(Node, withLabels({ 'node-role.kubernetes.io/control-plane': '' })))
    const allowed = withLabels({ 'node.kubernetes.io/instance-type': 'm', 'own.example/x': '1' })
    const updated = await n1.update(Node, allowed)
    const tainted = {
      ...updated,
      spec: { ...updated.spec, taints: [{ key: 'k', effect: 'NoSchedule' as const }] },
    }
    assert.match(await refusal(n1.update(Node, tainted)), /is not allowed to modify taints/)
  })

  test('a node creates mirror pods only, and they give it no rights', async () => {
    const { metadata } = await api.admin.get(Node, { name: 'n2' })
    const owner = { apiVersion: 'v1', kind: 'Node', name: 'n2', uid: metadata.uid }
    const annotations = { 'kubernetes.io/config.mirror': 'hash' }
    const ownerReferences = [{ ...owner, controller: true }]
    const containers = [{ name: 'a', image: 'b' }]
    const plain = { metadata: { name: 'static', namespace }, spec: { nodeName: 'n2', containers } }
    assert.match(await refusal(n2.create(Pod, plain)), /can only create mirror pods/)
    const mirror = { ...plain, metadata: { ...plain.metadata, annotations, ownerReferences } }
    assert.match(
      await refusal(n1.create(Pod, mirror)),
      /node "n1" can only create pods with spec.nodeName set to itself/,
    )
    const greedy = {
      ...mirror,
      spec: { ...mirror.spec, volumes: [{ name: 'v', secret: { secretName: 'other' } }] },
    }
    assert.match(
      await refusal(n2.create(Pod, greedy)),
      /can not create pods that reference secrets/,
    )
    await n2.create(Pod, mirror)
    await refusal(n1.delete(Pod, { namespace, name: 'static' }))
    await n2.delete(Pod, { namespace, name: 'static' }, { gracePeriodSeconds: 0 })
  })

  test('a node gets tokens of its pods only, for the audiences that they ask for', async () => {
    const key = { namespace, name: 'robot' }
    const { name, uid } = pod.metadata
    const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name, uid }
    const ask = (client: Client, spec: object) =>
      client.createSubresource(ServiceAccount, key, 'token', { spec })
    await ask(n1, { boundObjectRef })
    await ask(n1, { boundObjectRef, audiences: ['vault'] })
    assert.match(
      await refusal(ask(n1, { boundObjectRef, audiences: ['other'] })),
      /error validating audience "other": persistentvolume "" not found$/,
    )
    assert.match(await refusal(ask(n1, {})), /node requested token not bound to a pod/)
    const unnamed = { kind: 'Pod', apiVersion: 'v1', name }
    assert.match(await refusal(ask(n1, { boundObjectRef: unnamed })), /without a uid/)
    await refusal(ask(n2, { boundObjectRef }))
  })

  test('who is no node, or does not say which, has no such rights', async () => {
    await refusal(api.as('system:node:n1').get(Secret, { namespace, name: 'mounted' }))
    const nameless = api.as('system:node:', 'system:nodes')
    assert.match(
      await refusal(nameless.get(Secret, { namespace, name: 'mounted' })),
      /unknown node for user "system:node:"/,
    )
  })
})
