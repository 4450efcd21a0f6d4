import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  collected,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notFoundField,
  required,
  tooLong,
} from '../../../machinery/field-error.ts'
import { parseQuantity } from '../../../machinery/quantity.ts'
import { validateNodeSelector } from '../../core/v1/affinity-validation.ts'
import { validateDnsLabel, validateDnsSubdomain } from '../../core/v1/field-rules.ts'
import { isNativeResource } from '../../core/v1/resource-names.ts'
import { validateEntries, validateItems, validateSet } from './collection-rules.ts'
import type { Counter, Device, DeviceAttribute, DeviceCapacity } from './device.ts'
import {
  validateBindingConditions,
  validateDeviceTaint,
  validateQualifiedId,
} from './device-rules.ts'
import { validateRequestPolicy } from './request-policy-validation.ts'

const MOST_ENTRIES = 32
const MOST_VALUES = 48
const MOST_TAINTS = 16
const MOST_CONSUMPTIONS = 2
const MOST_COUNTERS = 32
const LONGEST_KEY = 63 + 1 + 32
const LONGEST_COUNTER = 63
const LONGEST_VALUE = 64
const ONE_PLACE =
  'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when ' +
  '`perDeviceNodeSelection` is set to true in the ResourceSlice spec'
const NO_PLACE =
  '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set ' +
  'to true in the ResourceSlice spec'
