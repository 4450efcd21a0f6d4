import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  objectNamed,
  opaque,
  optionalOf,
  parameter,
  STRING,
  TIMESTAMP,
  typeOf,
  UINT,
} from '../types.ts'

/** The types of Kubernetes' libraries. */
export const QUANTITY = objectNamed('kubernetes.Quantity')
export const URL_TYPE = objectNamed('kubernetes.URL')
export const IP = opaque('net.IP')
export const CIDR = opaque('net.CIDR')
export const NAMED_FORMAT = objectNamed('kubernetes.NamedFormat')
export const SEMVER = objectNamed('kubernetes.Semver')
export const AUTHORIZER = objectNamed('kubernetes.authorization.Authorizer')
export const PATH_CHECK = objectNamed('kubernetes.authorization.PathCheck')
export const GROUP_CHECK = objectNamed('kubernetes.authorization.GroupCheck')
export const RESOURCE_CHECK = objectNamed('kubernetes.authorization.ResourceCheck')
export const DECISION = objectNamed('kubernetes.authorization.Decision')

/** The names of types in signatures; a single capital letter is a type variable. */
const TYPES: Readonly<Record<string, CelType>> = {
  bool: BOOL,
  bytes: BYTES,
  double: DOUBLE,
  duration: DURATION,
  dyn: DYN,
  int: INT,
  null: NULL,
  string: STRING,
  timestamp: TIMESTAMP,
  uint: UINT,
  Quantity: QUANTITY,
  Url: URL_TYPE,
  Ip: IP,
  Cidr: CIDR,
  NamedFormat: NAMED_FORMAT,
  Semver: SEMVER,
  Authorizer: AUTHORIZER,
  PathCheck: PATH_CHECK,
  GroupCheck: GROUP_CHECK,
  ResourceCheck: RESOURCE_CHECK,
  Decision: DECISION,
}

/** Parses `(list(A), int) -> optional(A)`. A wrong one is a mistake of the program, and throws. */
export function parseSignature(signature: string): {
  readonly args: readonly CelType[]
  readonly result: CelType
  readonly typeParameters: readonly string[]
} {
  const [, args = '', result = ''] = /^\((.*)\) -> (.+)$/.exec(signature) ?? []
  const names = new Set(Array.from(signature.matchAll(/\b[A-Z]\b/g), ([name]) => name))
  return {
    args: splitTopLevel(args).map(parseType),
    result: parseType(result),
    typeParameters: [...names],
  }
}

function parseType(text: string): CelType {
  const named = TYPES[text]
  if (named !== undefined) return named
  if (/^[A-Z]$/.test(text)) return parameter(text)
  const [, name, inner = ''] = /^(\w+)(?:\((.*)\))?$/.exec(text) ?? []
  const [first = DYN, second = DYN] = splitTopLevel(inner).map(parseType)
  switch (name) {
    case 'list':
      return listOf(first)
    case 'map':
      return mapOf(first, second)
    case 'optional':
      return optionalOf(first)
    case 'type':
      return inner === '' ? typeOf() : typeOf(first)
    default:
      throw new Error(`no such type: ${text}`)
  }
}

/** Splits at commas that are not within parentheses. */
function splitTopLevel(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let part = ''
  for (const character of text) {
    if (character === '(') depth++
    if (character === ')') depth--
    if (character === ',' && depth === 0) {
      parts.push(part.trim())
      part = ''
    } else part += character
  }
  if (part.trim() !== '') parts.push(part.trim())
  return parts
}
