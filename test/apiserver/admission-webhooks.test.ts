import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { createTestServer, type TestServer } from '../support/api-server.ts'
import { type WebhookAnswer, type WebhookCall, WebhookServer } from '../support/webhook-server.ts'

const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1'
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const ALL_CONFIG_MAPS = {
  operations: ['*'],
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: ['configmaps'],
}

let api: TestServer
let server: WebhookServer

before(async () => {
  server = await WebhookServer.start()
})
after(() => server[Symbol.asyncDispose]())
beforeEach(async (t) => {
  api = await createTestServer()
  server.calls.length = 0
  ;(t as unknown as { after(fn: () => void): void }).after(() => api.close())
})

type Sort = 'mutating' | 'validating'

/** Makes a configuration with webhooks that have upstream's defaults but for what is given. */
async function configure(sort: Sort, name: string, ...hooks: readonly object[]): Promise<void> {
  const kind = sort === 'mutating' ? 'Mutating' : 'Validating'
  const webhooks = hooks.map((hook, index) => ({
    name: `hook-${index}.example.com`,
    clientConfig: { url: server.url(`/${name}/${index}`), caBundle: server.caBundle },
    rules: [ALL_CONFIG_MAPS],
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    ...hook,
  }))
  const { code, text } = await api.send('POST', `${CONFIGURATIONS}/${sort}webhookconfigurations`, {
    body: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: `${kind}WebhookConfiguration`,
      metadata: { name },
      webhooks,
    },
  })
  assert.equal(code, 201, text)
}

function allow({ body }: WebhookCall, response: object = {}): WebhookAnswer {
  const { apiVersion, kind, request } = body
  return { apiVersion, kind, response: { uid: request.uid, allowed: true, ...response } }
}

function patch(call: WebhookCall, ...operations: readonly object[]): WebhookAnswer {
  const text = Buffer.from(JSON.stringify(operations)).toString('base64')
  return allow(call, { patch: text, patchType: 'JSONPatch' })
}

const create = (name: string, body: object = {}, query = '') =>
  api.send('POST', `${CONFIG_MAPS}${query}`, { body: { metadata: { name }, ...body } })

const SLOW = { timeoutSeconds: 30, failurePolicy: 'Ignore' }

test('a webhook is sent an AdmissionReview and changes the object', async () => {
  await configure('mutating', 'm', {})
  server.answer = (call) => patch(call, { op: 'add', path: '/data', value: { by: 'webhook' } })
  const { code, text } = await create('a', {}, '?fieldManager=me&fieldValidation=Strict')
  assert.equal(code, 201, text)
  assert.deepEqual(JSON.parse(text).data, { by: 'webhook' })
  const [call] = server.calls
  assert.equal(call?.path, '/m/0?timeout=10s')
  const { uid, object, ...request } = call?.body['request'] ?? {}
  assert.match(uid, /^[0-9a-f-]{36}$/)
  assert.equal(object.kind, 'ConfigMap')
  assert.equal(object.metadata.name, 'a')
  assert.deepEqual(request, {
    kind: { group: '', version: 'v1', kind: 'ConfigMap' },
    resource: { group: '', version: 'v1', resource: 'configmaps' },
    requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
    requestResource: { group: '', version: 'v1', resource: 'configmaps' },
    name: 'a',
    namespace: 'default',
    operation: 'CREATE',
    userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
    oldObject: null,
    dryRun: false,
    options: {
      kind: 'CreateOptions',
      apiVersion: 'meta.k8s.io/v1',
      fieldManager: 'me',
      fieldValidation: 'Strict',
    },
  })
})

