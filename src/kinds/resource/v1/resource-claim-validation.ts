import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  collected,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
} from '../../../machinery/field-error.ts'
import { interfaceAddressErrors } from '../../../machinery/ip-address.ts'
import {
  invalids,
  validateImmutable,
  validateTemplateMetadata,
} from '../../../machinery/validate-object-meta.ts'
import { validateNodeSelector } from '../../core/v1/affinity-validation.ts'
import { validateDnsLabel } from '../../core/v1/field-rules.ts'
import { validateMetaConditions } from '../../meta-conditions-validation.ts'
import { validateDriverName } from '../../storage/v1/csi-driver-name.ts'
import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
} from './allocation-result.ts'
import { validateItems, validateSet } from './collection-rules.ts'
import {
  MOST_CONFIGURATIONS,
  type RequestNames,
  requestNamesOf,
  validateClaimConfiguration,
  validateDeviceClaim,
  validateReference,
} from './device-claim-validation.ts'
import {
  validateBindingConditions,
  validatePoolName,
  validateRaw,
  validateShareId,
} from './device-rules.ts'
import type {
  AllocatedDeviceStatus,
  NetworkDeviceData,
  ResourceClaim,
  ResourceClaimConsumerReference,
} from './resource-claim.ts'
import type { ResourceClaimTemplate } from './resource-claim-template.ts'

const MOST_RESULTS = 32
const MOST_CONSUMERS = 256
const MOST_CONDITIONS = 8
const MOST_ADDRESSES = 16
const LONGEST_INTERFACE = 256
const LONGEST_HARDWARE_ADDRESS = 128
const CONFIG_SOURCES = ['FromClaim', 'FromClass']

export function validateResourceClaim({ spec }: ResourceClaim, path: FieldPath): FieldErrors {
  return validateDeviceClaim(spec.devices, path.child('spec', 'devices'))
}

/** What is wanted stays as it is. */
export function validateResourceClaimUpdate(
  claim: ResourceClaim,
  old: ResourceClaim,
  path: FieldPath,
): FieldErrors {
  return validateImmutable(claim.spec, old.spec, path.child('spec'))
}

export function* validateResourceClaimTemplate(
  { spec }: ResourceClaimTemplate,
  path: FieldPath,
): FieldErrors {
  yield* collected(validateTemplateMetadata, spec.metadata, path.child('spec', 'metadata'))
  yield* validateDeviceClaim(spec.spec.devices, path.child('spec', 'spec', 'devices'))
}

export function* validateResourceClaimTemplateUpdate(
  template: ResourceClaimTemplate,
  old: ResourceClaimTemplate,
  path: FieldPath,
): FieldErrors {
  yield* validateResourceClaimTemplate(template, path)
  yield* validateImmutable(template.spec, old.spec, path.child('spec'))
}

/** What was allocated stays as it is until all of it is given back. */
export function* validateResourceClaimStatusUpdate(
  claim: ResourceClaim,
  old: ResourceClaim,
  path: FieldPath,
): FieldErrors {
  const statusPath = path.child('status')
  const { allocation, reservedFor = [], devices = [] } = claim.status
  const reservedPath = statusPath.child('reservedFor')
  const uidOf = ({ uid }: ResourceClaimConsumerReference) => uid
  yield* validateSet(reservedFor, MOST_CONSUMERS, validateConsumer, uidOf, reservedPath)
  const allocated = new Set((allocation?.devices.results ?? []).map(deviceIdOf))
  yield* validateSet(
    devices,
    Number.POSITIVE_INFINITY,
    (device, at) => validateDeviceStatus(device, allocated, at),
    shownId,
    statusPath.child('devices'),
  )
  yield* validateReservations(claim, old, reservedPath)
  const allocationPath = statusPath.child('allocation')
  if (allocation === undefined) return
  if (old.status.allocation !== undefined) {
    yield* validateImmutable(allocation, old.status.allocation, allocationPath)
  } else {
    yield* validateAllocation(allocation, requestNamesOf(claim.spec.devices), allocationPath)
  }
}

function* validateReservations(
  { metadata, status }: ResourceClaim,
  old: ResourceClaim,
  path: FieldPath,
): FieldErrors {
  const { allocation, reservedFor = [] } = status
  if (reservedFor.length === 0) return
  if (allocation === undefined) {
    yield forbidden(path, 'may not be specified when `allocated` is not set')
  } else if (metadata.deletionTimestamp !== undefined) {
    const before = old.status.reservedFor ?? []
    if (reservedFor.every((one) => before.some((other) => deepEqual(one, other)))) return
    const when = 'while `deallocationRequested` or `deletionTimestamp` are set'
    yield forbidden(path, `new entries may not be added ${when}`)
  }
}