const NUMBER = '(0|[1-9]\\d*)'
const PRE_RELEASE = '(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)'
const BUILD = '[0-9a-zA-Z-]+'
const VERSION = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(-${PRE_RELEASE}(\\.${PRE_RELEASE})*)?` +
    `(\\+${BUILD}(\\.${BUILD})*)?$`,
)
const LISTS = ['bools', 'ints', 'strings', 'versions'] as const

/** One device of a slice. `hasOwnPlace`: each device says from which nodes it is reached. */
export function* validateDevice(
  device: Device,
  old: Device | undefined,
  hasOwnPlace: boolean,
  path: FieldPath,
): FieldErrors {
  const { attributes = {}, capacity = {}, taints = [], consumesCounters = [] } = device
  yield* validateDnsLabel(device.name, path.child('name'))
  yield* validateAmount(device, path)
  const keyed = { key: validateQualifiedId }
  const attributesPath = path.child('attributes')
  const attributeRules = { ...keyed, value: validateAttribute }
  const many = Number.POSITIVE_INFINITY
  yield* validateEntries(attributes, many, LONGEST_KEY, attributeRules, attributesPath)
  const rule = device.allowMultipleAllocations ? validateShared : validateUnshared
  yield* validateEntries(
    capacity,
    many,
    LONGEST_KEY,
    { ...keyed, value: rule },
    path.child('capacity'),
  )
  if (old === undefined || !deepEqual(old.taints, device.taints)) {
    yield* validateItems(
      taints,
      MOST_TAINTS,
      (taint, at) => validateDeviceTaint(taint, undefined, at),
      path.child('taints'),
    )
  }
  yield* validateSet(
    consumesCounters,
    MOST_CONSUMPTIONS,
    ({ counterSet, counters }, at) => validateCounters('counterSet', counterSet, counters, at),
    ({ counterSet }) => counterSet,
    path.child('consumesCounters'),
  )
  yield* validatePlace(device, hasOwnPlace, path)
  const { bindingConditions = [], bindingFailureConditions = [] } = device
  yield* validateBindingConditions(bindingConditions, bindingFailureConditions, path)
  yield* validateMappings(device, path.child('nodeAllocatableResourceMappings'))
}

/** Named amounts of a set of counters, under the field that holds the set's name. */
export function* validateCounters(
  field: string,
  name: string,
  counters: Readonly<Record<string, Counter>>,
  path: FieldPath,
): FieldErrors {
  const namePath = path.child(field)
  const countersPath = path.child('counters')
  if (name === '') yield required(namePath)
  else yield* validateDnsLabel(name, namePath)
  if (Object.keys(counters).length === 0) yield required(countersPath)
  const rules = { key: validateDnsLabel, value: () => [] }
  yield* validateEntries(counters, MOST_COUNTERS, LONGEST_COUNTER, rules, countersPath)
}

function* validateAmount({ attributes = {}, capacity = {} }: Device, path: FieldPath): FieldErrors {
  const entries = Object.keys(attributes).length + Object.keys(capacity).length
  if (entries > MOST_ENTRIES) {
    const what = 'the total number of attributes and capacities must not exceed'
    yield invalid(path, entries, `${what} ${MOST_ENTRIES}`)
  }
  const sizes = Object.values(attributes).map((attribute) => {
    return LISTS.reduce((sum, list) => sum + (attribute[list]?.length ?? 0), 0) || 1
  })
  const values = sizes.reduce((sum, size) => sum + size, 0)
  if (values > MOST_VALUES) {
    yield invalid(
      path,
      values,
      `the total number of attribute values must not exceed ${MOST_VALUES}`,
    )
  }
}

function* validateAttribute(attribute: DeviceAttribute, path: FieldPath): FieldErrors {
  const { string, version, strings = [], versions = [] } = attribute
  if (string !== undefined) yield* validateText(string, path.child('string'))
  if (version !== undefined) yield* validateVersion(version, path.child('version'))
  for (const [index, one] of strings.entries()) {
    yield* validateText(one, path.child('strings').index(index))
  }
  for (const [index, one] of versions.entries()) {
    yield* validateVersion(one, path.child('versions').index(index))
  }
  const given = Object.values(attribute).filter((value) => value !== undefined)
  if (given.length === 1) return
  const shown = given.length === 0 ? '' : attribute
  yield invalid(path, shown, 'exactly one value must be specified')
}

function* validateText(text: string, path: FieldPath): FieldErrors {
  if (Buffer.byteLength(text) > LONGEST_VALUE) yield tooLong(path, LONGEST_VALUE)
}

function* validateVersion(version: string, path: FieldPath): FieldErrors {
  if (!VERSION.test(version)) {
    yield invalid(path, version, 'must be a string compatible with semver.org spec 2.0.0')
  }
  yield* validateText(version, path)
}

function* validateShared({ value, requestPolicy }: DeviceCapacity, path: FieldPath): FieldErrors {
  if (requestPolicy === undefined) return
  yield* validateRequestPolicy(value, requestPolicy, path.child('requestPolicy'))
}

function* validateUnshared({ requestPolicy }: DeviceCapacity, path: FieldPath): FieldErrors {
  if (requestPolicy === undefined) return
  yield forbidden(path.child('requestPolicy'), 'allowMultipleAllocations must be true')
}

function* validatePlace(device: Device, hasOwnPlace: boolean, path: FieldPath): FieldErrors {
  const { nodeName, nodeSelector, allNodes } = device
  if (!hasOwnPlace) {
    const isSet = nodeName !== undefined || nodeSelector !== undefined || allNodes !== undefined
    if (isSet) yield invalid(path, undefined, NO_PLACE)
    return
  }
  const nodePath = path.child('nodeName')
  if (nodeName === '') yield invalid(nodePath, nodeName, 'must not be empty')
  else if (nodeName !== undefined) yield* validateDnsSubdomain(nodeName, nodePath)
  if (nodeSelector !== undefined) {
    const termsPath = path.child('nodeSelector', 'nodeSelectorTerms')
    yield* collected(validateNodeSelector, nodeSelector.nodeSelectorTerms, termsPath)
  }
  if (allNodes === false) {
    yield invalid(path.child('allNodes'), allNodes, 'must be either unset or set to true')
  }
  const set = [
    ...(nodeName ? ['`nodeName`'] : []),
    ...(nodeSelector === undefined ? [] : ['`nodeSelector`']),
    ...(allNodes ? ['`allNodes`'] : []),
  ]
  if (set.length === 0) yield required(path, ONE_PLACE)
  else if (set.length > 1) yield invalid(path, `{${set.join(', ')}}`, ONE_PLACE)
}

function* validateMappings(device: Device, path: FieldPath): FieldErrors {
  const { nodeAllocatableResourceMappings: mappings = {}, capacity = {} } = device
  for (const [name, { allocationMultiplier: factor, capacityKey: key }] of Object.entries(
    mappings,
  )) {
    const at = path.key(name)
    if (!isNativeResource(name)) yield invalid(at, name, 'must be a node allocatable resource name')
    if (factor === undefined && key === undefined) {
      yield invalid(at, '', 'at least one of allocationMultiplier or capacityKey must be set')
    }
    if (factor !== undefined && parseQuantity(factor).sign <= 0) {
      yield invalid(at.child('allocationMultiplier'), factor, 'must be positive')
    }
    const keyPath = at.child('capacityKey')
    if (key === '') yield invalid(keyPath, '', 'capacityKey must not be an empty string')
    else if (key !== undefined && !Object.hasOwn(capacity, key)) yield notFoundField(keyPath, key)
  }
}
