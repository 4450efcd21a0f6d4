import {
  type FieldError,
  type FieldPath,
  invalid,
  NO_ERRORS,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { ipErrors } from '../../../machinery/ip-address.ts'
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  httpPathErrors,
  portNameErrors,
  portNumberErrors,
  qualifiedNameErrors,
  userIdErrors,
} from '../../../machinery/names.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'

/** What is wrong with one value, `NO_ERRORS` for most. */
type Found = readonly FieldError[]

const FILE_MODE = 'must be a number between 0 and 0777 (octal), both inclusive'

export function validateNonNegative(value: number, path: FieldPath): Found {
  return value < 0 ? [invalid(path, value, 'must be greater than or equal to 0')] : NO_ERRORS
}

/** The value must be there and one of these, which are listed in the order given. */
export function validateOneOf(
  value: string | undefined,
  supported: readonly string[],
  path: FieldPath,
): Found {
  if (!value) return [required(path)]
  return supported.includes(value) ? NO_ERRORS : [notSupported(path, value, supported)]
}

/** So many fields of an object are there: of what may be one of several things, one should be. */
export function countGiven(union: object): number {
  let count = 0
  for (const name in union) if (union[name as keyof typeof union] !== undefined) count++
  return count
}

/** Where the items of a list are noted, to find repeated ones: a single one needs no noting. */
export function notedOf(list: readonly unknown[]): Set<string> | undefined {
  return list.length > 1 ? new Set() : undefined
}

export function validateDnsLabel(value: string, path: FieldPath): Found {
  return invalids(path, value, dns1123LabelErrors(value))
}

export function validateDnsSubdomain(value: string, path: FieldPath): Found {
  return invalids(path, value, dns1123SubdomainErrors(value))
}

export function validateQualifiedName(value: string, path: FieldPath): Found {
  return invalids(path, value, qualifiedNameErrors(value))
}

export function validateIp(value: string, path: FieldPath): Found {
  return invalids(path, value, ipErrors(value))
}

/** Of a user or a group on Linux. */
export function validateId(id: number, path: FieldPath): Found {
  return invalids(path, id, userIdErrors(id))
}

export function validatePortNumber(port: number, path: FieldPath): Found {
  return invalids(path, port, portNumberErrors(port))
}

/** A port is named by its number or by its name. */
export function validatePort(port: number | string, path: FieldPath): Found {
  const reasons = typeof port === 'number' ? portNumberErrors(port) : portNameErrors(port)
  return invalids(path, port, reasons)
}

export function validateFileMode(mode: number | undefined, path: FieldPath): Found {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return NO_ERRORS
  return [invalid(path, mode, FILE_MODE)]
}

export function validateNoBacksteps(target: string, path: FieldPath): Found {
  const hasBacksteps = target.includes('..') && target.split('/').includes('..')
  return hasBacksteps ? [invalid(path, target, "must not contain '..'")] : NO_ERRORS
}

/** A path below some folder: relative, without `..`. */
export function validateDescendingPath(target: string, path: FieldPath): Found {
  const backsteps = validateNoBacksteps(target, path)
  if (!target.startsWith('/')) return backsteps
  return [invalid(path, target, 'must be a relative path'), ...backsteps]
}

/** As `validateDescendingPath`; names that begin with `..` are kept for the volume's own use. */
export function validateNonReservedPath(target: string, path: FieldPath): Found {
  const errors = validateDescendingPath(target, path)
  const isReserved = target.startsWith('..') && !target.startsWith('../')
  return isReserved ? [...errors, invalid(path, target, "must not start with '..'")] : errors
}

/** A domain and a path below it, such as `acme.io/foo`. */
export function validateDomainPath(text: string, path: FieldPath): Found {
  if (text === '') return [required(path)]
  const [, host, rest] = /^([^/]+)\/(.+)$/s.exec(text) ?? []
  if (host === undefined || rest === undefined) {
    return [invalid(path, text, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  }
  return [
    ...invalids(path, host, dns1123SubdomainErrors(host)),
    ...invalids(path, rest, httpPathErrors(rest)),
  ]
}
