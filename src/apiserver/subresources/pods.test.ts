import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { PodDisruptionBudget } from '../../kinds/policy/v1/pod-disruption-budget.ts'

const PODS = '/api/v1/namespaces/default/pods'
const KEY = { namespace: 'default', name: 'a' }

interface Body {
  readonly message?: string
  readonly reason?: string
  readonly status?: unknown
  readonly details?: { readonly causes?: readonly { readonly message: string }[] }
}

async function withPod(
  run: (
    send: (method: string, url: string, body?: object) => Promise<{ code: number; body: Body }>,
    server: TestServer,
  ) => Promise<void>,
): Promise<void> {
  const server = await createTestServer({ isBootstrapped: true })
  await server.send('POST', '/api/v1/namespaces/default/serviceaccounts', {
    body: { metadata: { name: 'default' } },
  })
  const containers = [{ name: 'c', image: 'i' }]
  const pod = { metadata: { name: 'a', labels: { app: 'a' } }, spec: { containers } }
  const created = await server.send('POST', PODS, { body: pod })
  assert.equal(created.code, 201, created.text)
  try {
    await run(async (method, url, body = {}) => {
      const contentType = 'application/json'
      const { code, text } = await server.send(method, url, { body, contentType })
      return { code, body: JSON.parse(text) as Body }
    }, server)
  } finally {
    server.close()
  }
}

const binding = (node: string) => ({
  metadata: { name: 'a', annotations: { why: 'test' } },
  target: { kind: 'Node', name: node },
})

test('a binding puts a pod on a node, once', () =>
  withPod(async (send, { client }) => {
    const bound = await send('POST', `${PODS}/a/binding`, binding('n1'))
    assert.deepEqual([bound.code, bound.body.status], [201, 'Success'])
    const pod = await client.get(Pod, KEY)
    assert.equal(pod.spec.nodeName, 'n1')
    assert.equal(pod.metadata.annotations?.['why'], 'test')
    const scheduled = pod.status.conditions?.find(({ type }) => type === 'PodScheduled')
    assert.equal(scheduled?.status, 'True')
    const again = await send('POST', `${PODS}/a/binding`, binding('n2'))
    assert.deepEqual(
      [again.code, again.body.message],
      [
        409,
        'Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node "n1"',
      ],
    )
    const other = await send('POST', `${PODS}/b/binding`, binding('n1'))
    assert.equal(other.body.message, 'name in URL does not match name in Binding object')
    const missing = { ...binding('n1'), metadata: { name: 'b' } }
    assert.equal((await send('POST', `${PODS}/b/binding`, missing)).code, 404)
  }))

test('the older form of a binding, and one for another pod of the name', () =>
  withPod(async (send) => {
    const url = '/api/v1/namespaces/default/bindings'
    const other = { ...binding('n1'), metadata: { name: 'a', uid: 'x' } }
    const wrong = await send('POST', `${PODS}/a/binding`, other)
    assert.match(
      String(wrong.body.message),
      /Key: \/registry\/pods\/default\/a, .* Precondition failed: UID in precondition: x/,
    )
    const tried = await send('POST', `${PODS}/a/binding?dryRun=All`, other)
    assert.match(String(tried.body.message), /Key: \/pods\/default\/a, /)
    const unnamed = await send('POST', url, { target: { name: 'n1' } })
    assert.deepEqual([unnamed.code, unnamed.body.message], [400, 'Name parameter required.'])
    assert.equal((await send('POST', url, other)).code, 201, 'that of a new object counts not')
  }))

const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'a' } }

test('an eviction is a deletion that says why', () =>
  withPod(async (send, { client }) => {
    await send('POST', `${PODS}/a/binding`, binding('n1'))
    await report(client, 'Running')
    const answer = await send('POST', `${PODS}/a/eviction`, eviction)
    assert.equal(answer.code, 201, answer.body.message)
    const pod = await client.get(Pod, KEY)
    assert.notEqual(pod.metadata.deletionTimestamp, undefined)
    const condition = pod.status.conditions?.find(({ type }) => type === 'DisruptionTarget')
    assert.deepEqual(
      [condition?.status, condition?.reason, condition?.message],
      ['True', 'EvictionByEvictionAPI', 'Eviction API: evicting'],
    )
  }))

