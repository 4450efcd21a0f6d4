import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'
import { settle } from '../../../test/support/virtual-clock.ts'
import type { Client } from '../../client/client.ts'
import { Node } from '../../kinds/core/v1/node.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { ServiceAccount } from '../../kinds/core/v1/service-account.ts'
import { PriorityClass } from '../../kinds/scheduling/v1/priority-class.ts'
import type { StatusError } from '../../machinery/status-error.ts'

type Spec = NonNullable<(typeof Pod)['draft']['spec']>
type Metadata = NonNullable<(typeof Pod)['draft']['metadata']>

const containers = [{ name: 'c', image: 'i' }]

async function withServer(run: (client: Client, server: TestServer) => Promise<void>) {
  const server = await createTestServer({ isBootstrapped: true })
  const { client } = server
  await client.create(ServiceAccount, { metadata: { namespace: 'default', name: 'default' } })
  try {
    await run(client, server)
  } finally {
    server.close()
    assert.equal(server.clock.pendingTimers, 0)
  }
}

const createPod = (client: Client, spec: Partial<Spec> = {}, metadata: Metadata = {}) =>
  client.create(Pod, {
    metadata: { namespace: 'default', name: 'a', ...metadata },
    spec: { containers, ...spec },
  })

async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason as StatusError,
  )
  return error?.message ?? 'no error'
}

test('a pod gets the default account and its token', () =>
  withServer(async (client) => {
    const initContainers = [{ name: 'i', image: 'i' }]
    const { spec } = await createPod(client, { initContainers })
    assert.deepEqual([spec.serviceAccountName, spec.serviceAccount], ['default', 'default'])
    const [volume] = spec.volumes ?? []
    assert.match(String(volume?.name), /^kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    assert.deepEqual(volume?.projected, {
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [
              {
                path: 'namespace',
                fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' },
              },
            ],
          },
        },
      ],
    })
    const mount = {
      name: volume?.name,
      readOnly: true,
      mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
    }
    assert.deepEqual(spec.containers[0]?.volumeMounts, [mount])
    assert.deepEqual(spec.initContainers?.[0]?.volumeMounts, [mount])
  }))

test('the token is left out where pod or account say so', () =>
  withServer(async (client) => {
    const quiet = { metadata: { namespace: 'default', name: 'quiet' } }
    const imagePullSecrets = [{ name: 'registry' }]
    await client.create(ServiceAccount, {
      ...quiet,
      automountServiceAccountToken: false,
      imagePullSecrets,
    })
    const { spec } = await createPod(client, { serviceAccountName: 'quiet' })
    assert.deepEqual([spec.volumes, spec.imagePullSecrets], [undefined, imagePullSecrets])
    const own = await createPod(
      client,
      { serviceAccountName: 'quiet', automountServiceAccountToken: true },
      { name: 'b' },
    )
    assert.equal(own.spec.volumes?.length, 1)
    const none = await createPod(client, { automountServiceAccountToken: false }, { name: 'c' })
    assert.equal(none.spec.volumes, undefined)
  }))

test('a pod waits for the default account, and for no other', () =>
  withServer(async (client, { clock }) => {
    const key = { namespace: 'default', name: 'default' }
    await client.delete(ServiceAccount, key)
    const pending = createPod(client)
    await clock.advance(500)
    await client.create(ServiceAccount, { metadata: key })
    await clock.advance(500)
    assert.equal((await pending).spec.serviceAccountName, 'default')
    assert.equal(
      await messageOf(createPod(client, { serviceAccountName: 'none' }, { name: 'b' })),
      'pods "b" is forbidden: error looking up service account default/none: ' +
        'serviceaccount "none" not found',
    )
    await client.delete(ServiceAccount, key)
    const failing = messageOf(createPod(client, {}, { name: 'c' }))
    await clock.advance(3000)
    assert.match(await failing, /error looking up service account default\/default/)
  }))

test('an account may limit the secrets of its pods', () =>
  withServer(async (client) => {
    await client.create(ServiceAccount, {
      metadata: {
        namespace: 'default',
        name: 'strict',
        annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' },
      },
      secrets: [{ name: 'mine' }],
    })
    const volume = (secretName: string) => [{ name: 'v', secret: { secretName } }]
    const create = (secretName: string) =>
      createPod(client, { serviceAccountName: 'strict', volumes: volume(secretName) })
    assert.equal(
      await messageOf(create('yours')),
      'pods "a" is forbidden: volume with secret.secretName="yours" is not allowed because ' +
        'service account strict does not reference that secret',
    )
    assert.equal(await messageOf(create('mine')), 'no error')
  }))

test('pods tolerate nodes that are not ready for five minutes', () =>
  withServer(async (client) => {
    const { spec } = await createPod(client, {
      tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists' }],
    })
    assert.deepEqual(spec.tolerations, [
      { key: 'node.kubernetes.io/not-ready', operator: 'Exists' },
      {
        key: 'node.kubernetes.io/unreachable',
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      },
    ])
  }))

test('a priority class gives the priority', () =>
  withServer(async (client) => {
    const plain = await createPod(client)
    assert.deepEqual(
      [plain.spec.priority, plain.spec.preemptionPolicy, plain.spec.priorityClassName],
      [0, 'PreemptLowerPriority', undefined],
    )
    await client.create(PriorityClass, {
      metadata: { name: 'high' },
      value: 7,
      globalDefault: true,
    })
    const high = await createPod(client, {}, { name: 'b' })
    assert.deepEqual([high.spec.priority, high.spec.priorityClassName], [7, 'high'])
    assert.equal(
      await messageOf(createPod(client, { priorityClassName: 'none' }, { name: 'c' })),
      'pods "c" is forbidden: no PriorityClass with name none was found',
    )
    assert.equal(
      await messageOf(createPod(client, { priority: 3 }, { generateName: 'c-', name: '' })),
      'pods "c-" is forbidden: the integer value of priority (3) must not be provided in pod ' +
        'spec; priority admission controller computed 7 from the given PriorityClass name',
    )
    const second = { metadata: { name: 'other' }, value: 1, globalDefault: true }
    assert.equal(
      await messageOf(client.create(PriorityClass, second)),
      'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass high is already ' +
        'marked as default. Only one default can exist',
    )
    const system = await client.get(PriorityClass, { name: 'system-node-critical' })
    assert.equal(system.value, 2_000_001_000)
  }))

test('a new node takes no pods before it was seen to be ready', () =>
  withServer(async (client) => {
    const node = await client.create(Node, { metadata: { name: 'n' } })
    const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }
    assert.deepEqual(node.spec.taints, [taint])
    await settle()
  }))