test('refusals carry message, code, reason and warnings', async () => {
  await configure('validating', 'v', {})
  server.answer = (call) =>
    allow(call, {
      allowed: false,
      status: { message: 'not today', code: 418, reason: 'Teapot', details: { kind: 'tea' } },
      warnings: ['it is hot'],
    })
  const refused = await create('a')
  assert.equal(refused.code, 418)
  const { message, reason, details, status } = JSON.parse(refused.text)
  const deniedBy = 'admission webhook "hook-0.example.com" denied the request'
  assert.deepEqual(
    { message, reason, details, status },
    {
      message: `${deniedBy}: not today`,
      reason: 'Teapot',
      details: { kind: 'tea' },
      status: 'Failure',
    },
  )
  assert.deepEqual(refused.warnings, ['it is hot'])
  server.answer = (call) => allow(call, { allowed: false, status: { reason: 'Because' } })
  assert.equal(JSON.parse((await create('a')).text).message, `${deniedBy}: Because`)
  server.answer = (call) => allow(call, { allowed: false })
  const mute = await create('a')
  assert.equal(mute.code, 400)
  assert.equal(JSON.parse(mute.text).message, `${deniedBy} without explanation`)
})

test('the failure policy decides when a webhook cannot be asked', async () => {
  const dead = { clientConfig: { url: 'https://127.0.0.1:1/x', caBundle: server.caBundle } }
  await configure('validating', 'open', { ...dead, failurePolicy: 'Ignore' })
  assert.equal((await create('a')).code, 201)
  await configure('validating', 'shut', { ...dead, failurePolicy: 'Fail', timeoutSeconds: 3 })
  const { code, text } = await create('b')
  assert.equal(code, 500)
  const why = 'dial tcp 127.0.0.1:1: connect: connection refused'
  const post = `failed to call webhook: Post "https://127.0.0.1:1/x?timeout=3s": ${why}`
  assert.equal(
    JSON.parse(text).message,
    `Internal error occurred: failed calling webhook "hook-0.example.com": ${post}`,
  )
})

