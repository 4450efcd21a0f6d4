import { Buffer } from 'node:buffer'
import type { JsonShape, ScalarShape } from '../declared-type.ts'
import { Bytes } from './bytes.ts'
import { CelError } from './cel-error.ts'
import { Double } from './double.ts'
import { MAX_INT, MIN_INT, shortInt } from './integers.ts'
import { JsonList } from './json-list.ts'
import { JsonMap } from './json-map.ts'
import { readDateTime, readDuration } from './json-times.ts'
import { Preserved } from './preserved.ts'
import { parseDay } from './timestamp.ts'
import { CelObject, type Outcome } from './value.ts'

const NULL = new CelError('invalid data, got null for schema with nullable=false')

/**
 * A JSON value as an expression sees it: read by its schema, or without one by what it is. Objects
 * and lists are not copied; what does not fit the schema is an error.
 */
export function readJson(raw: unknown, shape: JsonShape | undefined): Outcome {
  if (shape === undefined) return readDynamic(raw)
  if (raw === null || raw === undefined) return shape.isNullable ? null : NULL
  switch (shape.kind) {
    case 'object':
    case 'map':
      if (typeof raw === 'object' && !Array.isArray(raw)) {
        return new JsonMap(raw as Record<string, unknown>, shape)
      }
      return new CelError('invalid data, expected a map for the provided schema with type=object')
    case 'list':
      if (Array.isArray(raw)) return new JsonList(raw, shape)
      return new CelError('invalid data, expected an array for the provided schema with type=array')
    default:
      return readScalar(raw, shape)
  }
}

function readDynamic(raw: unknown): Outcome {
  switch (typeof raw) {
    case 'string':
    case 'boolean':
      return raw
    case 'number':
      return Number.isSafeInteger(raw) ? raw + 0 : new Double(raw)
    case 'bigint':
      return raw >= MIN_INT && raw <= MAX_INT ? shortInt(raw) : new Double(Number(raw))
    case 'object':
      if (raw === null || raw instanceof CelObject || raw instanceof CelError) return raw
      if (Array.isArray(raw)) return new JsonList(raw)
      return new JsonMap(raw as Record<string, unknown>)
    default:
      return null
  }
}

function readScalar(raw: unknown, { kind }: ScalarShape): Outcome {
  switch (kind) {
    case 'integer':
      return readInteger(raw, 'int')
    case 'number':
      if (typeof raw === 'number' || typeof raw === 'bigint') return new Double(Number(raw))
      return expected('float', raw)
    case 'boolean':
      return typeof raw === 'boolean' ? raw : expected('bool', raw)
    case 'int-or-string': {
      const value = typeof raw === 'string' ? raw : readInteger(raw, '')
      if (!(value instanceof CelError)) return value
      const message = 'expected XIntOrString value to be either a string or integer'
      return new CelError(`invalid data, ${message}`)
    }
    case 'preserved':
      return new Preserved(raw)
    default:
      return typeof raw === 'string' ? readText(raw, kind) : expected('string', raw)
  }
}

function readInteger(raw: unknown, name: string): Outcome {
  if (typeof raw === 'number' && Number.isSafeInteger(raw)) return raw + 0
  if (typeof raw === 'bigint' && raw >= MIN_INT && raw <= MAX_INT) return shortInt(raw)
  return expected(name, raw)
}

function readText(raw: string, kind: ScalarShape['kind']): Outcome {
  switch (kind) {
    case 'duration':
      return readDuration(raw) ?? new CelError(`Invalid duration ${raw}: unable to parse it`)
    case 'date':
      return parseDay(raw) ?? new CelError(`Invalid date formatted string ${raw}`)
    case 'date-time':
      return readDateTime(raw) ?? new CelError(`Invalid date-time formatted string ${raw}`)
    case 'byte':
      return new Bytes(Buffer.from(raw, 'base64'))
    default:
      return raw
  }
}

/** The names that Go gives to what JSON decodes to. */
function goTypeOf(raw: unknown): string {
  if (typeof raw === 'number') return Number.isSafeInteger(raw) ? 'int64' : 'float64'
  if (typeof raw === 'bigint') return 'int64'
  if (typeof raw === 'boolean') return 'bool'
  if (typeof raw === 'string') return 'string'
  return Array.isArray(raw) ? '[]interface {}' : 'map[string]interface {}'
}

const expected = (name: string, raw: unknown) =>
  new CelError(`invalid data, expected ${name}, got ${goTypeOf(raw)}`)
