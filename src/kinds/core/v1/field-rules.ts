import {
  type FieldErrors,
  type FieldPath,
  invalid,
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
} from '../../../machinery/names.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'

const FILE_MODE = 'must be a number between 0 and 0777 (octal), both inclusive'

export function* validateNonNegative(value: number, path: FieldPath): FieldErrors {
  if (value < 0) yield invalid(path, value, 'must be greater than or equal to 0')
}

/** The value must be there and one of these, which are listed in the order given. */
export function* validateOneOf(
  value: string | undefined,
  supported: readonly string[],
  path: FieldPath,
): FieldErrors {
  if (!value) yield required(path)
  else if (!supported.includes(value)) yield notSupported(path, value, supported)
}

export function* validateDnsLabel(value: string, path: FieldPath): FieldErrors {
  yield* invalids(path, value, dns1123LabelErrors(value))
}

export function* validateDnsSubdomain(value: string, path: FieldPath): FieldErrors {
  yield* invalids(path, value, dns1123SubdomainErrors(value))
}

export function* validateQualifiedName(value: string, path: FieldPath): FieldErrors {
  yield* invalids(path, value, qualifiedNameErrors(value))
}

export function* validateIp(value: string, path: FieldPath): FieldErrors {
  yield* invalids(path, value, ipErrors(value))
}

export function* validatePortNumber(port: number, path: FieldPath): FieldErrors {
  yield* invalids(path, port, portNumberErrors(port))
}

/** A port is named by its number or by its name. */
export function* validatePort(port: number | string, path: FieldPath): FieldErrors {
  const reasons = typeof port === 'number' ? portNumberErrors(port) : portNameErrors(port)
  yield* invalids(path, port, reasons)
}

export function* validateFileMode(mode: number | undefined, path: FieldPath): FieldErrors {
  if (mode !== undefined && (mode < 0 || mode > 0o777)) yield invalid(path, mode, FILE_MODE)
}

export function* validateNoBacksteps(target: string, path: FieldPath): FieldErrors {
  if (target.split('/').includes('..')) yield invalid(path, target, "must not contain '..'")
}

/** A path below some folder: relative, without `..`. */
export function* validateDescendingPath(target: string, path: FieldPath): FieldErrors {
  if (target.startsWith('/')) yield invalid(path, target, 'must be a relative path')
  yield* validateNoBacksteps(target, path)
}

/** As `validateDescendingPath`; names that begin with `..` are kept for the volume's own use. */
export function* validateNonReservedPath(target: string, path: FieldPath): FieldErrors {
  yield* validateDescendingPath(target, path)
  if (target.startsWith('..') && !target.startsWith('../')) {
    yield invalid(path, target, "must not start with '..'")
  }
}

/** A domain and a path below it, such as `acme.io/foo`. */
export function* validateDomainPath(text: string, path: FieldPath): FieldErrors {
  if (text === '') {
    yield required(path)
    return
  }
  const [, host, rest] = /^([^/]+)\/(.+)$/s.exec(text) ?? []
  if (host === undefined || rest === undefined) {
    yield invalid(path, text, 'must be a domain-prefixed path (such as "acme.io/foo")')
    return
  }
  yield* invalids(path, host, dns1123SubdomainErrors(host))
  yield* invalids(path, rest, httpPathErrors(rest))
}