test('a webhook that hangs stalls its own requests alone, and no longer than its timeout', async () => {
  await configure('validating', 'v', { timeoutSeconds: 2 })
  server.answer = () => undefined
  const waiting = create('a')
  const other = await api.send('POST', '/api/v1/namespaces/default/secrets', {
    body: { metadata: { name: 'b' } },
  })
  assert.equal(other.code, 201)
  while (server.calls.length === 0) await new Promise(setImmediate)
  await api.clock.advance(2000)
  const { code, text } = await waiting
  assert.equal(code, 500)
  assert.match(JSON.parse(text).message, /\?timeout=2s": context deadline exceeded$/)
  server.answer = allow
  assert.equal((await create('c', {}, '?timeout=1s')).code, 201)
  assert.equal(server.calls[1]?.path, '/v/0?timeout=1s')
})

test('a write waits for all of its webhooks together no longer than 34 seconds', async () => {
  await configure('mutating', 'm', SLOW, SLOW)
  server.answer = () => undefined
  const waiting = create('a')
  while (server.calls.length === 0) await new Promise(setImmediate)
  await api.clock.advance(30_000)
  while (server.calls.length === 1) await new Promise(setImmediate)
  assert.equal(server.calls[1]?.path, '/m/1?timeout=4s')
  await api.clock.advance(4000)
  const { code, text } = await waiting
  assert.equal(code, 504)
  const why = 'request did not complete within requested timeout - context deadline exceeded'
  assert.equal(JSON.parse(text).message, `Timeout: ${why}`)
})

test('answers that are none are failures of the webhook', async () => {
  await configure('mutating', 'm', {})
  const messageFor = async (answer: (call: WebhookCall) => WebhookAnswer) => {
    server.answer = answer
    const { code, text } = await create('a', {}, '?dryRun=All')
    assert.equal(code, 500, text)
    const prefix = 'Internal error occurred: failed calling webhook "hook-0.example.com": '
    return JSON.parse(text)
      .message.replace(prefix, '')
      .replace('received invalid webhook response: ', '')
  }
  assert.equal(await messageFor(() => ({})), 'webhook response was absent')
  assert.match(
    await messageFor(() => ({ response: { uid: 'x', allowed: true } })),
    /^expected response.uid="[0-9a-f-]{36}", got "x"$/,
  )
  assert.equal(
    await messageFor((call) => ({ response: { uid: call.body['request'].uid, allowed: true } })),
    'expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got /, Kind=',
  )
  assert.equal(
    await messageFor((call) => allow(call, { patch: 'W10=' })),
    'webhook returned response.patch but not response.patchType',
  )
  assert.equal(
    await messageFor((call) => allow(call, { patch: btoa('{}'), patchType: 'JSONPatch' })),
    'received undecodable patch in webhook response: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
  )
  server.answer = (call) => patch(call, { op: 'remove', path: '/data/none' })
  const unfit = JSON.parse((await create('a')).text)
  assert.equal(unfit.code, 500)
  assert.match(unfit.message, /^Internal error occurred: remove operation does not apply/)
})

test('an object stays of its kind and where it is', async () => {
  await configure('mutating', 'm', {})
  const after = async (...operations: object[]) => {
    server.answer = (call) => patch(call, ...operations)
    const { text } = await create('a', {}, '?dryRun=All')
    const { message, reason, metadata } = JSON.parse(text)
    return message === undefined ? metadata : [reason, message]
  }
  assert.deepEqual(await after({ op: 'replace', path: '/kind', value: 'Pod' }), [
    undefined,
    'converting (v1.Pod) to (core.ConfigMap): unknown conversion',
  ])
  const scheme = 'in scheme "pkg/api/legacyscheme/scheme.go:30"'
  assert.deepEqual(await after({ op: 'replace', path: '/apiVersion', value: 'v2' }), [
    'InternalError',
    `Internal error occurred: no kind "ConfigMap" is registered for version "v2" ${scheme}`,
  ])
  const { namespace } = await after({ op: 'remove', path: '/metadata/namespace' })
  assert.equal(namespace, 'default')
  const { managedFields } = await after({ op: 'add', path: '/metadata/managedFields', value: [] })
  assert.equal(managedFields, undefined)
})

test('only webhooks without side effects are asked about dry runs', async () => {
  await configure('validating', 'v', { sideEffects: 'NoneOnDryRun' })
  server.answer = (call) => allow(call)
  assert.equal((await create('a', {}, '?dryRun=All')).code, 201)
  assert.equal(server.calls[0]?.body['request'].dryRun, true)
  await configure('validating', 'w', { sideEffects: 'Some' }).catch(() => {})
  const configured = await api.send('GET', `${CONFIGURATIONS}/validatingwebhookconfigurations/w`)
  assert.equal(configured.code, 404) // v1 takes no other side effects: nothing more to refuse.
})

test('selectors, rules and the objects that are exempt', async () => {
  await configure(
    'validating',
    'v',
    { objectSelector: { matchLabels: { judged: 'yes' } } },
    { namespaceSelector: { matchLabels: { judged: 'yes' } } },
    { rules: [{ ...ALL_CONFIG_MAPS, operations: ['DELETE'] }] },
    { rules: [{ ...ALL_CONFIG_MAPS, scope: 'Cluster' }] },
    {
      rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }],
      objectSelector: { matchLabels: { everything: 'yes' } },
    },
  )
  server.answer = (call) => allow(call)
  const paths = () => server.calls.splice(0).map(({ path }) => path.replace(/\?.*/, ''))
  await create('a')
  assert.deepEqual(paths(), [])
  await create('b', { metadata: { name: 'b', labels: { judged: 'yes' } } })
  assert.deepEqual(paths(), ['/v/0'])
  // The old object's labels count too.
  await api.send('PUT', `${CONFIG_MAPS}/b`, { body: { metadata: { name: 'b' } } })
  assert.deepEqual(paths(), ['/v/0'])
  await api.send('PATCH', '/api/v1/namespaces/default', {
    body: { metadata: { labels: { judged: 'yes' } } },
    contentType: 'application/merge-patch+json',
  })
  assert.deepEqual(paths(), [])
  await create('c')
  assert.deepEqual(paths(), ['/v/1'])
  await api.send('DELETE', `${CONFIG_MAPS}/c`)
  assert.deepEqual(paths().toSorted(), ['/v/1', '/v/2'])
  const configuration = { metadata: { name: 'x', labels: { everything: 'yes' } }, webhooks: [] }
  await api.send('POST', `${CONFIGURATIONS}/validatingwebhookconfigurations`, {
    body: configuration,
  })
  assert.deepEqual(paths(), [])
  await create('d', { metadata: { name: 'd', labels: { everything: 'yes' } } })
  assert.deepEqual(paths().toSorted(), ['/v/1', '/v/4'])
})

