import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'
import { FakeInformers } from '../../../test/support/fake-informers.ts'
import type { Client } from '../../client/client.ts'
import { ValidatingAdmissionPolicy } from '../../kinds/admissionregistration/v1/validating-admission-policy.ts'
import { StatusError } from '../../machinery/status-error.ts'
import type { ControllerContext } from '../runtime/controller.ts'
import { KindSchemas } from './kind-schemas.ts'
import { checkPolicy } from './type-checker.ts'
import { ValidatingAdmissionPolicyStatusController } from './validating-admission-policy-status-controller.ts'

type Rule = readonly [group: string, version: string, resource: string]

function policyOf(rules: readonly Rule[], spec: object): ValidatingAdmissionPolicy {
  const resourceRules = rules.map(([group, version, resource]) => ({
    ...{ apiGroups: [group], apiVersions: [version], resources: [resource], operations: ['*'] },
  }))
  const policy = { metadata: { name: 'p' }, spec: { matchConstraints: { resourceRules }, ...spec } }
  return policy as unknown as ValidatingAdmissionPolicy
}

const DEPLOYMENTS: Rule = ['apps', 'v1', 'deployments']

/** A client for whom nothing is published but this. */
function clientOf(published: Readonly<Record<string, unknown>> = {}): Client {
  const raw = async (_: string, path: string) => {
    if (!(path in published)) throw new StatusError('NotFound', path)
    return published[path]
  }
  return { raw } as unknown as Client
}

const check = (policy: ValidatingAdmissionPolicy, client = clientOf()) =>
  checkPolicy(policy, new KindSchemas(client))

test('fields that a type has not, and types that do not fit, are warned of', async () => {
  const policy = policyOf([DEPLOYMENTS], {
    validations: [
      { expression: 'object.spec.replicas > 1' },
      { expression: 'object.spec.replicaz > 1', messageExpression: 'object.spec.replicas + "x"' },
    ],
  })
  assert.deepEqual(await check(policy), [
    {
      fieldRef: 'spec.validations[1].expression',
      warning:
        "apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'replicaz'\n" +
        ' | object.spec.replicaz > 1\n | ...........^\n',
    },
    {
      fieldRef: 'spec.validations[1].messageExpression',
      warning:
        'apps/v1, Kind=Deployment: ERROR: <input>:1:22: found no matching overload for ' +
        "'_+_' applied to '(int, string)'\n" +
        ' | object.spec.replicas + "x"\n | .....................^\n',
    },
  ])
})

test('all types of all rules are checked, but those behind wildcards', async () => {
  const policy = policyOf(
    [DEPLOYMENTS, ['batch', 'v1', 'jobs'], ['*', 'v1', 'pods'], ['', 'v1', 'pods/exec']],
    {
      variables: [{ name: 'count', expression: 'object.spec.replicas' }],
      validations: [
        { expression: 'object.spec.template.nope == 1' },
        { expression: 'variables.count > 1' },
      ],
    },
  )
  const warnings = await check(policy)
  const kinds = warnings.map(({ warning }) => warning.match(/Kind=\w+/g))
  assert.deepEqual(kinds, [['Kind=Deployment', 'Kind=Job']])
})

test('custom kinds are checked by what the API publishes of them', async () => {
  const gvk = { group: 'example.com', version: 'v1', kind: 'Boat' }
  const client = clientOf({
    '/apis/example.com/v1': { resources: [{ name: 'boats', singularName: 'boat', kind: 'Boat' }] },
    '/openapi/v3/apis/example.com/v1': {
      components: {
        schemas: {
          Boat: {
            type: 'object',
            properties: { spec: { allOf: [{ $ref: '#/components/schemas/Spec' }] } },
            'x-kubernetes-group-version-kind': [gvk],
          },
          Spec: { type: 'object', properties: { oars: { type: 'integer' } } },
        },
      },
    },
  })
  const policy = policyOf([['example.com', 'v1', 'boats']], {
    validations: [{ expression: 'object.spec.oars > 1' }, { expression: 'object.spec.sails > 1' }],
  })
  const [warning, ...others] = await check(policy, client)
  assert.match(warning?.warning ?? '', /^example\.com\/v1, Kind=Boat: .*undefined field 'sails'/)
  assert.deepEqual(others, [])
})

test('the status of a policy says what was found, once for each generation', async () => {
  const api = await createTestServer()
  try {
    const spec = {
      matchConstraints: policyOf([DEPLOYMENTS], {}).spec.matchConstraints,
      validations: [{ expression: 'object.nope == 1' }],
    }
    const path = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies'
    const made = await api.send('POST', path, { body: { metadata: { name: 'p' }, spec } })
    assert.equal(made.code, 201, made.text)
    const informers = new FakeInformers()
    informers.add(ValidatingAdmissionPolicy, JSON.parse(made.text))
    const context = { client: api.client, informers } as unknown as ControllerContext
    const controller = new ValidatingAdmissionPolicyStatusController(context)
    await controller.reconcile('p')
    const checked = await api.client.get(ValidatingAdmissionPolicy, { name: 'p' })
    assert.equal(checked.status.observedGeneration, 1)
    assert.equal(checked.status.typeChecking?.expressionWarnings?.length, 1)
    const again = new FakeInformers()
    again.add(ValidatingAdmissionPolicy, checked)
    const idle = { client: clientOf(), informers: again } as unknown as ControllerContext
    await new ValidatingAdmissionPolicyStatusController(idle).reconcile('p')
  } finally {
    api.close()
  }
})
