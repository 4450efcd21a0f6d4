import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { Condition } from '../../../machinery/meta-condition.ts'
import { STATUS_KEEPS_METADATA } from '../../../machinery/metadata-rules.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { resourcePoolStatusRequestColumns } from './resource-pool-status-request-columns.ts'
import {
  validateRequest,
  validateRequestStatusUpdate,
  validateRequestUpdate,
} from './resource-pool-status-request-validation.ts'

/** How many devices a pool has, and how many are taken. */
export const PoolStatus = s.struct('resource.v1alpha3.PoolStatus', {
  driver: s.string().pointer(),
  poolName: s.string().pointer(),
  generation: s.int64(),
  resourceSliceCount: s.int32().optional().pointer(),
  totalDevices: s.int32().optional().pointer(),
  allocatedDevices: s.int32().optional().pointer(),
  availableDevices: s.int32().optional().pointer(),
  unavailableDevices: s.int32().optional().pointer(),
  nodeName: s.string().optional().pointer(),
  validationError: s.string().optional().pointer(),
})
export interface PoolStatus extends Infer<typeof PoolStatus> {}

/** The driver and the pools that are asked about. */
export const ResourcePoolStatusRequestSpec = s.struct(
  'resource.v1alpha3.ResourcePoolStatusRequestSpec',
  {
    driver: s.string(),
    poolName: s.string().optional().pointer(),
    limit: s.int32().publishedDefault(100).pointer(),
  },
)
export interface ResourcePoolStatusRequestSpec
  extends Infer<typeof ResourcePoolStatusRequestSpec> {}

/** The answer about each pool. */
export const ResourcePoolStatusRequestStatus = s.struct(
  'resource.v1alpha3.ResourcePoolStatusRequestStatus',
  {
    poolCount: s.int32().pointer(),
    pools: s.list(PoolStatus, { listType: 'atomic' }).optional(),
    conditions: s
      .list(Condition, {
        listType: 'map',
        listMapKeys: ['type'],
        patchStrategy: 'merge',
        patchMergeKey: 'type',
      })
      .optional(),
  },
)
export interface ResourcePoolStatusRequestStatus
  extends Infer<typeof ResourcePoolStatusRequestStatus> {}

const fields = {
  spec: ResourcePoolStatusRequestSpec,
  status: ResourcePoolStatusRequestStatus.optional(),
}

/** Asks how many devices of the pools are free. */
export const ResourcePoolStatusRequest = defineKind({
  group: 'resource.k8s.io',
  version: 'v1alpha3',
  kind: 'ResourcePoolStatusRequest',
  plural: 'resourcepoolstatusrequests',
  scope: 'Cluster',
  metadataRules: STATUS_KEEPS_METADATA,
  allowsUnconditionalUpdate: false,
  requiresMetadata: true,
  fields,
  returnsDeletedObject: true,
  hasGeneration: false,
  validate: validateRequest,
  validateUpdate: validateRequestUpdate,
  validateStatusUpdate: validateRequestStatusUpdate,
  columns: resourcePoolStatusRequestColumns,
})
export interface ResourcePoolStatusRequest extends StoredObject<typeof fields, 'Cluster'> {}
