import {
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import type { JSONSchemaProps, ValidationRule } from './json-schema-props.ts'
import { resolveFieldPath } from './schema-field-path.ts'

const REASONS = [
  'FieldValueDuplicate',
  'FieldValueForbidden',
  'FieldValueInvalid',
  'FieldValueRequired',
]
const LINE_BREAK = /[\n\r]/

/** What is said around the CEL rules of a schema; the expressions are compiled elsewhere. */
export function* validateRules(schema: JSONSchemaProps, path: FieldPath): FieldErrors {
  for (const [index, rule] of (schema['x-kubernetes-validations'] ?? []).entries()) {
    const at = path.child('x-kubernetes-validations').index(index)
    yield* validateText(rule, at)
    const { messageExpression = '', reason, fieldPath = '' } = rule
    if (messageExpression !== '' && messageExpression.trim() === '') {
      const why = 'messageExpression must be non-empty if specified'
      yield required(at.child('messageExpression'), why)
    }
    if (reason !== undefined && !REASONS.includes(reason)) {
      yield notSupported(at.child('reason'), reason, REASONS)
    }
    if (fieldPath === '') continue
    const pathPath = at.child('fieldPath')
    if (fieldPath.trim() === '')
      yield invalid(pathPath, fieldPath, 'must be non-empty if specified')
    if (LINE_BREAK.test(fieldPath)) {
      yield invalid(pathPath, fieldPath, 'must not contain line breaks')
    }
    if ('error' in resolveFieldPath(fieldPath, schema, true)) {
      yield invalid(pathPath, fieldPath, 'must be a valid path')
    }
  }
}

function* validateText({ rule, message = '' }: ValidationRule, path: FieldPath): FieldErrors {
  const text = message.trim()
  const messagePath = path.child('message')
  if (rule.trim() === '') yield required(path.child('rule'), 'rule is not specified')
  else if (message !== '' && text === '') {
    yield invalid(messagePath, message, 'must be non-empty if specified')
  } else if (LINE_BREAK.test(text)) {
    yield invalid(messagePath, message, 'must not contain line breaks')
  } else if (LINE_BREAK.test(rule.trim()) && text === '') {
    yield required(messagePath, 'message must be specified if rule contains line breaks')
  }
}
