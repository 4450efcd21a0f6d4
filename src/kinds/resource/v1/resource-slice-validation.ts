import {
  collected,
  type FieldErrors,
  type FieldPath,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import { validateImmutable } from '../../../machinery/validate-object-meta.ts'
import { validateNodeSelector } from '../../core/v1/affinity-validation.ts'
import { validateDnsSubdomain } from '../../core/v1/field-rules.ts'
import { validateDriverName } from '../../storage/v1/csi-driver-name.ts'
import { validateSet } from './collection-rules.ts'
import { validatePoolName } from './device-rules.ts'
import { validateCounters, validateDevice } from './device-validation.ts'
import type { ResourceSlice, ResourceSliceSpec } from './resource-slice.ts'

const MOST_DEVICES = 128
/** Where a device has what takes more time: taints, counters or lists. */
const MOST_RICH_DEVICES = 64
const MOST_COUNTER_SETS = 8
const ONE_PLACE =
  'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'

export function validateResourceSlice({ spec }: ResourceSlice, path: FieldPath): FieldErrors {
  return validateSpec(spec, undefined, path.child('spec'))
}

/** A slice stays with its driver, pool and node. */
export function validateResourceSliceUpdate(
  { spec }: ResourceSlice,
  old: ResourceSlice,
  path: FieldPath,
): FieldErrors {
  return validateSpec(spec, old.spec, path.child('spec'))
}

/** Drivers' names are the same in whatever case, so they should have only one. */
export function* resourceSliceWarnings({ spec }: ResourceSlice): Iterable<string> {
  const { driver } = spec
  if (driver === driver.toLowerCase()) return
  const what = `${JSON.stringify(driver)} contains uppercase characters`
  yield `spec.driver: driver names should be lowercase; ${what}`
}

function* validateSpec(
  spec: ResourceSliceSpec,
  old: ResourceSliceSpec | undefined,
  path: FieldPath,
): FieldErrors {
  const { driver, pool, nodeName, devices, sharedCounters } = spec
  const poolPath = path.child('pool')
  yield* validateDriverName(driver, path.child('driver'))
  yield* validatePoolName(pool.name, poolPath.child('name'))
  const { resourceSliceCount: count, generation } = pool
  if (count <= 0) {
    yield invalid(poolPath.child('resourceSliceCount'), count, 'must be greater than zero')
  }
  if (generation < 0) {
    const why = 'must be greater than or equal to zero'
    yield invalid(poolPath.child('generation'), generation, why)
  }
  if (old !== undefined) {
    yield* validateImmutable(pool.name, old.pool.name, poolPath.child('name'))
    yield* validateImmutable(driver, old.driver, path.child('driver'))
    yield* validateImmutable(nodeName, old.nodeName, path.child('nodeName'))
  }
  yield* validatePlace(spec, path)
  if (sharedCounters !== undefined && devices !== undefined) {
    yield invalid(path, '', 'only one of `sharedCounters` or `devices` is allowed')
  }
  const hasOwnPlace = spec.perDeviceNodeSelection === true
  yield* validateSet(
    devices ?? [],
    isRich(spec) ? MOST_RICH_DEVICES : MOST_DEVICES,
    (device, at) => {
      const before = old?.devices?.find(({ name }) => name === device.name)
      return validateDevice(device, before, hasOwnPlace, at)
    },
    ({ name }) => name,
    path.child('devices'),
  )
  yield* validateSet(
    sharedCounters ?? [],
    MOST_COUNTER_SETS,
    ({ name, counters }, at) => validateCounters('name', name, counters, at),
    ({ name }) => name,
    path.child('sharedCounters'),
  )
}

function* validatePlace(spec: ResourceSliceSpec, path: FieldPath): FieldErrors {
  const { nodeName, nodeSelector, allNodes, perDeviceNodeSelection } = spec
  const nodePath = path.child('nodeName')
  if (nodeName === '') {
    yield invalid(nodePath, nodeName, 'must be either unset or set to a non-empty string')
  } else if (nodeName !== undefined) yield* validateDnsSubdomain(nodeName, nodePath)
  if (nodeSelector !== undefined) {
    const { nodeSelectorTerms: terms } = nodeSelector
    const termsPath = path.child('nodeSelector', 'nodeSelectorTerms')
    yield* collected(validateNodeSelector, terms, termsPath)
    if (terms.length !== 1) {
      yield invalid(termsPath, terms, 'must have exactly one node selector term')
    }
  }
  const flags = { allNodes, perDeviceNodeSelection }
  for (const [name, flag] of Object.entries(flags)) {
    if (flag === false) yield invalid(path.child(name), flag, 'must be either unset or set to true')
  }
  const set = [
    ...(nodeName ? ['`nodeName`'] : []),
    ...(nodeSelector === undefined ? [] : ['`nodeSelector`']),
    ...(allNodes ? ['`allNodes`'] : []),
    ...(perDeviceNodeSelection ? ['`perDeviceNodeSelection`'] : []),
  ]
  if (set.length === 0) yield required(path, ONE_PLACE)
  else if (set.length > 1) {
    yield invalid(path, `{${set.join(', ')}}`, `${ONE_PLACE}, but multiple fields are set`)
  }
}

function isRich({ devices = [] }: ResourceSliceSpec): boolean {
  return devices.some(({ taints = [], consumesCounters = [], attributes = {} }) => {
    if (taints.length > 0 || consumesCounters.length > 0) return true
    return Object.values(attributes).some(({ bools, ints, strings, versions }) => {
      return [bools, ints, strings, versions].some((list) => list !== undefined)
    })
  })
}