test('deletions show what is deleted, and its options', async () => {
  await create('a', { data: { k: 'v' } })
  await configure('validating', 'v', {})
  server.answer = (call) => allow(call)
  await api.send('DELETE', `${CONFIG_MAPS}/a`, { body: { propagationPolicy: 'Background' } })
  const { object, oldObject, options, operation, name } = server.calls[0]?.body['request'] ?? {}
  assert.equal(object, null)
  assert.deepEqual(oldObject.data, { k: 'v' })
  assert.equal(operation, 'DELETE')
  assert.equal(name, 'a')
  assert.equal(options.kind, 'DeleteOptions')
  assert.equal(options.propagationPolicy, 'Background')
  await create('b')
  server.calls.length = 0
  await api.send('DELETE', CONFIG_MAPS)
  assert.deepEqual(
    server.calls.map(({ body }) => [body['request'].name, body['request'].oldObject.metadata.name]),
    [[undefined, 'b']],
  )
})

test('a webhook sees an equivalent version, converted', async () => {
  const rules = [
    {
      operations: ['CREATE'],
      apiGroups: ['autoscaling'],
      apiVersions: ['v1'],
      resources: ['horizontalpodautoscalers'],
    },
  ]
  await configure('mutating', 'm', { rules }, { rules, matchPolicy: 'Exact' })
  server.answer = (call) => patch(call, { op: 'add', path: '/spec/minReplicas', value: 3 })
  const { code, text } = await api.send(
    'POST',
    '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers',
    {
      body: {
        metadata: { name: 'a' },
        spec: {
          maxReplicas: 5,
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
        },
      },
    },
  )
  assert.equal(code, 201, text)
  assert.equal(JSON.parse(text).spec.minReplicas, 3)
  assert.equal(server.calls.length, 1)
  const { kind, requestKind, resource, object } = server.calls[0]?.body['request'] ?? {}
  assert.deepEqual(kind, { group: 'autoscaling', version: 'v1', kind: 'HorizontalPodAutoscaler' })
  assert.equal(requestKind.version, 'v2')
  assert.equal(resource.version, 'v1')
  assert.equal(object.apiVersion, 'autoscaling/v1')
})

test('whoever wants it is asked again after a later change, once', async () => {
  await configure('mutating', 'm', { reinvocationPolicy: 'IfNeeded' }, {}, {})
  server.answer = (call) => {
    const [, index] = /m\/(\d)/.exec(call.path) ?? []
    if (index === '0') return allow(call)
    return patch(call, { op: 'add', path: '/data', value: { [`by${index}`]: 'x' } })
  }
  const { code, text } = await create('a')
  assert.equal(code, 201, text)
  const asked = server.calls.map(({ path }) => path.slice(3, 4))
  assert.deepEqual(asked, ['0', '1', '2', '0'])
  assert.deepEqual(JSON.parse(text).data, { by2: 'x' })
})

test('v1beta1 reviews are spoken too', async () => {
  await configure('mutating', 'm', { admissionReviewVersions: ['v9', 'v1beta1', 'v1'] })
  server.answer = () => ({
    response: {
      allowed: true,
      patch: btoa(JSON.stringify([{ op: 'add', path: '/data', value: { old: 'style' } }])),
    },
  })
  const { text } = await create('a')
  assert.deepEqual(JSON.parse(text).data, { old: 'style' })
  assert.equal(server.calls[0]?.body['apiVersion'], 'admission.k8s.io/v1beta1')
})

