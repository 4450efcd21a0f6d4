import { defineKind, type StoredObject, type WriteContext } from '../../../machinery/kind.ts'
import { Condition } from '../../../machinery/meta-condition.ts'
import { STATUS_KEEPS_METADATA } from '../../../machinery/metadata-rules.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { inVersion } from '../../../machinery/struct-version.ts'
import { ageColumn, since } from '../../column-text.ts'
import { DeviceTaint } from '../v1/device.ts'
import { withTimeAdded } from '../v1/taint-times.ts'
import {
  validateDeviceTaintRule,
  validateDeviceTaintRuleStatusUpdate,
  validateDeviceTaintRuleUpdate,
} from './device-taint-rule-validation.ts'

/** Devices by driver, pool and name. */
export const DeviceTaintSelector = s.struct('resource.v1alpha3.DeviceTaintSelector', {
  driver: s.string().optional().pointer(),
  pool: s.string().optional().pointer(),
  device: s.string().optional().pointer(),
})
export interface DeviceTaintSelector extends Infer<typeof DeviceTaintSelector> {}

/** The taint, and which devices get it. */
export const DeviceTaintRuleSpec = s.struct('resource.v1alpha3.DeviceTaintRuleSpec', {
  deviceSelector: DeviceTaintSelector.optional(),
  taint: inVersion(DeviceTaint, 'resource.v1', 'resource.v1alpha3'),
})
export interface DeviceTaintRuleSpec extends Infer<typeof DeviceTaintRuleSpec> {}

/** How far the eviction by a taint is. */
export const DeviceTaintRuleStatus = s.struct('resource.v1alpha3.DeviceTaintRuleStatus', {
  conditions: s
    .list(Condition, {
      listType: 'map',
      listMapKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    })
    .optional(),
})
export interface DeviceTaintRuleStatus extends Infer<typeof DeviceTaintRuleStatus> {}

const fields = {
  spec: DeviceTaintRuleSpec,
  status: DeviceTaintRuleStatus.default({}),
}

function withTimeAddedTo(rule: DeviceTaintRule, context: WriteContext): DeviceTaintRule {
  return { ...rule, spec: { ...rule.spec, taint: withTimeAdded(rule.spec.taint, context) } }
}

/** Puts a taint on devices by selector. */
export const DeviceTaintRule = defineKind({
  group: 'resource.k8s.io',
  version: 'v1alpha3',
  kind: 'DeviceTaintRule',
  plural: 'devicetaintrules',
  scope: 'Cluster',
  metadataRules: STATUS_KEEPS_METADATA,
  fields,
  setTimes: (rule, now) => withTimeAddedTo(rule, { now }),
  prepareForCreate: withTimeAddedTo,
  prepareForUpdate: (rule, _old, context) => withTimeAddedTo(rule, context),
  validate: validateDeviceTaintRule,
  validateUpdate: validateDeviceTaintRuleUpdate,
  validateStatusUpdate: validateDeviceTaintRuleStatusUpdate,
  returnsDeletedObject: true,
  columns: [
    { name: 'Key', type: 'string', of: ({ spec }) => spec.taint.key },
    { name: 'Value', type: 'string', of: ({ spec }) => spec.taint.value ?? '' },
    { name: 'Effect', type: 'string', of: ({ spec }) => spec.taint.effect },
    {
      name: 'TimeAdded',
      type: 'string',
      of: ({ spec }, { now }) => since(spec.taint.timeAdded, now),
    },
    ageColumn,
  ],
})
export interface DeviceTaintRule extends StoredObject<typeof fields, 'Cluster'> {}
