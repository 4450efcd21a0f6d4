import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { createTestServer, type TestServer } from '../support/api-server.ts'

const REGISTRATION = '/apis/admissionregistration.k8s.io/v1'
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const RULE = {
  operations: ['*'],
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: ['configmaps'],
}
const MERGE = 'application/merge-patch+json'

describe('admission policies', () => {
  let api: TestServer

  beforeEach(async () => {
    api = await createTestServer()
  })
  afterEach(() => api.close())

  type Sort = 'Validating' | 'Mutating'

  async function make(path: string, body: object): Promise<void> {
    const { code, text } = await api.send('POST', path, { body })
    assert.equal(code, 201, text)
  }

  /** A policy on config maps, but for what is given, and its binding, `NAME-binding`. */
  async function bind(sort: Sort, name: string, spec: object, binding: object = {}): Promise<void> {
    const plural = `${sort.toLowerCase()}admissionpolic`
    const matchConstraints = { resourceRules: [RULE] }
    const apiVersion = 'admissionregistration.k8s.io/v1'
    await make(`${REGISTRATION}/${plural}ies`, {
      ...{ apiVersion, kind: `${sort}AdmissionPolicy`, metadata: { name } },
      spec: {
        matchConstraints,
        ...(sort === 'Mutating' && { reinvocationPolicy: 'Never' }),
        ...spec,
      },
    })
    await make(`${REGISTRATION}/${plural}ybindings`, {
      ...{ apiVersion, kind: `${sort}AdmissionPolicyBinding` },
      metadata: { name: `${name}-binding` },
      spec: {
        policyName: name,
        ...(sort === 'Validating' && { validationActions: ['Deny'] }),
        ...binding,
      },
    })
  }

  async function create(name: string, body: object = {}) {
    const answer = await api.send('POST', `${CONFIG_MAPS}?dryRun=All`, {
      body: { metadata: { name }, ...body },
    })
    return { ...answer, body: JSON.parse(answer.text) }
  }

  test('policies judge the configurations of webhooks, and never policies', async () => {
    const rule = {
      operations: ['CREATE'],
      apiGroups: ['admissionregistration.k8s.io'],
      apiVersions: ['v1'],
      resources: ['*'],
    }
    await bind('Validating', 'p', {
      matchConstraints: { resourceRules: [rule] },
      validations: [{ expression: 'false' }],
    })
    for (const sort of ['validating', 'mutating']) {
      const body = { metadata: { name: 'a' } }
      const url = `${REGISTRATION}/${sort}webhookconfigurations`
      const { code, text } = await api.send('POST', url, { body })
      assert.equal(code, 422, text)
    }
    await bind('Validating', 'q', { validations: [{ expression: 'true' }] })
  })

  test('a policy denies by its first failure, in upstream’s words', async () => {
    await bind('Validating', 'p', {
      validations: [
        { expression: "object.metadata.name != 'a'" },
        { expression: "object.metadata.name != 'b'", message: ' no b ', reason: 'Forbidden' },
        { expression: "object.metadata.name != 'c'", messageExpression: "'not ' + request.name" },
      ],
    })
    const told = async (name: string) => {
      const { code, body } = await create(name)
      return [code, body.reason, body.message, body.details?.causes]
    }
    const by = "ValidatingAdmissionPolicy 'p' with binding 'p-binding' denied request:"
    const first = `${by} failed expression: object.metadata.name != 'a'`
    assert.deepEqual(await told('a'), [
      ...[422, 'Invalid', `configmaps "a" is forbidden: ${first}`],
      [{ message: first }],
    ])
    assert.deepEqual((await told('b')).slice(0, 3), [
      ...[403, 'Forbidden', `configmaps "b" is forbidden: ${by} no b`],
    ])
    assert.deepEqual((await told('c')).slice(0, 3), [
      ...[422, 'Invalid', `configmaps "c" is forbidden: ${by} not c`],
    ])
    assert.equal((await told('d'))[0], 201)
  })

  test('bindings may warn and audit instead', async () => {
    const validations = [{ expression: 'false', message: 'never <this>' }]
    await bind('Validating', 'p', { validations }, { validationActions: ['Warn', 'Audit'] })
    const { code, warnings } = await create('a')
    assert.equal(code, 201)
    assert.deepEqual(warnings, [
      "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'p-binding': never <this>",
    ])
  })

  test('the failure policy decides about errors', async () => {
    const validations = [{ expression: "object.data.x == 'y'" }]
    await bind('Validating', 'open', { validations, failurePolicy: 'Ignore' })
    assert.equal((await create('a')).code, 201)
    assert.equal((await create('a', { data: { x: 'n' } })).code, 422)
    await bind('Validating', 'shut', { validations })
    const { body } = await create('a')
    const why = `expression 'object.data.x == 'y'' resulted in error: no such key: data`
    assert.match(
      body.message,
      new RegExp(`'shut-binding' denied request: ${why.replaceAll('.', '\\.')}$`),
    )
  })

  test('variables are evaluated when they are needed, and conditions come first', async () => {
    await bind('Validating', 'p', {
      matchConditions: [{ name: 'has-data', expression: 'has(object.data)' }],
      variables: [
        { name: 'keys', expression: 'object.data.map(k, k)' },
        { name: 'broken', expression: 'object.nothing.at.all' },
        { name: 'count', expression: 'variables.keys.size()' },
      ],
      validations: [
        { expression: 'variables.count < 2', messageExpression: 'string(variables.keys[1])' },
      ],
    })
    assert.equal((await create('a')).code, 201)
    assert.equal((await create('a', { data: { one: '' } })).code, 201)
    const { body } = await create('a', { data: { one: '', two: '' } })
    assert.match(body.message, /denied request: two$/)
  })

  test('parameters come from objects, by name and by label, in the write’s own namespace', async () => {
    await make(CONFIG_MAPS, { metadata: { name: 'limits' }, data: { prefix: 'x' } })
    await make(CONFIG_MAPS, { metadata: { name: 'one', labels: { l: 'l' } }, data: { no: 'xa' } })
    await make(CONFIG_MAPS, { metadata: { name: 'two', labels: { l: 'l' } }, data: { no: 'xb' } })
    const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' }
    await bind(
      'Validating',
      'named',
      {
        paramKind,
        validations: [{ expression: 'object.metadata.name.startsWith(params.data.prefix)' }],
      },
      { paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' } },
    )
    await bind(
      'Validating',
      'selected',
      { paramKind, validations: [{ expression: 'object.metadata.name != params.data.no' }] },
      { paramRef: { selector: { matchLabels: { l: 'l' } }, parameterNotFoundAction: 'Deny' } },
    )
    const codes = async (...names: string[]) =>
      Promise.all(names.map(async (name) => (await create(name)).code))
    assert.deepEqual(await codes('y', 'xa', 'xb', 'xc'), [422, 422, 422, 201])
    await api.send('DELETE', `${CONFIG_MAPS}/limits`)
    const gone = await api.send('DELETE', `${CONFIG_MAPS}/limits`)
    assert.equal(gone.code, 422, 'the policy judges the deletion of its own parameters too')
  })

  test('parameters that are missing or of no known kind', async () => {
    const validations = [{ expression: 'false' }]
    const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' }
    const paramRef = { name: 'nothing', parameterNotFoundAction: 'Allow' }
    await bind('Validating', 'allow', { paramKind, validations }, { paramRef })
    assert.equal((await create('a')).code, 201)
    const deny = { ...paramRef, parameterNotFoundAction: 'Deny' }
    await bind('Validating', 'deny', { paramKind, validations }, { paramRef: deny })
    assert.match((await create('a')).body.message, /no params found for policy binding with `Deny`/)
    await bind(
      'Validating',
      'a-unknown',
      { paramKind: { apiVersion: 'example.com/v1', kind: 'Limit' }, validations },
      { paramRef },
    )
    assert.match(
      (await create('a')).body.message,
      /'a-unknown' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'example.com\/v1, Kind=Limit'$/,
    )
  })

  test('expressions that cost too much end the policy', async () => {
    const letters = `['a','b','c','d','e','f','g','h','i','j']`
    const inner = (depth: number): string =>
      depth === 0 ? 'v1 + v2 != v3' : `${letters}.all(v${depth}, ${inner(depth - 1)})`
    await bind('Validating', 'p', { validations: [{ expression: inner(7) }] })
    const { code, body } = await create('a')
    assert.equal(code, 422)
    assert.match(
      body.message,
      /resulted in error: operation cancelled: actual cost limit exceeded$/,
    )
  })

  test('the configuration of admission, and reviews, are judged by no policy', async () => {
    const all = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }
    const matchConstraints = { resourceRules: [all] }
    await bind('Validating', 'p', { matchConstraints, validations: [{ expression: 'false' }] })
    assert.equal((await create('a')).code, 422)
    const path = `${REGISTRATION}/validatingadmissionpolicies/p`
    assert.equal((await api.send('DELETE', path)).code, 200)
    assert.equal((await create('a')).code, 201)
  })

  test('a mutating policy applies configurations and patches', async () => {
    await bind('Mutating', 'p', {
      mutations: [
        {
          patchType: 'ApplyConfiguration',
          applyConfiguration: {
            expression: `Object{metadata: Object.metadata{labels: {'by': object.metadata.name}}}`,
          },
        },
        {
          patchType: 'JSONPatch',
          jsonPatch: {
            expression: `[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a/b'), value: 'c'}]`,
          },
        },
      ],
    })
    const { body } = await create('a')
    assert.deepEqual(body.metadata.labels, { by: 'a', 'a/b': 'c' })
  })

  test('a mutating policy that fails refuses, unless its failure policy forgives', async () => {
    const mutations = [
      {
        patchType: 'ApplyConfiguration',
        applyConfiguration: { expression: `Object{nope: 'x'}` },
      },
    ]
    await bind('Mutating', 'open', { mutations, failurePolicy: 'Ignore' })
    assert.equal((await create('a')).code, 201)
    await bind('Mutating', 'shut', { mutations })
    const { code, body } = await create('a')
    assert.equal(code, 403)
    assert.equal(body.reason, 'Invalid')
    const why =
      'failed to convert patch object to typed object: .nope: field not declared in schema'
    const by = "policy 'shut' with binding 'shut-binding' denied request:"
    assert.equal(body.message, `${by} error applying patch: ${why}`)
  })

  test('what a policy makes of an object must be one of its kind, where it was', async () => {
    const after = async (path: string, value: string) => {
      const expression = `[JSONPatch{op: 'add', path: '${path}', value: ${value}}]`
      const mutations = [{ patchType: 'JSONPatch', jsonPatch: { expression } }]
      await bind('Mutating', 'p', { mutations })
      const { code, body } = await create('a')
      await api.send('DELETE', `${REGISTRATION}/mutatingadmissionpolicies/p`)
      await api.send('DELETE', `${REGISTRATION}/mutatingadmissionpolicybindings/p-binding`)
      return [code, body.message?.replace(/^policy 'p' with binding 'p-binding' /, '')]
    }
    const internal = 'Internal error occurred:'
    assert.deepEqual(await after('/unknown', `'x'`), [
      500,
      `${internal} strict decoding error: unknown field "unknown"`,
    ])
    assert.deepEqual(await after('/data', `{'a': 1}`), [
      500,
      `${internal} json: cannot unmarshal number into Go struct field ConfigMap.data of type string`,
    ])
    assert.deepEqual(await after('/metadata/namespace', `'kube-system'`), [
      400,
      'the namespace of the provided object does not match the namespace sent on the request',
    ])
    const noJson = 'JSONPath valueExpression evaluated to a type that could not marshal to JSON:'
    assert.deepEqual(await after('/data', `{1: 'x'}`), [
      403,
      `denied request: ${noJson} unsupported type conversion from 'int' to string`,
    ])
    assert.deepEqual(await after('/data', `{'a': type(1)}`), [
      403,
      `denied request: ${noJson} type conversion not supported for 'type'`,
    ])
    assert.deepEqual(await after('/metadata/labels', `Object.metadata.labels{a: 'b'}`), [
      201,
      undefined,
    ])
  })

  test('what can only be replaced as a whole is not applied', async () => {
    const matchConstraints = {
      resourceRules: [{ ...RULE, operations: ['CREATE'], resources: ['pods'] }],
    }
    const expression = `Object{spec: Object.spec{nodeSelector: {'a': 'b'}}}`
    await bind('Mutating', 'p', {
      matchConstraints,
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
    })
    await make('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
    const { text } = await api.send('POST', '/api/v1/namespaces/default/pods', {
      body: { metadata: { name: 'a' }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    })
    assert.match(
      JSON.parse(text).message,
      /invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: \.spec\.nodeSelector$/,
    )
  })

  test('policies are asked again after later changes, where they want it', async () => {
    const add = (key: string, when: string) => ({
      patchType: 'JSONPatch',
      jsonPatch: {
        expression: `${when} ? [JSONPatch{op: 'add', path: '/data/${key}', value: 'x'}] : []`,
      },
    })
    await bind('Mutating', 'a', {
      mutations: [add('late', 'has(object.data.early)')],
      reinvocationPolicy: 'IfNeeded',
    })
    await bind('Mutating', 'b', { mutations: [add('early', 'true')] })
    const { body } = await create('m', { data: { own: 'x' } })
    assert.deepEqual(Object.keys(body.data).toSorted(), ['early', 'late', 'own'])
  })

  test('changes are judged with both objects, deletions with the old one', async () => {
    await make(CONFIG_MAPS, { metadata: { name: 'a' }, data: { fixed: '1' } })
    const expression = 'object == null ? false : oldObject.data.fixed == object.data.fixed'
    const resourceRules = [{ ...RULE, operations: ['UPDATE', 'DELETE'] }]
    await bind('Validating', 'p', {
      matchConstraints: { resourceRules },
      validations: [{ expression, messageExpression: 'request.operation' }],
    })
    const patch = (data: object) =>
      api.send('PATCH', `${CONFIG_MAPS}/a`, { body: { data }, contentType: MERGE })
    assert.equal((await patch({ other: '2' })).code, 200)
    assert.match((await patch({ fixed: '2' })).text, /denied request: UPDATE/)
    assert.match((await api.send('DELETE', `${CONFIG_MAPS}/a`)).text, /denied request: DELETE/)
  })

  test('the authorizer answers expressions', async () => {
    const allowed = (check: string) => `authorizer.${check}.allowed()`
    await bind('Validating', 'p', {
      validations: [
        { expression: allowed(`requestResource.check('create')`) },
        {
          expression: allowed(`group('apps').resource('deployments').namespace('x').check('get')`),
        },
        {
          expression: allowed(`serviceAccount('default', 'a').path('/x').check('get')`),
          message: 'nobody knows it',
        },
      ],
    })
    assert.match((await create('a')).body.message, /denied request: nobody knows it$/)
  })
})