function* validateConsumer(consumer: ResourceClaimConsumerReference, path: FieldPath): FieldErrors {
  for (const field of ['resource', 'name', 'uid'] as const) {
    if (consumer[field] === '') yield required(path.child(field))
  }
}

interface DeviceId {
  readonly driver: string
  readonly pool: string
  readonly device: string
  readonly shareID?: string | undefined
}

function deviceIdOf({ driver, pool, device, shareID = '' }: DeviceId): string {
  return JSON.stringify([driver, pool, device, shareID])
}

/** As upstream's identity of a share of a device is written. */
function shownId({ driver, pool, device, shareID = '' }: DeviceId): unknown {
  return { Driver: driver, Pool: pool, Device: device, ShareID: shareID }
}

function* validateDeviceStatus(
  status: AllocatedDeviceStatus,
  allocated: ReadonlySet<string>,
  path: FieldPath,
): FieldErrors {
  const { driver, pool, device, shareID, conditions, data, networkData } = status
  yield* validateDriverName(driver, path.child('driver'))
  yield* validatePoolName(pool, path.child('pool'))
  yield* validateDnsLabel(device, path.child('device'))
  if (shareID !== undefined) yield* validateShareId(shareID, path.child('shareID'))
  if (!allocated.has(deviceIdOf(status))) {
    yield invalid(path, shownId(status), 'must be an allocated device in the claim')
  }
  const conditionsPath = path.child('conditions')
  const count = conditions?.length ?? 0
  if (count > MOST_CONDITIONS) yield tooMany(conditionsPath, count, MOST_CONDITIONS)
  yield* validateMetaConditions(conditions ?? undefined, conditionsPath)
  if (data !== undefined) yield* validateRaw(data, path.child('data'), false)
  if (networkData !== undefined) yield* validateNetworkData(networkData, path.child('networkData'))
}

function* validateNetworkData(
  { interfaceName = '', hardwareAddress = '', ips = [] }: NetworkDeviceData,
  path: FieldPath,
): FieldErrors {
  if (Buffer.byteLength(interfaceName) > LONGEST_INTERFACE) {
    yield tooLong(path.child('interfaceName'), LONGEST_INTERFACE)
  }
  if (Buffer.byteLength(hardwareAddress) > LONGEST_HARDWARE_ADDRESS) {
    yield tooLong(path.child('hardwareAddress'), LONGEST_HARDWARE_ADDRESS)
  }
  yield* validateSet(
    ips,
    MOST_ADDRESSES,
    (address, at) => invalids(at, address, interfaceAddressErrors(address)),
    (address) => address,
    path.child('ips'),
  )
}

function* validateAllocation(
  { devices, nodeSelector }: AllocationResult,
  names: RequestNames,
  path: FieldPath,
): FieldErrors {
  const devicesPath = path.child('devices')
  yield* validateItems(
    devices.results ?? [],
    MOST_RESULTS,
    (result, at) => validateResult(result, names, at),
    devicesPath.child('results'),
  )
  yield* validateItems(
    devices.config ?? [],
    2 * MOST_CONFIGURATIONS,
    (config, at) => validateAllocatedConfiguration(config, names, at),
    devicesPath.child('config'),
  )
  if (nodeSelector === undefined) return
  const termsPath = path.child('nodeSelector', 'nodeSelectorTerms')
  yield* collected(validateNodeSelector, nodeSelector.nodeSelectorTerms, termsPath)
}

function* validateResult(
  result: DeviceRequestAllocationResult,
  names: RequestNames,
  path: FieldPath,
): FieldErrors {
  const { request, driver, pool, device, shareID } = result
  yield* validateReference(request, names, path.child('request'))
  yield* validateDriverName(driver, path.child('driver'))
  yield* validatePoolName(pool, path.child('pool'))
  yield* validateDnsLabel(device, path.child('device'))
  const { bindingConditions = [], bindingFailureConditions = [] } = result
  yield* validateBindingConditions(bindingConditions, bindingFailureConditions, path)
  if (shareID !== undefined) yield* validateShareId(shareID, path.child('shareID'))
}

function* validateAllocatedConfiguration(
  config: DeviceAllocationConfiguration,
  names: RequestNames,
  path: FieldPath,
): FieldErrors {
  const source: string = config.source
  const sourcePath = path.child('source')
  if (source === '') yield required(sourcePath)
  else if (!CONFIG_SOURCES.includes(source)) yield notSupported(sourcePath, source, CONFIG_SOURCES)
  yield* validateClaimConfiguration(config, names, path, false)
}
