import type { DeviceRequest, ResourceClaimSpec } from './device-claim.ts'

interface Counted {
  readonly allocationMode?: string | undefined
  readonly count?: number | undefined
}

/** Who asks for an exact count without naming it asks for one device. */
export function withDeviceCounts(spec: ResourceClaimSpec): ResourceClaimSpec {
  const { requests } = spec.devices
  if (requests == null) return spec
  const counted = requests.map(countedRequest)
  if (counted.every((request, index) => request === requests[index])) return spec
  return { ...spec, devices: { ...spec.devices, requests: counted } }
}

function countedRequest(request: DeviceRequest): DeviceRequest {
  const { exactly, firstAvailable } = request
  const one = exactly === undefined ? undefined : counted(exactly)
  const several = firstAvailable?.map(counted)
  const isSame =
    one === exactly && (several ?? []).every((each, index) => each === firstAvailable?.[index])
  if (isSame) return request
  return {
    ...request,
    ...(one === undefined ? {} : { exactly: one }),
    ...(several === undefined ? {} : { firstAvailable: several }),
  }
}

function counted<T extends Counted>(request: T): T {
  const isExact = request.allocationMode === 'ExactCount'
  return isExact && !request.count ? { ...request, count: 1 } : request
}
