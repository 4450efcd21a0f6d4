import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import type { Kind, KubeObject } from '../../../machinery/kind.ts'
import { MutatingAdmissionPolicy } from '../v1beta1/mutating-admission-policy.ts'
import { ValidatingAdmissionPolicy } from './validating-admission-policy.ts'
import { ValidatingAdmissionPolicyBinding } from './validating-admission-policy-binding.ts'
import { ValidatingWebhookConfiguration } from './validating-webhook-configuration.ts'

const read = <T extends KubeObject>(kind: Kind<T>, object: object): T =>
  decodeObject(kind, { metadata: { name: 'a' }, ...object }).value
const create = <T extends KubeObject>(kind: Kind<T>, object: object) =>
  [...(kind.validate?.(read(kind, object), FieldPath.root) ?? [])].map(formatFieldError)
const update = <T extends KubeObject>(kind: Kind<T>, object: object, old: object) =>
  [...(kind.validateUpdate?.(read(kind, object), read(kind, old), FieldPath.root) ?? [])].map(
    formatFieldError,
  )

const rule = {
  operations: ['CREATE'],
  apiGroups: ['apps'],
  apiVersions: ['v1'],
  resources: ['deployments'],
}
const hook = (others: object = {}) => ({
  name: 'a.wherry.example',
  clientConfig: { url: 'https://hook.example/check' },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  rules: [rule],
  ...others,
})
const hooks = (...webhooks: object[]) => create(ValidatingWebhookConfiguration, { webhooks })

test('webhooks', () => {
  assert.deepEqual(hooks(hook()), [])
  const cases: [object, string][] = [
    [
      { name: 'a.b' },
      'name: Invalid value: "a.b": should be a domain with at least three segments separated by dots',
    ],
    [{ name: '' }, 'name: Required value'],
    [
      { sideEffects: 'Some' },
      'sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
    ],
    [
      { timeoutSeconds: 31 },
      'timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds',
    ],
    [
      { failurePolicy: 'No' },
      'failurePolicy: Unsupported value: "No": supported values: "Fail", "Ignore"',
    ],
    [
      { clientConfig: {} },
      'clientConfig: Required value: exactly one of url or service is required',
    ],
    [
      { admissionReviewVersions: [] },
      'admissionReviewVersions: Required value: must specify one of v1, v1beta1',
    ],
    [
      { matchConditions: [{ name: 'x', expression: ' ' }] },
      'matchConditions[0].expression: Required value',
    ],
    [
      { rules: [{ ...rule, scope: 'All' }] },
      'rules[0].scope: Unsupported value: "All": supported values: "*", "Cluster", "Namespaced"',
    ],
    [
      { rules: [{ ...rule, operations: ['*', 'CREATE'] }] },
      'rules[0].operations: Invalid value: ["*","CREATE"]: if \'*\' is present, must not specify other operations',
    ],
    [
      { rules: [{ ...rule, resources: ['pods/*', 'pods/log'] }] },
      'rules[0].resources[1]: Invalid value: "pods/log": if \'pods/*\' is present, must not specify pods/log',
    ],
    [
      { rules: [{ ...rule, resources: ['*', 'pods'] }] },
      'rules[0].resources: Invalid value: ["*","pods"]: if \'*\' is present, must not specify other resources without subresources',
    ],
  ]
  for (const [change, error] of cases)
    assert.deepEqual(hooks(hook(change)), [`webhooks[0].${error}`])
  assert.deepEqual(hooks(hook(), hook()), ['webhooks[1].name: Duplicate value: "a.wherry.example"'])
})

test('webhooks that were accepted before may stay', () => {
  const old = { webhooks: [hook({ sideEffects: 'Some', admissionReviewVersions: ['v9'] }), hook()] }
  assert.deepEqual(update(ValidatingWebhookConfiguration, old, old), [])
  assert.equal(update(ValidatingWebhookConfiguration, old, { webhooks: [hook()] }).length, 3)
})

const policy = (spec: object) => ({
  spec: {
    matchConstraints: { resourceRules: [rule] },
    validations: [{ expression: 'true' }],
    ...spec,
  },
})

