import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startSecuredApi } from '../../../test/support/secured-api.ts'
import { Namespace } from '../../kinds/core/v1/namespace.ts'
import { ClusterRole } from '../../kinds/rbac/v1/cluster-role.ts'
import { ClusterRoleBinding } from '../../kinds/rbac/v1/cluster-role-binding.ts'
import { ResourceClaim } from '../../kinds/resource/v1/resource-claim.ts'
import { ResourceClaimTemplate } from '../../kinds/resource/v1/resource-claim-template.ts'
import { StatusError } from '../../machinery/status-error.ts'
import { driversWithChanges, isOnNodeOf } from './claimed-devices.ts'
import { ResourceClaimAccess } from './resource-claim-access.ts'

const KEY = { namespace: 'shop', name: 'c' }
const MERGE = 'application/merge-patch+json'
const STATUS = { subresource: 'status' }
const results = [{ request: 'a', driver: 'd.x', pool: 'p', device: 'one' }]
const ALLOCATED = { status: { allocation: { devices: { results } } } }
const REPORTED = { status: { devices: [{ driver: 'd.x', pool: 'p', device: 'one' }] } }

const specOf = (adminAccess: boolean) => ({
  devices: { requests: [{ name: 'a', exactly: { deviceClassName: 'x', adminAccess } }] },
})

async function startApi() {
  const api = await startSecuredApi(({ resources, authorizer }) => ({
    admissionPlugins: [new ResourceClaimAccess(resources, authorizer)],
  }))
  const { admin } = api
  await admin.create(Namespace, { metadata: { name: 'shop' } })
  const allow = async (user: string, verbs: string[], resources: string[]) => {
    const name = `${user}-${resources.join('-').replaceAll('/', '-')}`
    const rules = [{ verbs, resources, apiGroups: ['resource.k8s.io'] }]
    await admin.create(ClusterRole, { metadata: { name }, rules })
    const group = 'rbac.authorization.k8s.io'
    await admin.create(ClusterRoleBinding, {
      metadata: { name },
      roleRef: { apiGroup: group, kind: 'ClusterRole', name },
      subjects: [{ apiGroup: group, kind: 'User', name: user }],
    })
  }
  return { api, admin, allow }
}

test('the parts of a claim’s status are for those who may write them', async () => {
  const { api, admin, allow } = await startApi()
  using _ = api
  await admin.create(ResourceClaim, { metadata: KEY, spec: specOf(false) })
  await allow('alice', ['patch'], ['resourceclaims/status'])
  const alice = api.as('alice')
  const write = (patch: object) => alice.patch(ResourceClaim, KEY, MERGE, patch, STATUS)
  await assert.rejects(write(ALLOCATED), ({ message }: Error) =>
    message.includes(
      'status.allocation: Forbidden: changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="patch" permission: resourceclaims.resource.k8s.io is forbidden: User "alice" cannot patch resource "resourceclaims/binding" in API group "resource.k8s.io" at the cluster scope',
    ),
  )
  await allow('alice', ['patch'], ['resourceclaims/binding'])
  await write(ALLOCATED)
  await assert.rejects(
    write(REPORTED),
    ({ message }: Error) =>
      message.includes(
        'status.devices: Forbidden: changing status.devices requires resource="resourceclaims/driver", verb="[arbitrary-node:patch]" permission: resourceclaims.resource.k8s.io "d.x" is forbidden: ',
      ) && / in the namespace "shop"/.test(message),
  )
  await allow('alice', ['arbitrary-node:patch'], ['resourceclaims/driver'])
  await write(REPORTED)
  // With the allocation go the reports.
  await write({ status: { allocation: null, devices: null } })
})

test('who may not write a field is told so, though what is written is invalid too', async () => {
  const { api, admin, allow } = await startApi()
  using _ = api
  const refusal = async (promise: Promise<unknown>) => {
    const error = await promise.catch((reason: unknown) => reason)
    assert.ok(error instanceof StatusError)
    return error.details?.causes?.map(({ reason, field }) => `${field}: ${reason}`)
  }
  const devices = {
    requests: [{ name: 'A', exactly: { deviceClassName: 'x', adminAccess: true } }],
  }
  assert.deepEqual(
    await refusal(admin.create(ResourceClaim, { metadata: KEY, spec: { devices } })),
    [
      'spec.devices.requests[0].adminAccess: FieldValueForbidden',
      'spec.devices.requests[0].name: FieldValueInvalid',
    ],
  )
  await admin.create(ResourceClaim, { metadata: KEY, spec: specOf(false) })
  await allow('alice', ['patch', 'update'], ['resourceclaims/status'])
  const wrong = { devices: { results: [{ ...results[0], pool: 'P!' }] } }
  const status = { allocation: wrong }
  const alice = api.as('alice')
  assert.deepEqual(await refusal(alice.patch(ResourceClaim, KEY, MERGE, { status }, STATUS)), [
    'status.allocation: FieldValueForbidden',
    'status.allocation.devices.results[0].pool: FieldValueInvalid',
  ])
  assert.deepEqual(await refusal(admin.patch(ResourceClaim, KEY, MERGE, { status }, STATUS)), [
    'status.allocation.devices.results[0].pool: FieldValueInvalid',
  ])
})

test('an administrator’s access is had where the namespace says so', async () => {
  const { api, admin } = await startApi()
  using _ = api
  const label = /adminAccess: Forbidden: admin access to devices requires the `resource/
  const create = () => admin.create(ResourceClaim, { metadata: KEY, spec: specOf(true) })
  await assert.rejects(create(), label)
  const template = { metadata: KEY, spec: { spec: specOf(true) } }
  await assert.rejects(admin.create(ResourceClaimTemplate, template), label)
  const labels = { 'resource.kubernetes.io/admin-access': 'true' }
  await admin.patch(Namespace, { name: 'shop' }, MERGE, { metadata: { labels } })
  await create()
  await admin.create(ResourceClaimTemplate, template)
})

test('whose reports have changed, and who is on the node', () => {
  const device = (driver: string, data?: string) =>
    ({ driver, pool: 'p', device: 'd', data, conditions: null }) as never
  assert.deepEqual(driversWithChanges([device('b', '1'), device('a')], [device('b', '2')]), [
    'a',
    'b',
  ])
  assert.deepEqual(driversWithChanges([device('a')], [device('a'), device('c')]), ['c'])
  const allocation = {
    nodeSelector: {
      nodeSelectorTerms: [
        { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] },
      ],
    },
  } as never
  const user = (name: string, node: string) => ({
    ...{ name, groups: [] },
    extra: { 'authentication.kubernetes.io/node-name': [node] },
  })
  assert.equal(isOnNodeOf(user('system:serviceaccount:a:b', 'n1'), allocation), true)
  assert.equal(isOnNodeOf(user('system:serviceaccount:a:b', 'n2'), allocation), false)
  assert.equal(isOnNodeOf(user('alice', 'n1'), allocation), false)
})