test('an eviction may be of the version before, be of its namespace, and is shown in no table', () =>
  withPod(async (send, { client, send: sendAs }) => {
    const url = `${PODS}/a/eviction`
    const former = { ...eviction, apiVersion: 'policy/v1beta1' }
    const strict = await send('POST', `${url}?fieldValidation=Strict`, { ...former, other: 1 })
    assert.equal(
      strict.body.message,
      'Eviction in version "v1beta1" cannot be handled as a Eviction: ' +
        'strict decoding error: unknown field "other"',
    )
    const elsewhere = { ...former, metadata: { name: 'a', namespace: 'b' } }
    const moved = await send('POST', url, elsewhere)
    assert.deepEqual(
      [moved.code, moved.body.message],
      [
        400,
        'the namespace of the provided object does not match the namespace sent on the request',
      ],
    )
    const options = { ...former, deleteOptions: { dryRun: ['x'] } }
    const unlike = await send('POST', `${url}?dryRun=All`, options)
    assert.deepEqual(
      [unlike.code, unlike.body.message],
      [500, 'Non-matching dry-run options in request and content: [All] and [x]'],
    )
    const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1'
    const table = await sendAs('POST', url, { body: former, accept })
    assert.equal(table.code, 406)
    assert.equal((await client.get(Pod, KEY)).metadata.deletionTimestamp, undefined)
    assert.equal((await send('POST', url, former)).code, 201)
    await assert.rejects(client.get(Pod, KEY), /not found/)
  }))

test('a budget allows as many evictions as it says', () =>
  withPod(async (send, { client }) => {
    await send('POST', `${PODS}/a/binding`, binding('n1'))
    await report(client, 'Running')
    const budget = await client.create(PodDisruptionBudget, {
      metadata: { namespace: 'default', name: 'b' },
      spec: { selector: { matchLabels: { app: 'a' } }, minAvailable: 1 },
    })
    const unknown = await send('POST', `${PODS}/a/eviction`, eviction)
    assert.deepEqual(
      [unknown.code, unknown.body.reason, unknown.body.details?.causes?.[0]?.message],
      [429, 'TooManyRequests', 'The disruption budget b is still being processed by the server.'],
    )
    const status = { observedGeneration: 1, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 }
    const none = await client.updateStatus(PodDisruptionBudget, {
      ...budget,
      status: { ...status, disruptionsAllowed: 0 },
    })
    const refused = await send('POST', `${PODS}/a/eviction`, eviction)
    assert.equal(
      refused.body.message,
      "Cannot evict pod as it would violate the pod's disruption budget.",
    )
    assert.equal(
      refused.body.details?.causes?.[0]?.message,
      'The disruption budget b needs 1 healthy pods and has 1 currently',
    )
    await client.updateStatus(PodDisruptionBudget, {
      ...none,
      status: { ...status, disruptionsAllowed: 1 },
    })
    assert.equal((await send('POST', `${PODS}/a/eviction`, eviction)).code, 201)
    const after = await client.get(PodDisruptionBudget, { namespace: 'default', name: 'b' })
    assert.equal(after.status.disruptionsAllowed, 0)
    assert.deepEqual(Object.keys(after.status.disruptedPods ?? {}), ['a'])
  }))

test('containers for debugging come by their own way', () =>
  withPod(async (send, { client }) => {
    const pod = await client.get(Pod, KEY)
    const ephemeralContainers = [{ name: 'debug', image: 'busybox' }]
    const answer = await send('PUT', `${PODS}/a/ephemeralcontainers`, {
      ...pod,
      spec: { ...pod.spec, ephemeralContainers, restartPolicy: 'Never' },
    })
    assert.equal(answer.code, 200, answer.body.message)
    const after = await client.get(Pod, KEY)
    assert.equal(after.spec.ephemeralContainers?.[0]?.name, 'debug')
    assert.equal(after.spec.restartPolicy, pod.spec.restartPolicy)
  }))

async function report(client: TestServer['client'], phase: 'Running'): Promise<void> {
  const pod = await client.get(Pod, KEY)
  const conditions = [{ type: 'Ready', status: 'True' as const }]
  await client.updateStatus(Pod, { ...pod, status: { ...pod.status, phase, conditions } })
}
