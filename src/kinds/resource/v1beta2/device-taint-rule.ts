import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { STATUS_KEEPS_METADATA } from '../../../machinery/metadata-rules.ts'
import { storedUnderVersion } from '../../../machinery/stored-as.ts'
import { inVersion } from '../../../machinery/struct-version.ts'
import { ageColumn, since } from '../../column-text.ts'
import {
  DeviceTaintRuleSpec,
  DeviceTaintRuleStatus,
  DeviceTaintRule as DeviceTaintRuleV1alpha3,
} from '../v1alpha3/device-taint-rule.ts'

const fields = {
  spec: inVersion(DeviceTaintRuleSpec, 'resource.v1alpha3', 'resource.v1beta2'),
  status: inVersion(DeviceTaintRuleStatus, 'resource.v1alpha3', 'resource.v1beta2').default({}),
}

/** Puts a taint on devices by selector. */
export const DeviceTaintRule = defineKind({
  group: 'resource.k8s.io',
  version: 'v1beta2',
  kind: 'DeviceTaintRule',
  plural: 'devicetaintrules',
  scope: 'Cluster',
  metadataRules: STATUS_KEEPS_METADATA,
  fields,
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
  storedAs: storedUnderVersion(() => DeviceTaintRuleV1alpha3, 'resource.k8s.io/v1beta2'),
})
export interface DeviceTaintRule extends StoredObject<typeof fields, 'Cluster'> {}
