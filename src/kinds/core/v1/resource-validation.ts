import {
  duplicate,
  type FieldError,
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

type NameRule = (errors: FieldError[], name: string, path: FieldPath) => void
type Amounts = Readonly<Record<string, string>>
type Claims = readonly { readonly name: string }[]

const POD_RESOURCES = ['cpu', 'hugepages-', 'memory']

/** Requests and limits of a container. `podClaims` are the claims of its pod. */
export function validateContainerResources(
  errors: FieldError[],
  resources: ResourceRequirements,
  podClaims: Claims | undefined,
  path: FieldPath,
): void {
  validateResources(errors, resources, podClaims, path, validateContainerResourceName)
}

/** Requests and limits of a pod as a whole. */
export function validatePodResources(
  errors: FieldError[],
  resources: ResourceRequirements,
  path: FieldPath,
): void {
  validateResources(errors, resources, undefined, path, validatePodResourceName)
}

function validateResources(
  errors: FieldError[],
  { limits, requests, claims }: ResourceRequirements,
  podClaims: Claims | undefined,
  path: FieldPath,
  validateName: NameRule,
): void {
  for (const name in limits) {
    const text = limits[name] as string
    const limitPath = path.child('limits').key(name)
    validateName(errors, name, limitPath)
    validateQuantity(errors, name, text, limitPath)
    validateHugePages(errors, name, text, limitPath)
  }
  for (const name in requests) {
    const text = requests[name] as string
    const requestPath = path.child('requests').key(name)
    validateName(errors, name, requestPath)
    validateQuantity(errors, name, text, requestPath)
    validateAgainstLimit(errors, name, text, limits, path)
    validateHugePages(errors, name, text, requestPath)
  }
  if ((hasHugePages(limits) || hasHugePages(requests)) && !hasCompute(limits, requests)) {
    errors.push(forbidden(path, 'HugePages require cpu or memory'))
  }
  if (claims) validateClaims(errors, claims, podClaims ?? [], path.child('claims'))
}

function hasHugePages(amounts: Amounts | undefined): boolean {
  for (const name in amounts) if (isHugePages(name)) return true
  return false
}

function hasCompute(...all: readonly (Amounts | undefined)[]): boolean {
  return all.some((amounts) => amounts && ('cpu' in amounts || 'memory' in amounts))
}

/** Of a vendor's resource or huge pages, exactly what is asked for must be given. */
function validateAgainstLimit(
  errors: FieldError[],
  name: string,
  text: string,
  limits: Amounts | undefined,
  path: FieldPath,
): void {
  const mustBeEqual = !isOvercommitAllowed(name)
  const limitText = limits && Object.hasOwn(limits, name) ? limits[name] : undefined
  if (limitText === undefined) {
    if (!mustBeEqual) return
    const why = 'Limit must be set for non overcommitable resources'
    errors.push(required(path.child('limits'), why))
    return
  }
  if (text === limitText) return
  const order = parseQuantity(text).compare(parseQuantity(limitText))
  if (order === 0 || (order < 0 && !mustBeEqual)) return
  const relation = mustBeEqual ? 'equal to' : 'less than or equal to'
  const why = `must be ${relation} ${name} limit of ${limitText}`
  errors.push(invalid(path.child('requests'), text, why))
}

/** An amount is never negative, and of counted things it is whole. */
export function validateQuantity(
  errors: FieldError[],
  name: string,
  text: string,
  path: FieldPath,
): void {
  const quantity = parseQuantity(text)
  if (quantity.sign < 0) errors.push(invalid(path, text, 'must be greater than or equal to 0'))
  if (isIntegerResource(name) && quantity.toMilli() % 1000 !== 0) {
    errors.push(invalid(path, text, 'must be an integer'))
  }
}

function validateHugePages(
  errors: FieldError[],
  name: string,
  text: string,
  path: FieldPath,
): void {
  if (!isHugePages(name) || isMultipleOfPage(text, hugePageSizeOf(name))) return
  errors.push(invalid(path, text, `${text} is not positive integer multiple of ${name}`))
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

export function validateResourceName(errors: FieldError[], name: string, path: FieldPath): void {
  const reasons = qualifiedNameErrors(name)
  errors.push(...invalids(path, name, reasons))
  if (reasons.length === 0 && !name.includes('/') && !isStandardResource(name)) {
    errors.push(invalid(path, name, 'must be a standard resource type or fully qualified'))
  }
}

export function validateContainerResourceName(
  errors: FieldError[],
  name: string,
  path: FieldPath,
): void {
  validateResourceName(errors, name, path)
  if (!name.includes('/')) {
    if (!isContainerResource(name)) {
      errors.push(invalid(path, name, 'must be a standard resource for containers'))
    }
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    errors.push(invalid(path, name, "doesn't follow extended resource name standard"))
  }
}

function validatePodResourceName(errors: FieldError[], name: string, path: FieldPath): void {
  const before = errors.length
  validateResourceName(errors, name, path)
  if (errors.length > before || name === 'cpu' || name === 'memory' || isHugePages(name)) return
  errors.push(notSupported(path, name, POD_RESOURCES))
}

/** Each claim, or each request of one, may be named once, and the pod must have it. */
function validateClaims(
  errors: FieldError[],
  claims: readonly ResourceClaim[],
  podClaims: Claims,
  path: FieldPath,
): void {
  const seen = new Set<string>()
  for (const [index, { name, request = '' }] of claims.entries()) {
    const itemPath = path.index(index)
    if (name === '') {
      errors.push(required(itemPath))
      continue
    }
    if (seen.has(name)) errors.push(duplicate(itemPath, name))
    else {
      if (request !== '') errors.push(...validateDnsLabel(request, itemPath.child('request')))
      const key = request === '' ? name : `${name}/${request}`
      const overlaps = request === '' && [...seen].some((one) => one.startsWith(`${name}/`))
      if (seen.has(key) || overlaps) errors.push(duplicate(itemPath, key))
      seen.add(key)
    }
    if (!podClaims.some((one) => one.name === name))
      errors.push(unknownClaim(name, podClaims, itemPath))
  }
}

function unknownClaim(name: string, podClaims: Claims, path: FieldPath): FieldError {
  const error = notFoundField(path, name)
  const names = podClaims.map((claim) => claim.name).sort()
  const list = names.length === 0 ? ' which is empty' : `: ${names.join(', ')}`
  const detail = `must be one of the names in pod.spec.resourceClaims${list}`
  return { ...error, message: `${error.message}: ${detail}` }
}
