import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { allow, CONFIG_MAPS, HookedApi, patch } from '../support/hooked-api.ts'

describe('what a webhook is asked, and what its answer does', () => {
  const hooked = new HookedApi()

  test('a webhook is sent an AdmissionReview and changes the object', async () => {
    await hooked.configure('mutating', 'm', {})
    hooked.server.answer = (call) =>
      patch(call, { op: 'add', path: '/data', value: { by: 'webhook' } })
    const { code, text } = await hooked.create('a', {}, '?fieldManager=me&fieldValidation=Strict')
    assert.equal(code, 201, text)
    assert.deepEqual(JSON.parse(text).data, { by: 'webhook' })
    const [call] = hooked.server.calls
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
    await hooked.configure('validating', 'v', {})
    hooked.server.answer = (call) =>
      allow(call, {
        allowed: false,
        status: { message: 'not today', code: 418, reason: 'Teapot', details: { kind: 'tea' } },
        warnings: ['it is hot'],
      })
    const refused = await hooked.create('a')
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
    hooked.server.answer = (call) => allow(call, { allowed: false, status: { reason: 'Because' } })
    assert.equal(JSON.parse((await hooked.create('a')).text).message, `${deniedBy}: Because`)
    hooked.server.answer = (call) => allow(call, { allowed: false })
    const mute = await hooked.create('a')
    assert.equal(mute.code, 400)
    assert.equal(JSON.parse(mute.text).message, `${deniedBy} without explanation`)
  })

  test('an object stays of its kind and where it is', async () => {
    await hooked.configure('mutating', 'm', {})
    const after = async (...operations: object[]) => {
      hooked.server.answer = (call) => patch(call, ...operations)
      const { text } = await hooked.create('a', {}, '?dryRun=All')
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

  test('deletions show what is deleted, and its options', async () => {
    await hooked.create('a', { data: { k: 'v' } })
    await hooked.configure('validating', 'v', {})
    hooked.server.answer = (call) => allow(call)
    await hooked.api.send('DELETE', `${CONFIG_MAPS}/a`, {
      body: { propagationPolicy: 'Background' },
    })
    const { object, oldObject, options, operation, name } =
      hooked.server.calls[0]?.body['request'] ?? {}
    assert.equal(object, null)
    assert.deepEqual(oldObject.data, { k: 'v' })
    assert.equal(operation, 'DELETE')
    assert.equal(name, 'a')
    assert.equal(options.kind, 'DeleteOptions')
    assert.equal(options.propagationPolicy, 'Background')
    await hooked.create('b')
    hooked.server.calls.length = 0
    await hooked.api.send('DELETE', CONFIG_MAPS)
    assert.deepEqual(
      hooked.server.calls.map(({ body }) => [
        body['request'].name,
        body['request'].oldObject.metadata.name,
      ]),
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
    await hooked.configure('mutating', 'm', { rules }, { rules, matchPolicy: 'Exact' })
    hooked.server.answer = (call) => patch(call, { op: 'add', path: '/spec/minReplicas', value: 3 })
    const { code, text } = await hooked.api.send(
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
    assert.equal(hooked.server.calls.length, 1)
    const { kind, requestKind, resource, object } = hooked.server.calls[0]?.body['request'] ?? {}
    assert.deepEqual(kind, { group: 'autoscaling', version: 'v1', kind: 'HorizontalPodAutoscaler' })
    assert.equal(requestKind.version, 'v2')
    assert.equal(resource.version, 'v1')
    assert.equal(object.apiVersion, 'autoscaling/v1')
  })

  test('v1beta1 reviews are spoken too', async () => {
    await hooked.configure('mutating', 'm', { admissionReviewVersions: ['v9', 'v1beta1', 'v1'] })
    hooked.server.answer = () => ({
      response: {
        allowed: true,
        patch: btoa(JSON.stringify([{ op: 'add', path: '/data', value: { old: 'style' } }])),
      },
    })
    const { text } = await hooked.create('a')
    assert.deepEqual(JSON.parse(text).data, { old: 'style' })
    assert.equal(hooked.server.calls[0]?.body['apiVersion'], 'admission.k8s.io/v1beta1')
  })

  test('scale and bindings are shown as such', async () => {
    const rule = (apiGroups: string[], resources: string[]) => ({
      rules: [{ operations: ['*'], apiGroups, apiVersions: ['*'], resources }],
    })
    await hooked.configure('mutating', 'm', rule(['apps'], ['deployments/scale']))
    const template = {
      metadata: { labels: { a: 'b' } },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    }
    const deployments = '/apis/apps/v1/namespaces/default/deployments'
    const made = await hooked.api.send('POST', deployments, {
      body: { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } },
    })
    assert.equal(made.code, 201, made.text)
    assert.equal(hooked.server.calls.length, 0)
    hooked.server.answer = (call) =>
      patch(call, { op: 'replace', path: '/spec/replicas', value: 7 })
    const scaled = await hooked.api.send('PATCH', `${deployments}/d/scale`, {
      body: { spec: { replicas: 2 } },
      contentType: 'application/merge-patch+json',
    })
    assert.equal(JSON.parse(scaled.text).spec.replicas, 7, scaled.text)
    const { kind, object, oldObject, subResource } = hooked.server.calls[0]?.body['request'] ?? {}
    assert.deepEqual(kind, { group: 'autoscaling', version: 'v1', kind: 'Scale' })
    assert.equal(subResource, 'scale')
    assert.equal(object.spec.replicas, 2)
    assert.equal(oldObject.spec.replicas, 1)

    await hooked.configure('validating', 'v', rule([''], ['pods/binding']))
    const inDefault = '/api/v1/namespaces/default'
    const pods = `${inDefault}/pods`
    const account = { metadata: { name: 'default' } }
    await hooked.api.send('POST', `${inDefault}/serviceaccounts`, { body: account })
    await hooked.api.send('POST', pods, { body: { ...template, metadata: { name: 'p' } } })
    hooked.server.calls.length = 0
    hooked.server.answer = (call) => allow(call)
    const bound = await hooked.api.send('POST', `${pods}/p/binding`, {
      body: { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } },
    })
    assert.equal(bound.code, 201, bound.text)
    const shown = hooked.server.calls.map(({ body }) => body['request'])
    assert.deepEqual(
      shown.map(({ kind, subResource, operation, object }) => [
        ...[kind.kind, subResource, operation, object.target.name],
      ]),
      [['Binding', 'binding', 'CREATE', 'n']],
    )
  })

  test('the audit log is told who has changed what, and who could not be asked', async () => {
    const dead = { clientConfig: { url: 'https://127.0.0.1:1/x' }, failurePolicy: 'Ignore' }
    await hooked.configure('mutating', 'm', {}, dead)
    hooked.server.answer = (call) => {
      const text = btoa(JSON.stringify([{ op: 'add', path: '/data', value: { k: '<v>' } }]))
      const change = { patch: text, patchType: 'JSONPatch' }
      return allow(call, { ...change, auditAnnotations: { seen: 'yes', 'b/a/d': 'no' } })
    }
    const { code, text, auditAnnotations } = await hooked.create('a')
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
})
