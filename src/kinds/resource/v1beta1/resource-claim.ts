import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { inVersion } from '../../../machinery/struct-version.ts'
import { ResourceClaimStatus } from '../v1/resource-claim.ts'
import { ResourceClaimSpec } from './device-claim.ts'
import { resourceClaimConversion } from './resource-claim-conversion.ts'

/** Asks for devices, and stands for them in pods. */
export const ResourceClaim = defineKind({
  group: 'resource.k8s.io',
  version: 'v1beta1',
  kind: 'ResourceClaim',
  plural: 'resourceclaims',
  scope: 'Namespaced',
  fields: {
    spec: ResourceClaimSpec,
    status: inVersion(ResourceClaimStatus, 'resource.v1', 'resource.v1beta1').default({}),
  },
  storedAs: resourceClaimConversion,
})
export interface ResourceClaim extends ObjectOfKind<typeof ResourceClaim> {}