test('scale and bindings are shown as such', async () => {
  const rule = (apiGroups: string[], resources: string[]) => ({
    rules: [{ operations: ['*'], apiGroups, apiVersions: ['*'], resources }],
  })
  await configure('mutating', 'm', rule(['apps'], ['deployments/scale']))
  const template = {
    metadata: { labels: { a: 'b' } },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  }
  const deployments = '/apis/apps/v1/namespaces/default/deployments'
  const made = await api.send('POST', deployments, {
    body: { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } },
  })
  assert.equal(made.code, 201, made.text)
  assert.equal(server.calls.length, 0)
  server.answer = (call) => patch(call, { op: 'replace', path: '/spec/replicas', value: 7 })
  const scaled = await api.send('PATCH', `${deployments}/d/scale`, {
    body: { spec: { replicas: 2 } },
    contentType: 'application/merge-patch+json',
  })
  assert.equal(JSON.parse(scaled.text).spec.replicas, 7, scaled.text)
  const { kind, object, oldObject, subResource } = server.calls[0]?.body['request'] ?? {}
  assert.deepEqual(kind, { group: 'autoscaling', version: 'v1', kind: 'Scale' })
  assert.equal(subResource, 'scale')
  assert.equal(object.spec.replicas, 2)
  assert.equal(oldObject.spec.replicas, 1)
})

test('the audit log is told who has changed what, and who could not be asked', async () => {
  const dead = { clientConfig: { url: 'https://127.0.0.1:1/x' }, failurePolicy: 'Ignore' }
  await configure('mutating', 'm', {}, dead)
  server.answer = (call) => {
    const text = btoa(JSON.stringify([{ op: 'add', path: '/data', value: { k: '<v>' } }]))
    const change = { patch: text, patchType: 'JSONPatch' }
    return allow(call, { ...change, auditAnnotations: { seen: 'yes', 'b/a/d': 'no' } })
  }
  const { code, text, auditAnnotations } = await create('a')
  assert.equal(code, 201, text)
  const of = (index: number) => `{"configuration":"m","webhook":"hook-${index}.example.com"`
  assert.deepEqual(auditAnnotations, {
    'hook-0.example.com/seen': 'yes',
    'mutation.webhook.admission.k8s.io/round_0_index_0': `${of(0)},"mutated":true}`,
    'mutation.webhook.admission.k8s.io/round_0_index_1': `${of(1)},"mutated":false}`,
    'failed-open.mutation.webhook.admission.k8s.io/round_0_index_1': 'hook-1.example.com',
    'patch.webhook.admission.k8s.io/round_0_index_0':
      `${of(0)},"patch":[{"op":"add","path":"/data","value":{"k":"\\u003cv\\u003e"}}],` +
      '"patchType":"JSONPatch"}',
  })
})

test('conditions decide whether a webhook is asked', async () => {
  const condition = (expression: string) => [{ name: 'c', expression }]
  await configure(
    'validating',
    'v',
    { matchConditions: condition("object.metadata.name == 'a'") },
    { matchConditions: condition("request.userInfo.username != 'admin'") },
    { matchConditions: condition("object.data.x == 'y'"), failurePolicy: 'Ignore' },
    { matchConditions: condition("authorizer.requestResource.check('create').allowed()") },
  )
  server.answer = (call) => allow(call)
  await create('a')
  const asked = () => server.calls.splice(0).map(({ path }) => path.slice(3, 4))
  assert.deepEqual(asked().toSorted(), ['0', '3'])
  await create('b', { data: { x: 'y' } })
  assert.deepEqual(asked().toSorted(), ['2', '3'])
  await configure('validating', 'w', { matchConditions: condition("object.data.x == 'y'") })
  const { code, text } = await create('c')
  assert.equal(code, 403)
  const why = "expression 'object.data.x == 'y'' resulted in error: no such key: data"
  assert.equal(JSON.parse(text).message, `configmaps "c" is forbidden: ${why}`)
})
