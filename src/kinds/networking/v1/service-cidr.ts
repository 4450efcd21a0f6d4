import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { Condition } from '../../../machinery/meta-condition.ts'
import { STATUS_KEEPS_METADATA } from '../../../machinery/metadata-rules.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import {
  validateServiceCidr,
  validateServiceCidrStatusUpdate,
  validateServiceCidrUpdate,
} from './service-cidr-validation.ts'

/** The range, in one or both families. */
export const ServiceCIDRSpec = s.struct('networking.v1.ServiceCIDRSpec', {
  cidrs: s.list(s.string(), { listType: 'atomic' }).optional(),
})
export interface ServiceCIDRSpec extends Infer<typeof ServiceCIDRSpec> {}

/** Whether a range is in use. */
export const ServiceCIDRStatus = s.struct('networking.v1.ServiceCIDRStatus', {
  conditions: s
    .list(Condition, {
      listType: 'map',
      listMapKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    })
    .optional(),
})
export interface ServiceCIDRStatus extends Infer<typeof ServiceCIDRStatus> {}

const fields = {
  spec: ServiceCIDRSpec.default({}),
  status: ServiceCIDRStatus.default({}),
}

/** A range from which services get their addresses. */
export const ServiceCIDR = defineKind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  scope: 'Cluster',
  metadataRules: STATUS_KEEPS_METADATA,
  fields,
  hasGeneration: false,
  validate: validateServiceCidr,
  validateUpdate: validateServiceCidrUpdate,
  validateStatusUpdate: validateServiceCidrStatusUpdate,
  columns: [
    { name: 'CIDRs', type: 'string', of: ({ spec }) => spec.cidrs?.join(',') ?? '' },
    ageColumn,
  ],
})
export interface ServiceCIDR extends StoredObject<typeof fields, 'Cluster'> {}
