import type { JSONSchemaProps } from '../v1/json-schema-props.ts'
import type { Findings } from './value-errors.ts'

const INT_OR_STRING = ['integer', 'string']

/** The types that a schema allows; none where it says nothing. */
export function typesOf(schema: JSONSchemaProps): readonly string[] {
  if (schema['x-kubernetes-int-or-string'] === true) return INT_OR_STRING
  const { type = '' } = schema
  return type === '' ? [] : [type]
}

export type ValueType = 'object' | 'array' | 'string' | 'boolean' | 'integer' | 'number' | 'null'

const MOST_INT64 = 2n ** 63n - 1n
const LEAST_INT64 = -(2n ** 63n)

/** What Go's decoder makes of a JSON value: what is no int64 is a float. */
export function typeOf(value: unknown): ValueType {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'boolean'
    case 'bigint':
      return value <= MOST_INT64 && value >= LEAST_INT64 ? 'integer' : 'number'
    case 'number':
      return Number.isSafeInteger(value) ? 'integer' : 'number'
    default:
      return 'object'
  }
}

/** What a schema says of a value's type; the format is one that is known. */
export interface TypeRule {
  readonly types: readonly string[]
  readonly format: string | undefined
  readonly isNullable: boolean
}

/** The first check of every value; counts what fits as upstream does. */
export function validateType(
  { types, format, isNullable }: TypeRule,
  value: unknown,
  at: string,
  findings: Findings,
): void {
  const type = typeOf(value)
  if (type === 'null') {
    if (types.length === 0 || isNullable) findings.matches++
    else addWrongType(types.join(','), 'null', at, findings)
    return
  }
  const isInteger = type === 'integer'
  const fits = types.includes(type) || (isInteger && types.includes('number'))
  const isText = type === 'string' || type === 'array'
  if (!isText && format !== undefined && !fits && formatOf(type) !== format) {
    addWrongType(format, formatOf(type), at, findings)
    return
  }
  const isNumeric = types.includes('number') || types.includes('integer')
  if ((!isNumeric && format !== undefined && isText) || fits) findings.matches++
  else addWrongType(types.join(','), type, at, findings)
}

function formatOf(type: ValueType): string {
  return type === 'integer' ? 'int64' : type === 'number' ? 'float64' : ''
}

function addWrongType(wanted: string, found: string, at: string, findings: Findings): void {
  const text = `${at} in body must be of type ${wanted}: ${JSON.stringify(found)}`
  findings.add({ type: 'type', at, value: found, text })
}
