import {
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../../machinery/field-error.ts'
import { validateDnsLabel, validateDnsSubdomain } from '../../core/v1/field-rules.ts'
import { validateItems, validateSet } from './collection-rules.ts'
import type {
  DeviceClaim,
  DeviceClaimConfiguration,
  DeviceConstraint,
  DeviceRequest,
  DeviceSubRequest,
  ExactDeviceRequest,
} from './device-claim.ts'
import {
  validateConfiguration,
  validateDeviceToleration,
  validateFullyQualifiedId,
} from './device-rules.ts'
import type { DeviceSelector } from './device-selector.ts'
import { validateSelectorExpression } from './device-selector-validation.ts'

const MOST_REQUESTS = 32
const MOST_CONSTRAINTS = 32
export const MOST_CONFIGURATIONS = 32
const MOST_SELECTORS = 32
const MOST_ALTERNATIVES = 8
const MOST_TOLERATIONS = 16
const LONGEST_EXPRESSION = 10 * 1024
const MODES = ['All', 'ExactCount']
const ONE_OF = 'exactly one of `exactly` or `firstAvailable` is required'
const BAD_REFERENCE =
  'must be the name of a request in the claim or the name of a request and a subrequest ' +
  "separated by '/'"

/** Requests that can be referred to, with their alternatives. */
export type RequestNames = ReadonlyMap<string, ReadonlySet<string>>

export function requestNamesOf({ requests }: DeviceClaim): RequestNames {
  return new Map(
    (requests ?? []).map(({ name, firstAvailable = [] }) => [
      name,
      new Set(firstAvailable.map((one) => one.name)),
    ]),
  )
}

/** Which devices are wanted and how they go together. */
export function* validateDeviceClaim(claim: DeviceClaim, path: FieldPath): FieldErrors {
  const { constraints = [], config = [] } = claim
  const requests = claim.requests ?? []
  const names = requestNamesOf(claim)
  const nameOf = ({ name }: DeviceRequest) => name
  yield* validateSet(requests, MOST_REQUESTS, validateRequest, nameOf, path.child('requests'))
  yield* validateItems(
    constraints,
    MOST_CONSTRAINTS,
    (constraint, at) => validateConstraint(constraint, names, at),
    path.child('constraints'),
  )
  yield* validateItems(
    config,
    MOST_CONFIGURATIONS,
    (one, at) => validateClaimConfiguration(one, names, at, false),
    path.child('config'),
  )
}

/** Configuration for some requests. */
export function* validateClaimConfiguration(
  { requests = [], opaque }: DeviceClaimConfiguration,
  names: RequestNames,
  path: FieldPath,
  isStored: boolean,
): FieldErrors {
  yield* validateReferences(requests, names, path.child('requests'))
  yield* validateConfiguration(opaque, path, isStored)
}

function* validateRequest(request: DeviceRequest, path: FieldPath): FieldErrors {
  yield* validateDnsLabel(request.name, path.child('name'))
  const { exactly, firstAvailable = [] } = request
  if (exactly === undefined && firstAvailable.length === 0) yield required(path, ONE_OF)
  else if (exactly !== undefined && firstAvailable.length > 0) {
    yield invalid(path, undefined, `${ONE_OF}, but multiple fields are set`)
  } else if (exactly !== undefined) yield* validateWanted(exactly, path.child('exactly'))
  else {
    yield* validateSet(
      firstAvailable,
      MOST_ALTERNATIVES,
      validateAlternative,
      ({ name }) => name,
      path.child('firstAvailable'),
    )
  }
}

function* validateAlternative(request: DeviceSubRequest, path: FieldPath): FieldErrors {
  yield* validateDnsLabel(request.name, path.child('name'))
  yield* validateWanted(request, path)
}

function* validateWanted(
  request: ExactDeviceRequest | DeviceSubRequest,
  path: FieldPath,
): FieldErrors {
  const { deviceClassName, selectors = [], allocationMode, count = 0, tolerations = [] } = request
  const classPath = path.child('deviceClassName')
  if (deviceClassName === '') yield required(classPath)
  else yield* validateDnsSubdomain(deviceClassName, classPath)
  yield* validateSelectors(selectors, path.child('selectors'), false)
  const countPath = path.child('count')
  if (allocationMode === 'All') {
    if (count !== 0) {
      yield invalid(countPath, count, "must not be specified when allocationMode is 'All'")
    }
  } else if (allocationMode === 'ExactCount') {
    if (count <= 0) yield invalid(countPath, count, 'must be greater than zero')
  } else yield notSupported(path.child('allocationMode'), allocationMode, MODES)
  const tolerationsPath = path.child('tolerations')
  yield* validateItems(tolerations, MOST_TOLERATIONS, validateDeviceToleration, tolerationsPath)
}

/** Expressions that choose devices. `isStored`: they were accepted before. */
export function validateSelectors(
  selectors: readonly DeviceSelector[],
  path: FieldPath,
  isStored: boolean,
): FieldErrors {
  return validateItems(
    selectors,
    MOST_SELECTORS,
    (selector, at) => validateSelector(selector, at, isStored),
    path,
  )
}

function* validateSelector(
  { cel }: DeviceSelector,
  path: FieldPath,
  isStored: boolean,
): FieldErrors {
  const celPath = path.child('cel')
  const expressionPath = celPath.child('expression')
  if (cel === undefined) yield required(celPath)
  else if (Buffer.byteLength(cel.expression) > LONGEST_EXPRESSION) {
    yield tooLong(expressionPath, LONGEST_EXPRESSION)
  } else yield* validateSelectorExpression(cel.expression, expressionPath, isStored)
}

function* validateConstraint(
  { requests = [], matchAttribute, distinctAttribute }: DeviceConstraint,
  names: RequestNames,
  path: FieldPath,
): FieldErrors {
  yield* validateReferences(requests, names, path.child('requests'))
  if (matchAttribute !== undefined) {
    yield* validateFullyQualifiedId(matchAttribute, path.child('matchAttribute'))
  } else if (distinctAttribute !== undefined) {
    yield* validateFullyQualifiedId(distinctAttribute, path.child('distinctAttribute'))
  } else {
    const which = 'exactly one of "matchAttribute" or "distinctAttribute" is required'
    yield required(path, `${which}, but multiple fields are set`)
  }
}

/** Names of requests, each once. */
function validateReferences(
  requests: readonly string[],
  names: RequestNames,
  path: FieldPath,
): FieldErrors {
  return validateSet(
    requests,
    MOST_REQUESTS,
    (name, at) => validateReference(name, names, at),
    (name) => name,
    path,
  )
}

/** The name of a request, or of one of its alternatives behind a slash. */
export function* validateReference(
  name: string,
  names: RequestNames,
  path: FieldPath,
): FieldErrors {
  const parts = name.split('/')
  const [request = '', alternative] = parts
  if (parts.length > 2) {
    yield invalid(path, name, BAD_REFERENCE)
    return
  }
  for (const part of parts) yield* validateDnsLabel(part, path)
  const alternatives = names.get(request)
  const isKnown =
    alternatives !== undefined && (alternative === undefined || alternatives.has(alternative))
  if (!isKnown) yield invalid(path, name, BAD_REFERENCE)
}
