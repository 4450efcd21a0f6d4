import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'

interface Entry {
  readonly manager: string
  readonly operation: string
  readonly apiVersion: string
  readonly subresource?: string
  readonly time: string
  readonly fieldsV1: unknown
}

interface Body {
  readonly code?: number
  readonly message?: string
  readonly reason?: string
  readonly data?: Record<string, string>
  readonly details?: { readonly causes?: readonly unknown[] }
  readonly metadata: {
    readonly resourceVersion: string
    readonly labels?: Record<string, string>
    readonly annotations?: Record<string, string>
    readonly finalizers?: readonly string[]
    readonly managedFields?: readonly Entry[]
  }
  readonly spec: {
    readonly replicas?: number
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly name: string
          readonly image: string
          readonly env?: readonly { readonly name: string; readonly value: string }[]
        }[]
      }
    }
  }
  readonly status?: Record<string, unknown>
}

interface Caller {
  apply(url: string, config: object, query?: string): Promise<{ code: number; body: Body }>
  send(method: string, url: string, body?: object): Promise<{ code: number; body: Body }>
  readonly server: TestServer
}

async function withServer(run: (caller: Caller) => Promise<void>): Promise<void> {
  const server = await createTestServer()
  const call = async (method: string, url: string, body: object, contentType: string) => {
    const { code, text } = await server.send(method, url, { body, contentType })
    return { code, body: JSON.parse(text) as Body }
  }
  try {
    await run({
      server,
      apply: (url, config, query = 'fieldManager=a') =>
        call('PATCH', `${url}?${query}`, config, 'application/apply-patch+yaml'),
      send: (method, url, body = {}) =>
        call(
          method,
          url,
          body,
          method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
        ),
    })
  } finally {
    server.close()
  }
}

const configMap = (data: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x', ...metadata },
  data,
})
const X = `${CONFIG_MAPS}/x`

const fieldsOf = ({ metadata }: Body, manager: string) =>
  metadata.managedFields?.find((entry) => entry.manager === manager)?.fieldsV1

test('the first apply creates, and what it sets is its own', () =>
  withServer(async ({ apply }) => {
    const { code, body } = await apply(X, configMap({ k: 'v' }, { labels: { app: 'x' } }))
    assert.equal(code, 201, body.message)
    assert.deepEqual(body.metadata.managedFields, [
      {
        manager: 'a',
        operation: 'Apply',
        apiVersion: 'v1',
        time: '2030-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:k': {} }, 'f:metadata': { 'f:labels': { 'f:app': {} } } },
      },
    ])
  }))

test('applying the same again writes nothing', () =>
  withServer(async ({ apply, server }) => {
    const { body } = await apply(X, configMap({ k: 'v' }))
    await server.clock.advance(5000)
    const again = await apply(X, configMap({ k: 'v' }))
    assert.deepEqual(again.body, body)
    const forced = await apply(X, configMap({ k: 'v' }), 'fieldManager=a&force=true')
    assert.equal(forced.body.metadata.resourceVersion, body.metadata.resourceVersion)
  }))

test('who applies in another version what is there leaves it as it is', () =>
  withServer(async ({ apply, send }) => {
    const scalers = 'namespaces/default/horizontalpodautoscalers'
    const metrics = [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
      },
      {
        type: 'Pods',
        pods: { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '10' } },
      },
    ]
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }
    const spec = { scaleTargetRef, maxReplicas: 5, metrics }
    const written = { metadata: { name: 'a' }, spec }
    await send('POST', `/apis/autoscaling/v2/${scalers}`, written)
    const older = `/apis/autoscaling/v1/${scalers}/a`
    const { body } = await send('GET', older)
    const { annotations } = body.metadata
    const config = { ...body, metadata: { name: 'a', annotations }, status: undefined }
    const applied = await apply(older, config)
    assert.equal(applied.code, 200, applied.body.message)
    const after = await send('GET', `/apis/autoscaling/v2/${scalers}/a`)
    const kept = after.body.spec as unknown as { metrics: { type: string }[] }
    assert.deepEqual(
      kept.metrics.map(({ type }) => type),
      ['Resource', 'Pods'],
    )
    assert.equal(after.body.metadata.managedFields?.length, 2)
  }))

test('what is no longer applied goes, unless somebody else owns it', () =>
  withServer(async ({ apply }) => {
    await apply(X, configMap({ k: '1', l: '2', m: '3' }))
    const shared = await apply(X, configMap({ l: '2' }), 'fieldManager=b')
    assert.equal(shared.code, 200, shared.body.message)
    const { body } = await apply(X, configMap({ k: '1' }))
    assert.deepEqual(body.data, { k: '1', l: '2' })
    assert.deepEqual(fieldsOf(body, 'b'), { 'f:data': { 'f:l': {} } })
  }))

