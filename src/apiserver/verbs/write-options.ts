import {
  type FieldError,
  FieldPath,
  invalid,
  notSupported,
  tooLong,
} from '../../machinery/field-error.ts'
import { invalidObject } from '../../machinery/status-error.ts'
import type { ServerRequest } from '../request.ts'

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

/** What every write may ask for beside its object. */
export interface WriteOptions {
  readonly isDryRun: boolean
  readonly fieldManager: string
  readonly fieldValidation: FieldValidation
  readonly force: boolean | undefined
}

const MOST_FIELD_MANAGER_BYTES = 128

/** The options of a create, update or patch; `kind` names them in the 422 for wrong ones. */
export function readWriteOptions(
  { query, isInProcess }: ServerRequest,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
): WriteOptions {
  const dryRun = query.getAll('dryRun')
  const fieldManager = query.get('fieldManager') ?? ''
  const fieldValidation = query.get('fieldValidation') ?? ''
  const force = query.get('force')
  const errors: FieldError[] = [
    ...checkFieldManager(fieldManager),
    ...checkDryRun(dryRun),
    ...checkFieldValidation(fieldValidation),
  ]
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind }, '', errors)
  const usual = isInProcess ? 'Ignore' : 'Warn'
  return {
    isDryRun: dryRun.includes('All'),
    fieldManager,
    fieldValidation: fieldValidation === '' ? usual : (fieldValidation as FieldValidation),
    force: force === null ? undefined : force !== 'false',
  }
}

/** What is wrong with `dryRun`: nothing but `All` is known. */
export function* checkDryRun(dryRun: readonly string[]): Iterable<FieldError> {
  if (dryRun.some((one) => one !== 'All')) {
    yield notSupported(FieldPath.root.child('dryRun'), dryRun, ['All'])
  }
}

function* checkFieldManager(fieldManager: string): Iterable<FieldError> {
  const path = FieldPath.root.child('fieldManager')
  if (Buffer.byteLength(fieldManager) > MOST_FIELD_MANAGER_BYTES) {
    yield tooLong(path, MOST_FIELD_MANAGER_BYTES)
  }
  const position = fieldManager.search(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u)
  if (position < 0) return
  const code = (fieldManager.codePointAt(position) ?? 0).toString(16).toUpperCase()
  const text = `invalid character U+${code.padStart(4, '0')} (at position ${position})`
  yield invalid(path, fieldManager, text)
}

function* checkFieldValidation(value: string): Iterable<FieldError> {
  const supported = ['', 'Ignore', 'Strict', 'Warn']
  if (supported.includes(value)) return
  yield notSupported(FieldPath.root.child('fieldValidation'), value, supported)
}
