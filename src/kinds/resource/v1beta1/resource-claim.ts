import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { inVersion } from '../../../machinery/struct-version.ts'
import { ageColumn } from '../../column-text.ts'
import { claimState } from '../v1/claim-state.ts'
import { ResourceClaimStatus } from '../v1/resource-claim.ts'
import { ResourceClaimSpec } from './device-claim.ts'
import { resourceClaimConversion } from './resource-claim-conversion.ts'

const fields = {
  spec: ResourceClaimSpec,
  status: inVersion(ResourceClaimStatus, 'resource.v1', 'resource.v1beta1').default({}),
}

/** Asks for devices, and stands for them in pods. */
export const ResourceClaim = defineKind({
  group: 'resource.k8s.io',
  version: 'v1beta1',
  kind: 'ResourceClaim',
  plural: 'resourceclaims',
  scope: 'Namespaced',
  fields,
  returnsDeletedObject: true,
  hasGeneration: false,
  columns: [{ name: 'State', type: 'string', of: claimState }, ageColumn],
  storedAs: resourceClaimConversion,
})
export interface ResourceClaim extends StoredObject<typeof fields, 'Namespaced'> {}
