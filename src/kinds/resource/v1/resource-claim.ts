import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { Condition } from '../../../machinery/meta-condition.ts'
import { STATUS_KEEPS_METADATA } from '../../../machinery/metadata-rules.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { AllocationResult } from './allocation-result.ts'
import { claimState } from './claim-state.ts'
import { ResourceClaimSpec } from './device-claim.ts'
import { withDeviceCounts } from './device-claim-defaults.ts'
import {
  validateResourceClaim,
  validateResourceClaimStatusUpdate,
  validateResourceClaimUpdate,
} from './resource-claim-validation.ts'

/** The interface, addresses and hardware address of a network device. */
export const NetworkDeviceData = s.struct('resource.v1.NetworkDeviceData', {
  interfaceName: s.string().optional(),
  ips: s.list(s.string(), { listType: 'atomic' }).optional(),
  hardwareAddress: s.string().optional(),
})
export interface NetworkDeviceData extends Infer<typeof NetworkDeviceData> {}

/** What a driver reports of a device that is in use. */
export const AllocatedDeviceStatus = s.struct('resource.v1.AllocatedDeviceStatus', {
  driver: s.string(),
  pool: s.string(),
  device: s.string(),
  shareID: s.string().optional().pointer(),
  conditions: s.list(Condition, { listType: 'map', listMapKeys: ['type'] }).orNull(),
  data: s.raw().optional().pointer(),
  networkData: NetworkDeviceData.optional(),
})
export interface AllocatedDeviceStatus extends Infer<typeof AllocatedDeviceStatus> {}

/** Who uses a claim. */
export const ResourceClaimConsumerReference = s.struct(
  'resource.v1.ResourceClaimConsumerReference',
  {
    apiGroup: s.string().optional(),
    resource: s.string(),
    name: s.string(),
    uid: s.string(),
  },
)
export interface ResourceClaimConsumerReference
  extends Infer<typeof ResourceClaimConsumerReference> {}

/** What was allocated, for whom it is reserved and how the devices are. */
export const ResourceClaimStatus = s.struct('resource.v1.ResourceClaimStatus', {
  allocation: AllocationResult.optional(),
  reservedFor: s
    .list(ResourceClaimConsumerReference, {
      listType: 'map',
      listMapKeys: ['uid'],
      patchStrategy: 'merge',
      patchMergeKey: 'uid',
    })
    .optional(),
  devices: s
    .list(AllocatedDeviceStatus, {
      listType: 'map',
      listMapKeys: ['driver', 'device', 'pool', 'shareID'],
    })
    .optional(),
})
export interface ResourceClaimStatus extends Infer<typeof ResourceClaimStatus> {}

const fields = {
  spec: ResourceClaimSpec,
  status: ResourceClaimStatus.default({}),
}

/** Asks for devices, and stands for them in pods. */
export const ResourceClaim = defineKind({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaim',
  plural: 'resourceclaims',
  scope: 'Namespaced',
  metadataRules: { ...STATUS_KEEPS_METADATA, onUpdate: 'both' },
  fields,
  setDefaults(claim) {
    const spec = withDeviceCounts(claim.spec)
    return spec === claim.spec ? claim : { ...claim, spec }
  },
  validate: validateResourceClaim,
  validateUpdate: validateResourceClaimUpdate,
  validateStatusUpdate: validateResourceClaimStatusUpdate,
  returnsDeletedObject: true,
  hasGeneration: false,
  columns: [{ name: 'State', type: 'string', of: claimState }, ageColumn],
})
export interface ResourceClaim extends StoredObject<typeof fields, 'Namespaced'> {}
