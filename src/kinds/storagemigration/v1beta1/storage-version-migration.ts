import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { Condition } from '../../../machinery/meta-condition.ts'
import { GroupResource } from '../../../machinery/meta-group-resource.ts'
import { STATUS_KEEPS_METADATA } from '../../../machinery/metadata-rules.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import {
  validateMigration,
  validateMigrationStatusUpdate,
  validateMigrationUpdate,
} from './storage-version-migration-validation.ts'

/** The resource to migrate. */
export const StorageVersionMigrationSpec = s.struct(
  'storagemigration.v1beta1.StorageVersionMigrationSpec',
  {
    resource: GroupResource,
  },
)
export interface StorageVersionMigrationSpec extends Infer<typeof StorageVersionMigrationSpec> {}

/** How far a migration is. */
export const StorageVersionMigrationStatus = s.struct(
  'storagemigration.v1beta1.StorageVersionMigrationStatus',
  {
    conditions: s
      .list(Condition, {
        listType: 'map',
        listMapKeys: ['type'],
        patchStrategy: 'merge',
        patchMergeKey: 'type',
      })
      .optional(),
    resourceVersion: s.string().optional(),
  },
)
export interface StorageVersionMigrationStatus
  extends Infer<typeof StorageVersionMigrationStatus> {}

const fields = {
  spec: StorageVersionMigrationSpec.present(),
  status: StorageVersionMigrationStatus.default({}),
}

/** Writes all objects of a resource anew, in the current storage version. */
export const StorageVersionMigration = defineKind({
  group: 'storagemigration.k8s.io',
  version: 'v1beta1',
  kind: 'StorageVersionMigration',
  plural: 'storageversionmigrations',
  scope: 'Cluster',
  metadataRules: { ...STATUS_KEEPS_METADATA, onUpdate: 'both' },
  allowsUnconditionalUpdate: false,
  fields,
  hasGeneration: false,
  validateStatusUpdate: validateMigrationStatusUpdate,
  validate: validateMigration,
  validateUpdate: validateMigrationUpdate,
  columns: [
    { name: 'Name', type: 'string', of: ({ metadata }) => metadata.name },
    {
      name: 'Resource',
      type: 'string',
      of: ({ spec }) =>
        spec.resource.group === ''
          ? spec.resource.resource
          : `${spec.resource.resource}.${spec.resource.group}`,
    },
    {
      name: 'Status',
      type: 'string',
      of: ({ status }) =>
        status.conditions?.findLast(
          (one) => one.status === 'True' && ['Running', 'Failed', 'Succeeded'].includes(one.type),
        )?.type ?? 'Unknown',
    },
  ],
})
export interface StorageVersionMigration extends StoredObject<typeof fields, 'Cluster'> {}
