import type { KubeObject, StoredAs } from '../../../machinery/kind.ts'
import { ResourceClaim as StoredClaim } from '../v1/resource-claim.ts'
import { servedClaimSpec, storedClaimSpec } from './device-claim-conversion.ts'
import type { ResourceClaim } from './resource-claim.ts'

/** Claims are stored as v1, which only describes the requests otherwise. */
export const resourceClaimConversion: StoredAs = {
  kind: () => StoredClaim,
  toStored(object: KubeObject): StoredClaim {
    const claim = object as ResourceClaim
    return { ...claim, apiVersion: StoredClaim.apiVersion, spec: storedClaimSpec(claim.spec) }
  },
  fromStored(object: KubeObject): ResourceClaim {
    const claim = object as StoredClaim
    return { ...claim, apiVersion: 'resource.k8s.io/v1beta1', spec: servedClaimSpec(claim.spec) }
  },
}
