import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { createTestServer, type TestServer } from '../support/api-server.ts'
import { WebhookServer } from '../support/webhook-server.ts'

const REGISTRATION = '/apis/admissionregistration.k8s.io/v1'
const BOATS = '/apis/example.com/v1/namespaces/default/boats'
const RULE = {
  operations: ['*'],
  apiGroups: ['example.com'],
  apiVersions: ['v1'],
  resources: ['boats'],
}

describe('admission of custom resources', () => {
  let api: TestServer
  let server: WebhookServer

  before(async () => {
    server = await WebhookServer.start()
  })
  after(() => server[Symbol.asyncDispose]())
  beforeEach(async () => {
    api = await createTestServer({ hasCustomResources: true })
    server.calls.length = 0
    await define()
  })
  afterEach(() => api.close())

  async function make(path: string, body: object): Promise<void> {
    const { code, text } = await api.send('POST', path, { body })
    assert.equal(code, 201, text)
  }

  /** Boats in two versions, which differ in their names alone. */
  async function define(): Promise<void> {
    const schema = {
      openAPIV3Schema: {
        type: 'object',
        properties: {
          spec: {
            type: 'object',
            properties: {
              oars: { type: 'integer' },
              crew: { type: 'integer' },
              name: { type: 'string', default: 'wherry' },
            },
          },
        },
      },
    }
    const scale = { specReplicasPath: '.spec.crew', statusReplicasPath: '.status.crew' }
    const version = (name: string, storage: boolean) => ({
      ...{ name, storage, schema },
      served: true,
      subresources: { scale },
    })
    await make('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      metadata: { name: 'boats.example.com' },
      spec: {
        group: 'example.com',
        names: { plural: 'boats', kind: 'Boat' },
        scope: 'Namespaced',
        versions: [version('v1', true), version('v2', false)],
      },
    })
    for (let tries = 0; (await api.send('GET', BOATS)).code !== 200; tries++) {
      assert.ok(tries < 1000, 'the definition is not served')
      await new Promise(setImmediate)
      await api.clock.advance(100)
    }
  }

  async function configure(hook: object, ...changes: object[]): Promise<void> {
    const operations = [{ op: 'add', path: '/spec/oars', value: 4 }, ...changes]
    await make(`${REGISTRATION}/mutatingwebhookconfigurations`, {
      metadata: { name: 'm' },
      webhooks: [
        {
          name: 'hook.example.com',
          clientConfig: { url: server.url('/m'), caBundle: server.caBundle },
          rules: [RULE],
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          ...hook,
        },
      ],
    })
    server.answer = ({ body }) => {
      const patch = btoa(JSON.stringify(operations))
      const response = { uid: body['request'].uid, allowed: true, patch, patchType: 'JSONPatch' }
      return { apiVersion: body['apiVersion'], kind: 'AdmissionReview', response }
    }
  }

  test('a webhook changes a custom resource, whose schema fills it in again', async () => {
    await configure({})
    const body = { apiVersion: 'example.com/v1', kind: 'Boat', metadata: { name: 'a' }, spec: {} }
    const made = await api.send('POST', BOATS, { body })
    assert.equal(made.code, 201, made.text)
    assert.deepEqual(JSON.parse(made.text).spec, { oars: 4, name: 'wherry' })
    const { object, kind } = server.calls[0]?.body['request'] ?? {}
    assert.deepEqual(kind, { group: 'example.com', version: 'v1', kind: 'Boat' })
    assert.deepEqual(object.spec, { name: 'wherry' })
    const changed = await api.send('PATCH', `${BOATS}/a`, {
      body: { spec: { oars: 1 } },
      contentType: 'application/merge-patch+json',
    })
    assert.equal(JSON.parse(changed.text).spec.oars, 4, changed.text)
  })

  test('a webhook sees another version of a custom resource as its own', async () => {
    await configure({ matchPolicy: 'Equivalent' })
    const body = { apiVersion: 'example.com/v2', kind: 'Boat', metadata: { name: 'a' }, spec: {} }
    const made = await api.send('POST', BOATS.replace('v1', 'v2'), { body })
    assert.equal(made.code, 201, made.text)
    assert.equal(JSON.parse(made.text).apiVersion, 'example.com/v2')
    assert.equal(JSON.parse(made.text).spec.oars, 4)
    const { object, kind, requestKind } = server.calls[0]?.body['request'] ?? {}
    assert.deepEqual([kind.version, requestKind.version], ['v1', 'v2'])
    assert.equal(object.apiVersion, 'example.com/v1')
  })

  test('the scale of another version is the same scale', async () => {
    await configure({ rules: [{ ...RULE, resources: ['boats/scale'] }] })
    server.answer = ({ body }) => {
      const patch = btoa(JSON.stringify([{ op: 'replace', path: '/spec/replicas', value: 3 }]))
      const response = { uid: body['request'].uid, allowed: true, patch, patchType: 'JSONPatch' }
      return { apiVersion: body['apiVersion'], kind: 'AdmissionReview', response }
    }
    const second = BOATS.replace('v1', 'v2')
    const body = { apiVersion: 'example.com/v2', kind: 'Boat', metadata: { name: 'a' }, spec: {} }
    assert.equal((await api.send('POST', second, { body })).code, 201)
    const scaled = await api.send('PATCH', `${second}/a/scale`, {
      body: { spec: { replicas: 2 } },
      contentType: 'application/merge-patch+json',
    })
    assert.equal(JSON.parse(scaled.text).spec.replicas, 3, scaled.text)
    const { resource, requestResource, kind } = server.calls[0]?.body['request'] ?? {}
    assert.deepEqual([resource.version, requestResource.version, kind.kind], ['v1', 'v2', 'Scale'])
    const { text } = await api.send('GET', `${second}/a`)
    assert.equal(JSON.parse(text).spec.crew, 3)
  })

  test('a webhook answers in any version that is served, and says of what kind', async () => {
    const body = { apiVersion: 'example.com/v1', kind: 'Boat', metadata: { name: 'a' }, spec: {} }
    const after = async (path: string, value: unknown) => {
      await configure({}, { op: 'add', path, value })
      const { code, text } = await api.send('POST', `${BOATS}?dryRun=All`, { body })
      await api.send('DELETE', `${REGISTRATION}/mutatingwebhookconfigurations/m`)
      const { message, spec } = JSON.parse(text)
      return [code, message ?? spec.oars]
    }
    assert.deepEqual(await after('/apiVersion', 'example.com/v2'), [201, 4])
    const invalid = 'request to convert CR from an invalid group/version: example.com/v3'
    assert.deepEqual(await after('/apiVersion', 'example.com/v3'), [500, invalid])
    const [code, message] = await after('/kind', '')
    assert.equal(code, 500)
    assert.match(message, /^Internal error occurred: Object 'Kind' is missing in '\{"apiVersion":/)
  })

  test('webhooks that want exactly one version are not asked about others', async () => {
    await configure({ matchPolicy: 'Exact' })
    const body = { apiVersion: 'example.com/v2', kind: 'Boat', metadata: { name: 'a' }, spec: {} }
    assert.equal((await api.send('POST', BOATS.replace('v1', 'v2'), { body })).code, 201)
    assert.equal(server.calls.length, 0)
  })

  test('policies judge and change custom resources, and have them as parameters', async () => {
    await make(BOATS, {
      ...{ apiVersion: 'example.com/v1', kind: 'Boat', metadata: { name: 'largest' } },
      spec: { oars: 8 },
    })
    const matchConstraints = { resourceRules: [{ ...RULE, operations: ['CREATE'] }] }
    await make(`${REGISTRATION}/validatingadmissionpolicies`, {
      metadata: { name: 'p' },
      spec: {
        matchConstraints,
        paramKind: { apiVersion: 'example.com/v2', kind: 'Boat' },
        validations: [
          {
            expression: 'object.spec.oars <= params.spec.oars',
            messageExpression: `'at most ' + string(params.spec.oars) + ' as ' + params.apiVersion`,
          },
        ],
      },
    })
    await make(`${REGISTRATION}/validatingadmissionpolicybindings`, {
      metadata: { name: 'b' },
      spec: {
        policyName: 'p',
        validationActions: ['Deny'],
        paramRef: { name: 'largest', parameterNotFoundAction: 'Deny' },
      },
    })
    await make(`${REGISTRATION}/mutatingadmissionpolicies`, {
      metadata: { name: 'm' },
      spec: {
        matchConstraints,
        reinvocationPolicy: 'Never',
        mutations: [
          {
            patchType: 'ApplyConfiguration',
            applyConfiguration: {
              expression: 'Object{spec: Object.spec{oars: object.spec.oars * 2}}',
            },
          },
        ],
      },
    })
    await make(`${REGISTRATION}/mutatingadmissionpolicybindings`, {
      metadata: { name: 'b' },
      spec: { policyName: 'm' },
    })
    const create = async (name: string, oars: number) => {
      const body = {
        apiVersion: 'example.com/v1',
        kind: 'Boat',
        metadata: { name },
        spec: { oars },
      }
      const { code, text } = await api.send('POST', BOATS, { body })
      return [code, code === 201 ? JSON.parse(text).spec.oars : JSON.parse(text).message]
    }
    assert.deepEqual(await create('a', 4), [201, 8])
    const [code, message] = await create('b', 5)
    assert.equal(code, 422)
    assert.match(message, /denied request: at most 8 as example\.com\/v2$/)
  })
})