test('validating policies', () => {
  assert.deepEqual(create(ValidatingAdmissionPolicy, policy({})), [])
  const cases: [object, string[]][] = [
    [{ matchConstraints: undefined }, ['matchConstraints: Required value']],
    [{ matchConstraints: {} }, ['matchConstraints.resourceRules: Required value']],
    [
      { validations: [{ expression: `int('x') == 1` }] },
      [
        'validations[0].expression: Internal error: program instantiation failed: ' +
          "type conversion error from 'string' to 'int'",
      ],
    ],
    [
      { validations: [] },
      ['validations', 'auditAnnotations'].map(
        (field) =>
          `${field}: Required value: validations or auditAnnotations must contain at least one item`,
      ),
    ],
    [
      { paramKind: { apiVersion: 'a/b/c', kind: 'K' } },
      ['paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'],
    ],
    [
      { variables: [{ name: 'for', expression: '1' }] },
      ['variables[0].name: Invalid value: "for": must be a valid CEL identifier'],
    ],
    [
      { validations: [{ expression: '', reason: 'Odd' }] },
      [
        'validations[0].expression: Required value: expression is not specified',
        'validations[0].reason: Unsupported value: "Odd": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
      ],
    ],
    [
      {
        auditAnnotations: [
          { key: 'k', valueExpression: '"1"' },
          { key: 'k', valueExpression: 'null' },
        ],
      },
      ['auditAnnotations[1].key: Duplicate value: "k"'],
    ],
    [
      {
        variables: [
          { name: 'a', expression: 'variables.b' },
          { name: 'b', expression: 'object.spec.replicas + 1' },
        ],
        validations: [
          { expression: 'variables.b > 1 && params.x', messageExpression: '1' },
          { expression: '"yes"', messageExpression: 'string(variables.b)' },
          {
            expression: 'true',
            messageExpression: 'string(authorizer.path("/").check("get").allowed())',
          },
        ],
        auditAnnotations: [{ key: 'k', valueExpression: '1' }],
      },
      [
        `variables[0].expression: Invalid value: "variables.b": compilation failed: ERROR: <input>:1:10: undefined field 'b'\n | variables.b\n | .........^`,
        `validations[0].expression: Invalid value: "variables.b > 1 && params.x": compilation failed: ERROR: <input>:1:20: undeclared reference to 'params' (in container '')\n | variables.b > 1 && params.x\n | ...................^`,
        'validations[0].messageExpression: Invalid value: "1": must evaluate to string but got int',
        'validations[1].expression: Invalid value: "\\"yes\\"": must evaluate to bool but got string',
        `validations[2].messageExpression: Invalid value: "string(authorizer.path(\\"/\\").check(\\"get\\").allowed())": compilation failed: ERROR: <input>:1:8: undeclared reference to 'authorizer' (in container '')\n | string(authorizer.path("/").check("get").allowed())\n | .......^`,
        'auditAnnotations[0].valueExpression: Invalid value: "1": must evaluate to one of [string null_type] but got int',
      ],
    ],
  ]
  for (const [spec, errors] of cases) {
    assert.deepEqual(
      create(ValidatingAdmissionPolicy, policy(spec)),
      errors.map((error) => `spec.${error}`),
    )
  }
})

test('each variable may use those before it, and is compiled once', { timeout: 20_000 }, () => {
  const variables = Array.from({ length: 3_000 }, (_, index) => ({
    name: `v${index}`,
    expression: index === 0 ? '1' : `variables.v${index - 1} + 1`,
  }))
  const validations = [{ expression: 'variables.v2999 > 2' }]
  assert.deepEqual(create(ValidatingAdmissionPolicy, policy({ variables, validations })), [])
})

test('match conditions are compiled, unless they stay as they are', () => {
  const bad = {
    matchConditions: [
      { name: 'a', expression: 'object.' },
      { name: 'b', expression: 'variables.x' },
    ],
  }
  const errors = hooks(hook(bad))
  assert.equal(errors.length, 2)
  const syntax = 'compilation failed: ERROR: <input>:1:8: Syntax error'
  const where = 'webhooks[0].matchConditions[0].expression'
  const [first = ''] = errors
  assert.ok(first.startsWith(`${where}: Invalid value: "object.": ${syntax}`), first)
  assert.match(errors[1] ?? '', /undeclared reference to 'variables'/)
  const webhooks = { webhooks: [hook(bad)] }
  assert.deepEqual(update(ValidatingWebhookConfiguration, webhooks, webhooks), [])
  assert.deepEqual(create(ValidatingAdmissionPolicy, policy(bad)).length, 2)
})

test('bindings', () => {
  const binding = {
    policyName: 'p',
    validationActions: ['Deny', 'Warn'],
    paramRef: { name: 'a', selector: {} },
  }
  assert.deepEqual(create(ValidatingAdmissionPolicyBinding, { spec: binding }), [
    'spec.paramRef.name: Forbidden: name and selector are mutually exclusive',
    'spec.paramRef.selector: Forbidden: name and selector are mutually exclusive',
    'spec.paramRef.parameterNotFoundAction: Required value',
    'spec.validationActions: Invalid value: ["Deny","Warn"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
  ])
})

test('mutating policies', () => {
  const spec = {
    matchConstraints: { resourceRules: [{ ...rule, operations: ['DELETE'] }] },
    mutations: [{ patchType: 'JSONPatch', applyConfiguration: { expression: 'x' } }],
    reinvocationPolicy: 'Never',
  }
  assert.deepEqual(create(MutatingAdmissionPolicy, { spec }), [
    'spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
    'spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch',
    'spec.mutations[0].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch',
  ])
  const mutations = [
    {
      patchType: 'ApplyConfiguration',
      applyConfiguration: { expression: 'Object{spec: Object.spec{replicas: 1}}' },
    },
    { patchType: 'ApplyConfiguration', applyConfiguration: { expression: '{}' } },
    {
      patchType: 'JSONPatch',
      jsonPatch: {
        expression:
          '[JSONPatch{op: "add", path: "/a/" + jsonpatch.escapeKey("b/c"), value: {"d": 1}}]',
      },
    },
    { patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: 1}]' } },
  ]
  const matchConstraints = { resourceRules: [rule] }
  const expected = [
    'spec.mutations[1].applyConfiguration.expression: Invalid value: "{}": must evaluate to Object but got map(dyn, dyn)',
    `spec.mutations[3].jsonPatch.expression: Invalid value: "[JSONPatch{op: 1}]": compilation failed: ERROR: <input>:1:14: expected type of field 'op' is 'string' but provided type is 'int'\n | [JSONPatch{op: 1}]\n | .............^`,
  ]
  assert.deepEqual(
    create(MutatingAdmissionPolicy, { spec: { ...spec, matchConstraints, mutations } }),
    expected,
  )
})
