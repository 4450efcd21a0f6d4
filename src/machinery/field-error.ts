import { stringifyJson } from '../base/json.ts'

/** The reasons that a Status cause may carry, spelled as clients expect them (metav1.CauseType). */
export type FieldErrorReason =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueTypeInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueNotFound'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError'

/** One thing that is wrong with one field: a value that validation yields, never thrown. */
export interface FieldError {
  readonly reason: FieldErrorReason
  readonly field: string
  /** Without the field's path, as in a Status cause. */
  readonly message: string
}

/** Where a value is inside an object, such as `spec.containers[0].name`. */
export class FieldPath {
  static readonly root = new FieldPath('')
  readonly #text: string

  private constructor(text: string) {
    this.#text = text
  }

  /** A child without a name is `[]`: how upstream says that the whole object is wrong. */
  child(name: string, ...further: readonly string[]): FieldPath {
    if (name === '') return new FieldPath(`${this.#text}[]`)
    const below = further.length === 0 ? name : `${name}.${further.join('.')}`
    return new FieldPath(this.#text === '' ? below : `${this.#text}.${below}`)
  }

  index(index: number): FieldPath {
    return new FieldPath(`${this.#text}[${index}]`)
  }

  key(key: string): FieldPath {
    return new FieldPath(`${this.#text}[${key}]`)
  }

  toString(): string {
    return this.#text === '' ? '<nil>' : this.#text
  }
}

/** A generator of field errors: `[...validate(object, FieldPath.root)]`. */
export type FieldErrors = Iterable<FieldError>

export function required(path: FieldPath, detail = ''): FieldError {
  return error('FieldValueRequired', path, withDetail('Required value', detail))
}

export function invalid(path: FieldPath, value: unknown, detail: string): FieldError {
  return error(
    'FieldValueInvalid',
    path,
    withDetail(`Invalid value: ${formatFieldValue(value)}`, detail),
  )
}

/** As `invalid`, for what is better not shown: a combination of fields, or too much. */
export function invalidWithoutValue(path: FieldPath, detail: string): FieldError {
  return error('FieldValueInvalid', path, withDetail('Invalid value', detail))
}

export function typeInvalid(path: FieldPath, value: unknown, detail: string): FieldError {
  return error(
    'FieldValueTypeInvalid',
    path,
    withDetail(`Invalid value: ${formatFieldValue(value)}`, detail),
  )
}

/** The allowed values are listed in the order given, as upstream does. */
export function notSupported(
  path: FieldPath,
  value: unknown,
  supported: readonly string[],
): FieldError {
  const list = supported.map((one) => JSON.stringify(one)).join(', ')
  const detail = supported.length === 0 ? '' : `supported values: ${list}`
  return error(
    'FieldValueNotSupported',
    path,
    withDetail(`Unsupported value: ${formatFieldValue(value)}`, detail),
  )
}

export function duplicate(path: FieldPath, value: unknown): FieldError {
  return error('FieldValueDuplicate', path, `Duplicate value: ${formatFieldValue(value)}`)
}

export function forbidden(path: FieldPath, detail: string): FieldError {
  return error('FieldValueForbidden', path, withDetail('Forbidden', detail))
}

export function notFoundField(path: FieldPath, value: unknown): FieldError {
  return error('FieldValueNotFound', path, `Not found: ${formatFieldValue(value)}`)
}

export function tooLong(path: FieldPath, maxBytes: number): FieldError {
  const bytes = maxBytes === 1 ? 'byte' : 'bytes'
  const detail = maxBytes >= 0 ? `may not be more than ${maxBytes} ${bytes}` : 'value is too long'
  return error('FieldValueTooLong', path, `Too long: ${detail}`)
}

export function tooMany(path: FieldPath, actual: number, max: number): FieldError {
  const items = max === 1 ? 'item' : 'items'
  const detail = max >= 0 ? `must have at most ${max} ${items}` : 'has too many items'
  const count = actual >= 0 ? `${actual}: ` : ''
  return error('FieldValueTooMany', path, `Too many: ${count}${detail}`)
}

/** A field's error with its path in front, as it stands in a Status message. */
export function formatFieldError({ field, message }: FieldError): string {
  return `${field}: ${message}`
}

function error(reason: FieldErrorReason, path: FieldPath, message: string): FieldError {
  return { reason, field: `${path}`, message }
}

function withDetail(message: string, detail: string): string {
  return detail === '' ? message : `${message}: ${detail}`
}

/** Strings quoted, numbers and booleans bare, objects as Go's JSON (field.Error.ErrorBody). */
function formatFieldValue(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  const text = stringifyJson(value)
  return typeof value === 'object' ? text.replace(UNSAFE_IN_HTML, escapeCharacter) : text
}

const UNSAFE_IN_HTML = /[<>&\u2028\u2029]/g

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
