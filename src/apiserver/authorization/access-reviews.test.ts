import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startSecuredApi } from '../../../test/support/secured-api.ts'
import { Namespace } from '../../kinds/core/v1/namespace.ts'
import type { StatusError } from '../../machinery/status-error.ts'
import { accessReviewHandlers } from './access-reviews.ts'
import { nodeRules, unionOfRules } from './rule-resolver.ts'

test('access reviews answer as a request would be answered', async () => {
  using api = await startSecuredApi(({ authorizer, rbac }) => ({
    virtual: new Map(accessReviewHandlers(authorizer, unionOfRules([rbac, nodeRules]))),
  }))
  await api.admin.create(Namespace, { metadata: { name: 'default' } })
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
  const ask = async (spec: object) => {
    const answer = (await api.admin.raw('POST', path, { spec })) as { status: object }
    return answer.status as { allowed: boolean; reason?: string }
  }
  const resourceAttributes = { verb: 'list', resource: 'nodes' }
  const scheduler = await ask({ user: 'system:kube-scheduler', resourceAttributes })
  assert.equal(scheduler.allowed, true)
  assert.match(scheduler.reason ?? '', /^RBAC: allowed by ClusterRoleBinding/)
  assert.deepEqual(await ask({ user: 'eve', resourceAttributes }), { allowed: false })
  const spec = { user: 'eve', resourceAttributes }
  const sentBack = { uid: 'x', creationTimestamp: '2020-01-01T00:00:00Z', selfLink: '/' }
  const body = { metadata: sentBack, spec }
  const answered = (await api.admin.raw('POST', path, body)) as { metadata: object }
  assert.ok(!('uid' in answered.metadata), 'what the server alone says is no fault')
  await assert.rejects(ask({ user: 'eve' }), (error: StatusError) => {
    assert.match(error.message, /exactly one of nonResourceAttributes or resourceAttributes/)
    return error.code === 422
  })
  const self = await api
    .as('eve')
    .raw('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      spec: { nonResourceAttributes: { path: '/healthz', verb: 'get' } },
    })
  assert.equal((self as { status: { allowed: boolean } }).status.allowed, true)
  const rules = await api
    .as('eve')
    .raw('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
      spec: { namespace: 'default' },
    })
  const { status } = rules as { status: { resourceRules: object[]; incomplete: boolean } }
  assert.equal(status.incomplete, false)
  assert.ok(JSON.stringify(status.resourceRules).includes('selfsubjectaccessreviews'))
  const node = await api
    .as('system:node:n1', 'system:nodes')
    .raw('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
      spec: { namespace: 'default' },
    })
  assert.equal((node as { status: { incomplete: boolean } }).status.incomplete, true)
  // That the privileged group may do all is no rule: its only `*` is that of cluster-admin.
  const master = await api.admin.raw(
    'POST',
    '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    {
      spec: { namespace: 'default' },
    },
  )
  const { resourceRules } = (master as { status: { resourceRules: { resources: string[] }[] } })
    .status
  assert.equal(resourceRules.filter(({ resources }) => resources.includes('*')).length, 1)
  const local = '/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews'
  await assert.rejects(
    api.admin.raw('POST', local, {
      metadata: { namespace: 'default' },
      spec: { user: 'eve', resourceAttributes: { ...resourceAttributes, namespace: 'x' } },
    }),
    /spec.resourceAttributes.namespace: Invalid value: "x": must match metadata.namespace/,
  )
})
