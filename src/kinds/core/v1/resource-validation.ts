import {
  duplicate,
  type FieldError,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notFoundField,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { qualifiedNameErrors } from '../../../machinery/names.ts'
import { parseQuantity, QuantitySyntaxError } from '../../../machinery/quantity.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import { validateDnsLabel } from './field-rules.ts'
import {
  hugePageSizeOf,
  isContainerResource,
  isExtendedResource,
  isHugePages,
  isIntegerResource,
  isNativeResource,
  isOvercommitAllowed,
  isStandardResource,
} from './resource-names.ts'
import type { ResourceClaim, ResourceRequirements } from './resources.ts'

type NameRule = (name: string, path: FieldPath) => FieldErrors
const POD_RESOURCES = ['cpu', 'hugepages-', 'memory']

/** Requests and limits of a container. `claims` are the names of the pod's claims. */
export function validateContainerResources(
  resources: ResourceRequirements,
  claims: readonly string[],
  path: FieldPath,
): FieldErrors {
  return validateResources(resources, claims, path, validateContainerResourceName)
}

/** Requests and limits of a pod as a whole. */
export function validatePodResources(
  resources: ResourceRequirements,
  path: FieldPath,
): FieldErrors {
  return validateResources(resources, [], path, validatePodResourceName)
}

function* validateResources(
  { limits = {}, requests = {}, claims = [] }: ResourceRequirements,
  podClaims: readonly string[],
  path: FieldPath,
  validateName: NameRule,
): FieldErrors {
  const [limitsPath, requestsPath] = [path.child('limits'), path.child('requests')]
  for (const [name, text] of Object.entries(limits)) {
    yield* validateName(name, limitsPath.key(name))
    yield* validateQuantity(name, text, limitsPath.key(name))
    yield* validateHugePages(name, text, limitsPath.key(name))
  }
  for (const [name, text] of Object.entries(requests)) {
    yield* validateName(name, requestsPath.key(name))
    yield* validateQuantity(name, text, requestsPath.key(name))
    yield* validateAgainstLimit(name, text, limits[name], { limitsPath, requestsPath })
    yield* validateHugePages(name, text, requestsPath.key(name))
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)]
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) {
    yield forbidden(path, 'HugePages require cpu or memory')
  }
  yield* validateClaims(claims, podClaims, path.child('claims'))
}

/** Of a vendor's resource or huge pages, exactly what is asked for must be given. */
function* validateAgainstLimit(
  name: string,
  text: string,
  limitText: string | undefined,
  {
    limitsPath,
    requestsPath,
  }: { readonly limitsPath: FieldPath; readonly requestsPath: FieldPath },
): FieldErrors {
  const mustBeEqual = !isOvercommitAllowed(name)
  if (limitText === undefined) {
    if (mustBeEqual)
      yield required(limitsPath, 'Limit must be set for non overcommitable resources')
    return
  }
  const order = parseQuantity(text).compare(parseQuantity(limitText))
  if (order !== 0 && mustBeEqual) {
    yield invalid(requestsPath, text, `must be equal to ${name} limit of ${limitText}`)
  } else if (order > 0) {
    yield invalid(requestsPath, text, `must be less than or equal to ${name} limit of ${limitText}`)
  }
}

/** An amount is never negative, and of counted things it is whole. */
export function* validateQuantity(name: string, text: string, path: FieldPath): FieldErrors {
  const quantity = parseQuantity(text)
  if (quantity.sign < 0) yield invalid(path, text, 'must be greater than or equal to 0')
  if (isIntegerResource(name) && quantity.toMilli() % 1000 !== 0) {
    yield invalid(path, text, 'must be an integer')
  }
}

function* validateHugePages(name: string, text: string, path: FieldPath): FieldErrors {
  if (!isHugePages(name) || isMultipleOfPage(text, hugePageSizeOf(name))) return
  yield invalid(path, text, `${text} is not positive integer multiple of ${name}`)
}

function isMultipleOfPage(text: string, pageText: string): boolean {
  try {
    const page = parseQuantity(pageText)
    if (page.sign <= 0 || page.toMilli() % 1000 !== 0) return false
    return parseQuantity(text).scaled(0) % page.scaled(0) === 0n
  } catch (error) {
    if (error instanceof QuantitySyntaxError) return false
    throw error
  }
}

export function* validateResourceName(name: string, path: FieldPath): FieldErrors {
  const errors = invalids(path, name, qualifiedNameErrors(name))
  yield* errors
  if (errors.length === 0 && !name.includes('/') && !isStandardResource(name)) {
    yield invalid(path, name, 'must be a standard resource type or fully qualified')
  }
}

export function* validateContainerResourceName(name: string, path: FieldPath): FieldErrors {
  yield* validateResourceName(name, path)
  if (!name.includes('/')) {
    if (!isContainerResource(name)) {
      yield invalid(path, name, 'must be a standard resource for containers')
    }
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    yield invalid(path, name, "doesn't follow extended resource name standard")
  }
}

function* validatePodResourceName(name: string, path: FieldPath): FieldErrors {
  const errors = [...validateResourceName(name, path)]
  yield* errors
  if (errors.length > 0 || name === 'cpu' || name === 'memory' || isHugePages(name)) return
  yield notSupported(path, name, POD_RESOURCES)
}

/** Each claim, or each request of one, may be named once, and the pod must have it. */
function* validateClaims(
  claims: readonly ResourceClaim[],
  podClaims: readonly string[],
  path: FieldPath,
): FieldErrors {
  const seen = new Set<string>()
  for (const [index, { name, request = '' }] of claims.entries()) {
    const itemPath = path.index(index)
    if (name === '') {
      yield required(itemPath)
      continue
    }
    if (seen.has(name)) yield duplicate(itemPath, name)
    else {
      if (request !== '') yield* validateDnsLabel(request, itemPath.child('request'))
      const key = request === '' ? name : `${name}/${request}`
      const overlaps = request === '' && [...seen].some((one) => one.startsWith(`${name}/`))
      if (seen.has(key) || overlaps) yield duplicate(itemPath, key)
      seen.add(key)
    }
    if (!podClaims.includes(name)) yield unknownClaim(name, podClaims, itemPath)
  }
}

function unknownClaim(name: string, podClaims: readonly string[], path: FieldPath): FieldError {
  const error = notFoundField(path, name)
  const list = podClaims.length === 0 ? ' which is empty' : `: ${podClaims.toSorted().join(', ')}`
  const detail = `must be one of the names in pod.spec.resourceClaims${list}`
  return { ...error, message: `${error.message}: ${detail}` }
}