test('to change what another manager applied is a conflict, or a take-over by force', () =>
  withServer(async ({ apply }) => {
    await apply(X, configMap({ k: '1', l: '1' }))
    const one = await apply(X, configMap({ k: '2' }), 'fieldManager=b')
    assert.deepEqual(
      [one.code, one.body.reason, one.body.message, one.body.details?.causes],
      [
        409,
        'Conflict',
        'Apply failed with 1 conflict: conflict with "a": .data.k',
        [{ reason: 'FieldManagerConflict', message: 'conflict with "a"', field: '.data.k' }],
      ],
    )
    const two = await apply(X, configMap({ k: '2', l: '2' }), 'fieldManager=b')
    assert.equal(
      two.body.message,
      'Apply failed with 2 conflicts: conflicts with "a":\n- .data.k\n- .data.l',
    )
    const forced = await apply(X, configMap({ k: '2' }), 'fieldManager=b&force=true')
    assert.deepEqual(forced.body.data, { k: '2', l: '1' })
    assert.deepEqual(fieldsOf(forced.body, 'a'), { 'f:data': { 'f:l': {} } })
    const back = await apply(X, configMap({ k: '1', l: '1' }))
    assert.equal(back.body.message, 'Apply failed with 1 conflict: conflict with "b": .data.k')
  }))

test('a plain write takes what it changes', () =>
  withServer(async ({ apply, send }) => {
    await apply(X, configMap({ k: '1', l: '1' }))
    const patched = await send('PATCH', `${X}?fieldManager=editor`, { data: { k: '2', n: '4' } })
    assert.deepEqual(fieldsOf(patched.body, 'a'), { 'f:data': { 'f:l': {} } })
    assert.deepEqual(fieldsOf(patched.body, 'editor'), { 'f:data': { 'f:k': {}, 'f:n': {} } })
    const refused = await apply(X, configMap({ k: '1', l: '1' }))
    assert.equal(
      refused.body.message,
      'Apply failed with 1 conflict: conflict with "editor" using v1: .data.k',
    )
    const same = await apply(X, configMap({ k: '2', l: '1' }))
    assert.equal(same.code, 200, 'to want what is there already is no conflict')
    const removed = await send('PATCH', `${X}?fieldManager=editor`, { data: { k: null } })
    assert.deepEqual(fieldsOf(removed.body, 'a'), { 'f:data': { 'f:l': {} } })
    const cleared = await send('PATCH', X, { metadata: { managedFields: [{}] } })
    assert.equal(cleared.body.metadata.managedFields, undefined)
  }))

test('an object that nobody applied before is owned by those who were there', () =>
  withServer(async ({ apply, send }) => {
    await send('POST', CONFIG_MAPS, { metadata: { name: 'x' }, data: { k: '1' } })
    await send('PATCH', X, { metadata: { managedFields: [{}] } })
    const same = await apply(X, configMap({ k: '1' }))
    assert.equal(same.code, 200, same.body.message)
    assert.deepEqual(fieldsOf(same.body, 'before-first-apply'), {
      'f:data': { '.': {}, 'f:k': {} },
    })
    const other = await apply(X, configMap({ k: '2' }))
    assert.match(
      String(other.body.message),
      /^Apply failed with 1 conflict: conflict with "before-first-apply" using v1.*: \.data\.k$/,
    )
  }))

const deployment = (containers: readonly object[], spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    selector: { matchLabels: { app: 'd' } },
    template: { metadata: { labels: { app: 'd' } }, spec: { containers } },
    ...spec,
  },
})
const D = `${DEPLOYMENTS}/d`

test('lists with keys are merged item by item, in the order that was applied', () =>
  withServer(async ({ apply }) => {
    const ports = [{ containerPort: 80 }]
    const created = await apply(D, deployment([{ name: 'c', image: 'i:1', ports }]))
    assert.equal(created.code, 201, created.body.message)
    const fields = fieldsOf(created.body, 'a') as Record<string, Record<string, object>>
    assert.deepEqual(fields['f:spec']?.['f:template'], {
      'f:metadata': { 'f:labels': { 'f:app': {} } },
      'f:spec': {
        'f:containers': {
          'k:{"name":"c"}': {
            '.': {},
            'f:image': {},
            'f:name': {},
            'f:ports': {
              'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} },
            },
          },
        },
      },
    })
    const sidecar = { name: 'side', image: 's' }
    const injected = await apply(D, partial([sidecar]), 'fieldManager=mesh')
    assert.equal(injected.code, 200, injected.body.message)
    const env = [{ name: 'A', value: '1' }]
    const both = await apply(D, deployment([{ name: 'c', image: 'i:2', env }]))
    const { containers } = both.body.spec.template.spec
    assert.deepEqual(
      containers.map(({ name, image }) => [name, image]),
      [
        ['c', 'i:2'],
        ['side', 's'],
      ],
    )
    assert.deepEqual(containers[0]?.env, env)
    const bare = await apply(D, deployment([{ name: 'c', image: 'i:2' }]))
    assert.equal(bare.body.spec.template.spec.containers[0]?.env, undefined)
    const gone = await apply(D, partial([]), 'fieldManager=mesh')
    assert.deepEqual(
      gone.body.spec.template.spec.containers.map(({ name }) => name),
      ['c'],
    )
  }))

const partial = (containers: readonly object[]) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: { template: { spec: { containers } } },
})

