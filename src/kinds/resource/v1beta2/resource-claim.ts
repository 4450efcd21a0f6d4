import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { storedUnderVersion } from '../../../machinery/stored-as.ts'
import { inVersion } from '../../../machinery/struct-version.ts'
import { ageColumn } from '../../column-text.ts'
import { claimState } from '../v1/claim-state.ts'
import { ResourceClaimSpec } from '../v1/device-claim.ts'
import { withDeviceCounts } from '../v1/device-claim-defaults.ts'
import { ResourceClaimStatus, ResourceClaim as ResourceClaimV1 } from '../v1/resource-claim.ts'

const fields = {
  spec: inVersion(ResourceClaimSpec, 'resource.v1', 'resource.v1beta2'),
  status: inVersion(ResourceClaimStatus, 'resource.v1', 'resource.v1beta2').default({}),
}

/** Asks for devices, and stands for them in pods. */
export const ResourceClaim = defineKind({
  group: 'resource.k8s.io',
  version: 'v1beta2',
  kind: 'ResourceClaim',
  plural: 'resourceclaims',
  scope: 'Namespaced',
  fields,
  setDefaults(claim) {
    const spec = withDeviceCounts(claim.spec)
    return spec === claim.spec ? claim : { ...claim, spec }
  },
  returnsDeletedObject: true,
  hasGeneration: false,
  columns: [{ name: 'State', type: 'string', of: claimState }, ageColumn],
  storedAs: storedUnderVersion(() => ResourceClaimV1, 'resource.k8s.io/v1beta2'),
})
export interface ResourceClaim extends StoredObject<typeof fields, 'Namespaced'> {}
