import { deepEqual } from '../../../machinery/deep-equal.ts'
import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { validateCsiDriver, validateCsiDriverUpdate } from './csi-driver-validation.ts'

/** A token that a driver gets with each mount. */
export const TokenRequest = s.struct('storage.v1.TokenRequest', {
  audience: s.string(),
  expirationSeconds: s.int64().optional().pointer(),
})
export interface TokenRequest extends Infer<typeof TokenRequest> {}

/** What a CSI driver needs from the cluster and can do. */
export const CSIDriverSpec = s.struct('storage.v1.CSIDriverSpec', {
  attachRequired: s.bool().default(true).pointer(),
  podInfoOnMount: s.bool().default(false).pointer(),
  volumeLifecycleModes: s.list(s.string(), { listType: 'set' }).default(['Persistent']),
  storageCapacity: s.bool().default(false).pointer(),
  fsGroupPolicy: s.string().default('ReadWriteOnceWithFSType').pointer(),
  tokenRequests: s.list(TokenRequest, { listType: 'atomic' }).optional(),
  requiresRepublish: s.bool().default(false).pointer(),
  seLinuxMount: s.bool().default(false).pointer(),
  nodeAllocatableUpdatePeriodSeconds: s.int64().optional().pointer(),
  serviceAccountTokenInSecrets: s.bool().optional().pointer(),
  preventPodSchedulingIfMissing: s.bool().optional().pointer(),
})
export interface CSIDriverSpec extends Infer<typeof CSIDriverSpec> {}

const fields = {
  spec: CSIDriverSpec,
}

/** A new driver has no generation; its changes are counted. */
function withGeneration(driver: CSIDriver, old: CSIDriver): CSIDriver {
  if (deepEqual(driver.spec, old.spec)) return driver
  const generation = (old.metadata.generation ?? 0) + 1
  return { ...driver, metadata: { ...driver.metadata, generation } }
}

/** Tokens are shown in logs unless they travel as secrets. */
function warningsOfTokens({ tokenRequests = [], ...spec }: CSIDriverSpec): string[] {
  if (tokenRequests.length === 0 || spec.serviceAccountTokenInSecrets !== undefined) return []
  const why = 'to prevent possible logging of tokens in volume attributes'
  const field = 'spec.serviceAccountTokenInSecrets'
  return [`${field} is unset; if supported by this CSI driver, set to true ${why}`]
}

/** A CSI driver, and what it needs. */
export const CSIDriver = defineKind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIDriver',
  plural: 'csidrivers',
  scope: 'Cluster',
  allowsUnconditionalUpdate: false,
  fields,
  returnsDeletedObject: true,
  hasGeneration: false,
  prepareForUpdate: withGeneration,
  validate: validateCsiDriver,
  validateUpdate: validateCsiDriverUpdate,
  warningsOnCreate: ({ spec }) => warningsOfTokens(spec),
  warningsOnUpdate: ({ spec }, old) =>
    deepEqual(spec.tokenRequests ?? [], old.spec.tokenRequests ?? []) ? [] : warningsOfTokens(spec),
  columns: [
    { name: 'AttachRequired', type: 'boolean', of: ({ spec }) => spec.attachRequired },
    { name: 'PodInfoOnMount', type: 'boolean', of: ({ spec }) => spec.podInfoOnMount },
    { name: 'StorageCapacity', type: 'boolean', of: ({ spec }) => spec.storageCapacity },
    {
      name: 'TokenRequests',
      type: 'string',
      of: ({ spec }) => spec.tokenRequests?.map(({ audience }) => audience).join(',') ?? '<unset>',
    },
    { name: 'RequiresRepublish', type: 'boolean', of: ({ spec }) => spec.requiresRepublish },
    {
      name: 'Modes',
      type: 'string',
      of: ({ spec }) => spec.volumeLifecycleModes.join(',') || '<none>',
    },
    ageColumn,
  ],
})
export interface CSIDriver extends StoredObject<typeof fields, 'Cluster'> {}