test('what the server fills in has no owner, nor has status by the main resource', () =>
  withServer(async ({ apply, send }) => {
    const config = { ...deployment([{ name: 'c', image: 'i' }]), status: { replicas: 9 } }
    const { body } = await apply(D, config)
    assert.equal(body.spec.replicas, 1)
    assert.equal((fieldsOf(body, 'a') as Record<string, unknown>)['f:status'], undefined)
    const scaled = await send('PATCH', `${D}?fieldManager=hpa`, { spec: { replicas: 5 } })
    assert.deepEqual(fieldsOf(scaled.body, 'hpa'), { 'f:spec': { 'f:replicas': {} } })
    const again = await apply(D, config)
    assert.equal(again.body.spec.replicas, 5, 'an applier that does not set it leaves it')
    const status = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      status: { replicas: 5 },
    }
    const reported = await apply(`${D}/status`, status, 'fieldManager=controller')
    assert.equal(reported.code, 200, reported.body.message)
    assert.equal(reported.body.status?.['replicas'], 5)
    const entry = reported.body.metadata.managedFields?.find(
      ({ manager }) => manager === 'controller',
    )
    assert.deepEqual(
      [entry?.subresource, entry?.fieldsV1],
      ['status', { 'f:status': { 'f:replicas': {} } }],
    )
  }))

test('sets are merged by value', () =>
  withServer(async ({ apply }) => {
    await apply(X, configMap({ k: 'v' }, { finalizers: ['example.com/a'] }))
    const { body } = await apply(
      X,
      configMap({ l: 'w' }, { finalizers: ['example.com/b'] }),
      'fieldManager=b',
    )
    assert.deepEqual(body.metadata.finalizers?.toSorted(), ['example.com/a', 'example.com/b'])
    const left = await apply(X, configMap({ k: 'v' }))
    assert.deepEqual(left.body.metadata.finalizers, ['example.com/b'])
  }))

test('an apply that cannot be is refused in upstream’s words', () =>
  withServer(async ({ apply }) => {
    const cases: readonly [config: object, query: string, code: number, message: RegExp][] = [
      [configMap({}), '', 422, /fieldManager: Required value: is required for apply patch$/],
      [
        { ...configMap({}), apiVersion: 'v2' },
        'fieldManager=a',
        400,
        /^invalid object type: \/v2, Kind=ConfigMap$/,
      ],
      [
        { ...configMap({}), bogus: 1 },
        'fieldManager=a',
        500,
        /^failed to create typed patch object \(.*\): \.bogus: field not declared in schema$/,
      ],
      [
        configMap({}, { managedFields: [] }),
        'fieldManager=a',
        400,
        /^metadata\.managedFields must be nil$/,
      ],
      [configMap({}, { uid: 'x' }), 'fieldManager=a', 409, /uid mismatch/],
      [configMap({}, { name: 'y' }), 'fieldManager=a', 400, /does not match the name on the URL/],
    ]
    for (const [config, query, code, message] of cases) {
      const answer = await apply(X, config, query)
      assert.match(String(answer.body.message), message)
      assert.equal(answer.code, code)
    }
  }))

test('a value that fits the schema but cannot be read fails as the conversion that it is', () =>
  withServer(async ({ apply }) => {
    const budget = (maxUnavailable: unknown) => ({
      ...{ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'x' } },
      spec: { maxUnavailable, selector: {} },
    })
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' }, data: { a: '!' } }
    const secrets = '/api/v1/namespaces/default/secrets'
    const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'
    const what = (kind: string) => `failed to convert new object (/x; ${kind}) to proper version`
    const how = (kind: string) => `${what(kind)}: unable to convert unstructured object to ${kind}`
    const cases: [url: string, config: object, message: string][] = [
      [
        secrets,
        secret,
        `${how('/v1, Kind=Secret')}: error decoding from json: illegal base64 data at input byte 0`,
      ],
      ...['array', 'object'].map((type): [string, object, string] => [
        budgets,
        budget(type === 'array' ? [] : {}),
        `${how('policy/v1, Kind=PodDisruptionBudget')}: ` +
          `json: cannot unmarshal ${type} into Go value of type int32`,
      ]),
    ]
    for (const [url, config, message] of cases) {
      const { code, body } = await apply(`${url}/x`, config)
      assert.deepEqual([code, body.message], [500, message])
    }
  }))

test('JSON that writes a character as two escapes is no YAML, as to upstream', async () => {
  const api = await createTestServer()
  const metadata = String.raw`{"name":"a","annotations":{"a":"\ud83d\ude00"}}`
  const { code, text } = await api.send(
    'PATCH',
    '/api/v1/namespaces/default/configmaps/a?fieldManager=test',
    {
      body: `{"apiVersion":"v1","kind":"ConfigMap","metadata":${metadata}}`,
      contentType: 'application/apply-patch+yaml',
    },
  )
  assert.equal(code, 400)
  const what = 'yaml: found invalid Unicode character escape code'
  const whole = `error decoding YAML: error converting YAML to JSON: ${what}`
  assert.equal(JSON.parse(text).message, whole)
  api.close()
})
