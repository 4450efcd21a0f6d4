import type { KubeObject } from '../../machinery/kind.ts'
import { quantityOf } from '../../machinery/quantity.ts'
import { ResourceClaim } from '../resource/v1/resource-claim.ts'
import { countNameOf, ONE, type QuotaEvaluator } from './evaluator.ts'

const COUNT = countNameOf(ResourceClaim)
/** `gpu.deviceclass.resource.k8s.io/devices`: devices of one class. */
const DEVICES = '.deviceclass.resource.k8s.io/devices'
/** An allocation has no more: what a request for all devices of a class is counted as. */
const MOST_DEVICES = 32

interface DeviceRequest {
  readonly deviceClassName: string
  readonly allocationMode?: string | undefined
  readonly count?: number | undefined
}

/** Claims on devices, and the devices of each class that they may get. */
export const resourceClaimEvaluator: QuotaEvaluator = {
  kind: ResourceClaim,
  covers: (resource) => resource === COUNT || resource.endsWith(DEVICES),
  usageOf(object: KubeObject) {
    const counts = new Map<string, number>()
    for (const request of (object as ResourceClaim).spec.devices?.requests ?? []) {
      for (const [name, count] of devicesOf(request)) {
        counts.set(name, (counts.get(name) ?? 0) + count)
      }
    }
    const devices = Array.from(counts, ([name, count]) => [name, quantityOf(count)] as const)
    return new Map([[COUNT, ONE], ...devices])
  },
  isInScope: () => false,
  handles: ({ operation, subresource }) =>
    subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
  frees: () => false,
}

/** Of alternatives the worst counts, class by class. */
function devicesOf({
  exactly,
  firstAvailable = [],
}: {
  readonly exactly?: DeviceRequest | undefined
  readonly firstAvailable?: readonly DeviceRequest[] | undefined
}): ReadonlyMap<string, number> {
  const most = new Map<string, number>()
  const alternatives =
    firstAvailable.length > 0 || exactly === undefined ? firstAvailable : [exactly]
  for (const { deviceClassName, allocationMode, count = 0 } of alternatives) {
    const name = `${deviceClassName}${DEVICES}`
    const devices = { ExactCount: count, All: MOST_DEVICES }[allocationMode ?? ''] ?? 0
    most.set(name, Math.max(devices, most.get(name) ?? 0))
  }
  return most
}
