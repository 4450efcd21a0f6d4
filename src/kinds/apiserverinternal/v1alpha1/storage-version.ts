import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { STATUS_KEEPS_METADATA } from '../../../machinery/metadata-rules.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import {
  storageVersionNameErrors,
  validateStorageVersionStatus,
} from './storage-version-validation.ts'
import { storageVersionsText } from './storage-versions-text.ts'

/** The versions that one API server reads, writes and serves. */
export const ServerStorageVersion = s.struct('apiserverinternal.v1alpha1.ServerStorageVersion', {
  apiServerID: s.string().pointer(),
  encodingVersion: s.string().pointer(),
  decodableVersions: s.list(s.string(), { listType: 'set' }),
  servedVersions: s.list(s.string(), { listType: 'set' }).optional(),
})
export interface ServerStorageVersion extends Infer<typeof ServerStorageVersion> {}

/** Empty: a storage version holds nothing but status. */
export const StorageVersionSpec = s.struct('apiserverinternal.v1alpha1.StorageVersionSpec', {})
export interface StorageVersionSpec extends Infer<typeof StorageVersionSpec> {}

/** One aspect of the servers' agreement on a storage version. */
export const StorageVersionCondition = s.struct(
  'apiserverinternal.v1alpha1.StorageVersionCondition',
  {
    type: s.string(),
    status: s.known('True', 'False', 'Unknown'),
    observedGeneration: s.int64().optional(),
    lastTransitionTime: s.time().orNull(),
    reason: s.string(),
    message: s.string().pointer(),
  },
)
export interface StorageVersionCondition extends Infer<typeof StorageVersionCondition> {}

/** What each API server reports, and the version they agree on. */
export const StorageVersionStatus = s.struct('apiserverinternal.v1alpha1.StorageVersionStatus', {
  storageVersions: s
    .list(ServerStorageVersion, { listType: 'map', listMapKeys: ['apiServerID'] })
    .optional(),
  commonEncodingVersion: s.string().optional().pointer(),
  conditions: s
    .list(StorageVersionCondition, { listType: 'map', listMapKeys: ['type'] })
    .optional(),
})
export interface StorageVersionStatus extends Infer<typeof StorageVersionStatus> {}

const fields = {
  spec: StorageVersionSpec.default({}),
  status: StorageVersionStatus.default({}),
}

/** Which versions the API servers use for storing a resource. */
export const StorageVersion = defineKind({
  group: 'internal.apiserver.k8s.io',
  version: 'v1alpha1',
  kind: 'StorageVersion',
  plural: 'storageversions',
  scope: 'Cluster',
  metadataRules: { ...STATUS_KEEPS_METADATA, onUpdate: 'none' },
  allowsUnconditionalUpdate: false,
  requiresMetadata: true,
  fields,
  hasGeneration: false,
  validateName: storageVersionNameErrors,
  validate: validateStorageVersionStatus,
  validateUpdate: () => [],
  validateStatusUpdate: (object, _old, path) => validateStorageVersionStatus(object, path),
  columns: [
    {
      name: 'CommonEncodingVersion',
      type: 'string',
      of: ({ status }) => status.commonEncodingVersion ?? '<unset>',
    },
    {
      name: 'StorageVersions',
      type: 'string',
      of: ({ status }) => storageVersionsText(status.storageVersions),
    },
    ageColumn,
  ],
})
export interface StorageVersion extends StoredObject<typeof fields, 'Cluster'> {}
