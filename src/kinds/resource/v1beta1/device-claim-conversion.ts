import type {
  DeviceRequest as StoredRequest,
  ResourceClaimSpec as StoredSpec,
} from '../v1/device-claim.ts'
import type { DeviceRequest, ResourceClaimSpec } from './device-claim.ts'

/** v1beta1 has the fields of an exact request in the request itself; v1 has them in `exactly`. */
export function storedClaimSpec(spec: ResourceClaimSpec): StoredSpec {
  const { requests } = spec.devices
  if (requests == null) return spec as StoredSpec
  return { ...spec, devices: { ...spec.devices, requests: requests.map(storedRequest) } }
}

/** The way back of `storedClaimSpec`. */
export function servedClaimSpec(spec: StoredSpec): ResourceClaimSpec {
  const { requests } = spec.devices
  if (requests == null) return spec as ResourceClaimSpec
  return { ...spec, devices: { ...spec.devices, requests: requests.map(servedRequest) } }
}

function storedRequest({ name, firstAvailable, ...exact }: DeviceRequest): StoredRequest {
  const { deviceClassName, ...rest } = exact
  const isExact = deviceClassName !== '' || Object.values(rest).some((value) => value !== undefined)
  return {
    name,
    ...(isExact ? { exactly: exact as NonNullable<StoredRequest['exactly']> } : {}),
    ...(firstAvailable === undefined ? {} : { firstAvailable }),
  }
}

function servedRequest({ name, exactly, firstAvailable }: StoredRequest): DeviceRequest {
  return {
    name,
    deviceClassName: '',
    ...(exactly ?? {}),
    ...(firstAvailable === undefined ? {} : { firstAvailable }),
  }
}
