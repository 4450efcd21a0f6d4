import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startSecuredApi } from '../../../../test/support/secured-api.ts'
import { ValidatingAdmissionPolicy } from '../../../kinds/admissionregistration/v1/validating-admission-policy.ts'
import { ValidatingAdmissionPolicyBinding } from '../../../kinds/admissionregistration/v1/validating-admission-policy-binding.ts'
import { ClusterRole } from '../../../kinds/rbac/v1/cluster-role.ts'
import { ClusterRoleBinding } from '../../../kinds/rbac/v1/cluster-role-binding.ts'
import { PolicyParameterAccess } from './parameter-access.ts'

test('nobody makes a policy read what they may not read themselves', async () => {
  using api = await startSecuredApi(({ resources, authorizer }) => ({
    admissionPlugins: [new PolicyParameterAccess(resources, authorizer)],
  }))
  const alice = api.as('alice')
  const allow = async (name: string, group: string, resource: string, ...verbs: string[]) => {
    const rules = [{ apiGroups: [group], resources: [resource], verbs }]
    await api.admin.create(ClusterRole, { metadata: { name }, rules })
    await api.admin.create(ClusterRoleBinding, {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'alice' }],
    })
  }
  await allow('policies', 'admissionregistration.k8s.io', '*', '*')
  const policy = {
    metadata: { name: 'p' },
    spec: {
      paramKind: { apiVersion: 'v1', kind: 'Secret' },
      matchConstraints: {
        resourceRules: [
          { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] },
        ],
      },
      validations: [{ expression: 'params.data.a == "x"' }],
    },
  } as const
  const who = 'user &{alice  [system:authenticated] map[]}'
  await assert.rejects(alice.create(ValidatingAdmissionPolicy, policy), {
    code: 422,
    message:
      'ValidatingAdmissionPolicy.admissionregistration.k8s.io "p" is invalid: spec.paramKind: ' +
      `Forbidden: ${who} must have "get" permission on all objects of the referenced paramKind ` +
      '(kind=Secret, apiVersion=v1)',
  })
  const binding = {
    metadata: { name: 'b' },
    spec: {
      policyName: 'p',
      validationActions: ['Deny'],
      paramRef: { selector: {}, parameterNotFoundAction: 'Deny' },
    },
  } as const
  await assert.rejects(
    alice.create(ValidatingAdmissionPolicyBinding, binding),
    /unable to get policy p to determine minimum required permissions and user .* does not have "list"/,
  )
  await api.admin.create(ValidatingAdmissionPolicy, policy)
  await assert.rejects(
    alice.create(ValidatingAdmissionPolicyBinding, binding),
    /does not have "list" permission on the object referenced by paramRef$/,
  )
  await allow('secrets', '', 'secrets', 'get', 'list')
  await alice.create(ValidatingAdmissionPolicyBinding, binding)
  await alice.create(ValidatingAdmissionPolicy, { ...policy, metadata: { name: 'q' } })
})
