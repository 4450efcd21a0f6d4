import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { FlowSchema } from './flow-schema.ts'
import { MANDATORY_LEVEL_SPECS, MANDATORY_SCHEMA_SPECS } from './mandatory-specs.data.ts'
import { PriorityLevelConfiguration } from './priority-level-configuration.ts'

function ofSchema(spec: object, name = 'a'): string[] {
  const { value } = decodeObject(FlowSchema, { metadata: { name }, spec })
  const schema = FlowSchema.setDefaults?.(value) ?? value
  return [...(FlowSchema.validate?.(schema, FieldPath.root) ?? [])].map(formatFieldError)
}

function ofLevel(spec: object, name = 'a'): string[] {
  const { value } = decodeObject(PriorityLevelConfiguration, { metadata: { name }, spec })
  const level = PriorityLevelConfiguration.setDefaults?.(value) ?? value
  const errors = PriorityLevelConfiguration.validate?.(level, FieldPath.root) ?? []
  return [...errors].map(formatFieldError)
}

const resourceRule = { verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['*'] }
const rule = {
  subjects: [{ kind: 'User', user: { name: 'u' } }],
  resourceRules: [resourceRule],
}
const schema = (others: object) => ({
  priorityLevelConfiguration: { name: 'level' },
  matchingPrecedence: 5,
  rules: [rule],
  ...others,
})

test('flow schemas', () => {
  assert.deepEqual(ofSchema(schema({})), [])
  const cases: [object, string][] = [
    [
      { matchingPrecedence: 10_001 },
      'matchingPrecedence: Invalid value: 10001: must not be greater than 10000',
    ],
    [
      { matchingPrecedence: 1 },
      "matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1",
    ],
    [
      { priorityLevelConfiguration: { name: '' } },
      'priorityLevelConfiguration.name: Required value: must reference a priority level',
    ],
    [
      { rules: [{ ...rule, subjects: [] }] },
      'rules[0].subjects: Required value: subjects must contain at least one value',
    ],
    [
      { rules: [{ ...rule, resourceRules: [] }] },
      'rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty',
    ],
    [
      {
        rules: [
          { ...rule, subjects: [{ kind: 'User', group: { name: 'g' }, user: { name: 'u' } }] },
        ],
      },
      "rules[0].subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'",
    ],
    [
      { rules: [{ ...rule, resourceRules: [{ ...resourceRule, namespaces: [] }] }] },
      'rules[0].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace',
    ],
    [
      {
        rules: [
          {
            subjects: rule.subjects,
            nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/a*'] }],
          },
        ],
      },
      'rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "/a*": wildcard can only do suffix matching',
    ],
  ]
  for (const [change, error] of cases) assert.deepEqual(ofSchema(schema(change)), [`spec.${error}`])
})

test('what is shipped stays as it is', () => {
  for (const [name, spec] of Object.entries(MANDATORY_SCHEMA_SPECS)) {
    assert.deepEqual(ofSchema(spec, name), [])
    assert.match(ofSchema({ ...spec, rules: [] }, name).join(), /must equal the fixed value/)
  }
  for (const [name, spec] of Object.entries(MANDATORY_LEVEL_SPECS)) {
    assert.deepEqual(ofLevel(spec, name), [])
  }
  assert.match(ofLevel({ type: 'Limited' }, 'exempt').join(), /must equal the fixed value/)
  assert.deepEqual(ofLevel({ type: 'Exempt', exempt: { lendablePercent: 5 } }, 'exempt'), [])
})

test('priority levels', () => {
  const queuing = { queues: 64, handSize: 6, queueLengthLimit: 50 }
  const level = (limited: object) =>
    ofLevel({ type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing }, ...limited } })
  assert.deepEqual(level({}), [])
  assert.deepEqual(level({ lendablePercent: 101, nominalConcurrencyShares: -1 }), [
    'spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer',
    'spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive',
  ])
  assert.deepEqual(
    level({ limitResponse: { type: 'Queue', queuing: { ...queuing, handSize: 11 } } }),
    [
      'spec.limited.limitResponse.queuing.handSize: Invalid value: 11: required entropy bits of deckSize 64 and handSize 11 should not be greater than 60',
    ],
  )
  assert.deepEqual(level({ limitResponse: { type: 'Reject', queuing } }), [
    'spec.limited.limitResponse.queuing: Forbidden: must be nil if limited.limitResponse.type is not Limited',
  ])
  assert.deepEqual(ofLevel({ type: 'Exempt' }), [
    "spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'",
  ])
})
