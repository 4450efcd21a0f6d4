import { stringifyJson } from '../../../base/json.ts'
import {
  type FieldError,
  FieldPath,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from '../../../machinery/field-error.ts'
import { formatGoNumber } from '../../../machinery/go-number.ts'

/** One way in which a value breaks its schema, in the words of upstream's schema library. */
export type ValueError =
  | {
      readonly type: 'required' | 'length'
      readonly at: string
      readonly text: string
      max?: number
    }
  | {
      readonly type: 'count'
      readonly at: string
      readonly text: string
      readonly actual: number
      readonly max: number
    }
  | {
      readonly type: 'enum'
      readonly at: string
      readonly text: string
      readonly value: unknown
      readonly values: readonly unknown[]
    }
  | {
      readonly type: 'type' | 'other'
      readonly at: string
      readonly text: string
      readonly value: unknown
      /** How Go shows the value, where that is not as JSON has it. */
      readonly shown?: string
    }
  /** Says of several schemas that they do not fit together; names its field in its text alone. */
  | { readonly type: 'composite'; readonly text: string }

const FEW_ERRORS = 8

/** What a validation has found, and how much of the schema fits: the best of several is shown. */
export class Findings {
  readonly errors: ValueError[] = []
  matches = 0
  /** The texts of the errors, from so many on. */
  #texts: Set<string> | undefined

  get isValid(): boolean {
    return this.errors.length === 0
  }

  /** The same is not said twice. */
  add(error: ValueError): void {
    if (this.errors.length < FEW_ERRORS) {
      if (this.errors.some(({ text }) => text === error.text)) return
    } else {
      this.#texts ??= new Set(this.errors.map(({ text }) => text))
      if (this.#texts.has(error.text)) return
      this.#texts.add(error.text)
    }
    this.errors.push(error)
  }

  merge({ errors, matches }: Findings): void {
    for (const error of errors) this.add(error)
    this.matches += matches
  }
}

/** The error as causes of a Status have it, with its field below `path`. */
export function toFieldError(error: ValueError, path: FieldPath): FieldError {
  if (error.type === 'composite') return invalid(path, '', error.text)
  const name = error.at.replace(/^\./, '')
  const at = error.at === '' || error.at === '.' ? path : below(path, name)
  switch (error.type) {
    case 'required':
      return required(at)
    case 'length':
      return tooLong(at, error.max ?? -1)
    case 'count':
      return tooMany(at, error.actual, error.max)
    case 'enum':
      return unsupported(at, error.value, error.values.map(textOf))
    case 'type':
      return typeInvalid(at, error.value ?? '', error.text)
    case 'other': {
      if (error.shown === undefined) return invalid(at, error.value ?? '', error.text)
      const message = `Invalid value: ${error.shown}: ${error.text}`
      return { reason: 'FieldValueInvalid', field: `${at}`, message }
    }
  }
}

/** Go shows floats in its own way. */
function unsupported(at: FieldPath, value: unknown, values: readonly string[]): FieldError {
  const error = notSupported(at, value, values)
  if (typeof value !== 'number' || Number.isInteger(value)) return error
  const message = error.message.replace(String(value), formatGoNumber(value))
  return { ...error, message }
}

function below(path: FieldPath, name: string): FieldPath {
  return path === FieldPath.root ? FieldPath.root.child(name) : path.child(name)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : stringifyJson(value)
}
