import { quoteGo } from '../base/go-quote.ts'
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

/**
 * One thing that is wrong with one field: a value that validation finds, never thrown.
 *
 * Rules come in three forms. Those that every write of a pod runs through allocate next to
 * nothing where nothing is wrong:
 *
 * - A rule of an object, `validateX(errors, value, ..., path)`, adds what it finds to `errors`, in
 *   upstream's order, and calls the rules of its parts with the same list.
 * - A rule of a single value answers a list, which is `NO_ERRORS` for most values:
 *   `errors.push(...validateDnsLabel(name, path.child('name')))`.
 * - Kinds that are written seldom yield: `yield required(path)`. Of the first form they yield what
 *   is `collected`, of the second the list: `yield* collected(validateLabels, labels, path)`.
 */
export interface FieldError {
  readonly reason: FieldErrorReason
  readonly field: string
  /** Without the field's path, as in a Status cause. */
  readonly message: string
}

/**
 * Where a value is inside an object, such as `spec.containers[0].name`. Many paths are made for
 * each one that is ever shown: only what is shown is put together.
 */
export class FieldPath {
  static readonly root = new FieldPath(undefined, '', false)
  readonly #parent: FieldPath | undefined
  readonly #step: string | number
  readonly #isKey: boolean

  private constructor(parent: FieldPath | undefined, step: string | number, isKey: boolean) {
    this.#parent = parent
    this.#step = step
    this.#isKey = isKey
  }

  /** A child without a name is `[]`: how upstream says that the whole object is wrong. */
  child(name: string, ...further: readonly string[]): FieldPath {
    let path = new FieldPath(this, name, name === '')
    for (const one of further) path = new FieldPath(path, one, false)
    return path
  }

  index(index: number): FieldPath {
    return new FieldPath(this, index, true)
  }

  key(key: string): FieldPath {
    return new FieldPath(this, key, true)
  }

  toString(): string {
    return this.#text() || '<nil>'
  }

  #text(): string {
    if (this.#parent === undefined) return ''
    const before = this.#parent.#text()
    if (this.#isKey) return `${before}[${this.#step}]`
    return before === '' ? `${this.#step}` : `${before}.${this.#step}`
  }
}

/** What validation answers: `[...validate(object, FieldPath.root)]`. */
export type FieldErrors = Iterable<FieldError>

/** For values that are as they should be. */
export const NO_ERRORS: readonly FieldError[] = []

/** What a rule that adds to a list finds, as a list of its own. */
export function collected<Values extends readonly unknown[]>(
  validate: (errors: FieldError[], ...values: Values) => void,
  ...values: Values
): readonly FieldError[] {
  const errors: FieldError[] = []
  validate(errors, ...values)
  return errors
}

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
  const list = supported.map(quoteGo).join(', ')
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

/** By the value: thousands of errors may show the same list, and each has its text in common. */
const shown = new WeakMap<object, string>()

/** Strings quoted, numbers and booleans bare, objects as Go's JSON (field.Error.ErrorBody). */
function formatFieldValue(value: unknown): string {
  if (typeof value === 'string') return quoteGo(value)
  if (value === undefined || value === null) return 'null'
  if (typeof value !== 'object') return stringifyJson(value)
  let text = shown.get(value)
  if (text === undefined) {
    text = stringifyJson(value).replace(UNSAFE_IN_HTML, escapeCharacter)
    shown.set(value, text)
  }
  return text
}

const UNSAFE_IN_HTML = /[<>&\u2028\u2029]/g

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
