/** What sort of type it is; the scalars have no parameters. */
export type TypeKind =
  | 'dyn'
  | 'any'
  | 'null'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'timestamp'
  | 'duration'
  | 'error'
  | 'list'
  | 'map'
  /** An object with declared fields; its name is the key under which an environment knows it. */
  | 'object'
  /** A type that only functions of a library understand, such as `kubernetes.Quantity`. */
  | 'opaque'
  /** The type of a type: `type(1)` is `type(int)`. */
  | 'type'
  /** A variable in a function's signature. */
  | 'parameter'

/** A type of CEL. Scalars are the constants below: compare them by `isSameType`. */
export interface CelType {
  readonly kind: TypeKind
  /** The name at run time: `int`, `list`, `google.protobuf.Timestamp`, `kubernetes.Quantity`. */
  readonly name: string
  readonly parameters: readonly CelType[]
}

const scalar = (kind: TypeKind, name: string = kind): CelType => ({ kind, name, parameters: [] })

export const DYN = scalar('dyn')
export const ANY = scalar('any', 'google.protobuf.Any')
export const NULL = scalar('null', 'null_type')
export const BOOL = scalar('bool')
export const INT = scalar('int')
export const UINT = scalar('uint')
export const DOUBLE = scalar('double')
export const STRING = scalar('string')
export const BYTES = scalar('bytes')
export const TIMESTAMP = scalar('timestamp', 'google.protobuf.Timestamp')
export const DURATION = scalar('duration', 'google.protobuf.Duration')
/** The type of an expression that failed to check; it agrees with every other. */
export const ERROR = scalar('error', '!error!')

export const listOf = (element: CelType): CelType => ({
  kind: 'list',
  name: 'list',
  parameters: [element],
})

export const mapOf = (key: CelType, value: CelType): CelType => ({
  kind: 'map',
  name: 'map',
  parameters: [key, value],
})

export const typeOf = (...of: readonly CelType[]): CelType => ({
  kind: 'type',
  name: 'type',
  parameters: of,
})

export const opaque = (name: string, ...parameters: readonly CelType[]): CelType => ({
  kind: 'opaque',
  name,
  parameters,
})

export const optionalOf = (value: CelType): CelType => opaque('optional_type', value)
export const objectNamed = (name: string): CelType => ({ kind: 'object', name, parameters: [] })
export const parameter = (name: string): CelType => ({ kind: 'parameter', name, parameters: [] })

export const isOptionalType = (type: CelType) =>
  type.kind === 'opaque' && type.name === 'optional_type'

/** Whether two types are the same, their parameters included. */
export function isSameType(a: CelType, b: CelType): boolean {
  if (a === b) return true
  if (a.kind !== b.kind || a.name !== b.name) return false
  if (a.parameters.length !== b.parameters.length) return false
  return a.parameters.every((type, index) => isSameType(type, b.parameters[index] ?? ERROR))
}

/** The type as upstream's messages of environments print it: `map(string, list(int))`. */
export function formatType(type: CelType): string {
  const { name, parameters } = type
  if (parameters.length === 0) return name
  return `${name}(${parameters.map(formatType).join(', ')})`
}
