import type { Environment } from '../../../cel/environment.ts'
import {
  collected,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import {
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  pathSegmentErrors,
} from '../../../machinery/names.ts'
import { validateLabelSelector } from '../../../machinery/validate-label-selector.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import { ComposedVariables } from '../expressions/composed-variables.ts'
import { errorsOfExpression } from '../expressions/expression-errors.ts'
import type { ParamKind, ParamRef, Variable } from './policy-parameters.ts'

const NOT_FOUND_ACTIONS = ['Deny', 'Allow']
const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/
/** Words of CEL, which no variable may have as its name. */
const RESERVED = new Set([
  ...['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for'],
  ...['function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var'],
  ...['void', 'while'],
])

/** The kind of the parameters of a policy. */
export function* validateParamKind(paramKind: ParamKind, path: FieldPath): FieldErrors {
  const { apiVersion = '', kind = '' } = paramKind
  yield* validateApiVersion(apiVersion, path.child('apiVersion'))
  const kindPath = path.child('kind')
  const reasons = dns1035LabelErrors(kind.toLowerCase())
  if (kind === '') yield required(kindPath)
  else if (reasons.length > 0) {
    const why = `may have mixed case, but should otherwise match: ${reasons.join(',')}`
    yield invalid(kindPath, kind, why)
  }
}

function* validateApiVersion(apiVersion: string, path: FieldPath): FieldErrors {
  const parts = apiVersion === '/' ? ['', ''] : apiVersion.split('/')
  if (apiVersion === '') yield required(path)
  else if (parts.length > 2) {
    yield invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)
  } else {
    const [group = '', version = ''] = parts.length === 2 ? parts : ['', apiVersion]
    const groupReasons = group === '' ? [] : dns1123SubdomainErrors(group)
    if (groupReasons.length > 0) yield invalid(path, group, groupReasons.join(','))
    const reasons = dns1035LabelErrors(version)
    if (version === '') yield invalid(path, apiVersion, 'version must be specified')
    else if (reasons.length > 0) yield invalid(path, version, reasons.join(','))
  }
}

/** Which objects give the parameters: by name or by label, not both. */
export function* validateParamRef(reference: ParamRef | undefined, path: FieldPath): FieldErrors {
  if (reference === undefined) return
  const { name = '', selector, parameterNotFoundAction: action = '' } = reference
  const both = 'name and selector are mutually exclusive'
  if (name !== '') {
    yield* invalids(path.child('name'), name, pathSegmentErrors(name, false))
    if (selector !== undefined) yield forbidden(path.child('name'), both)
  }
  if (selector !== undefined) {
    yield* collected(validateLabelSelector, selector, path.child('selector'))
    if (name !== '') yield forbidden(path.child('selector'), both)
  }
  if (name === '' && selector === undefined) {
    yield required(path, 'one of name or selector must be specified')
  }
  const actionPath = path.child('parameterNotFoundAction')
  if (action === '') yield required(actionPath)
  else if (!NOT_FOUND_ACTIONS.includes(action)) {
    yield notSupported(actionPath, action, NOT_FOUND_ACTIONS)
  }
}

/** Named expressions, each of which may use those before it; `base` has none of them. */
export function* validateVariables(
  variables: readonly Variable[],
  base: () => Environment,
  path: FieldPath,
): FieldErrors {
  if (variables.length === 0) return
  const composed = new ComposedVariables(base())
  for (const [index, variable] of variables.entries()) {
    const { name, expression } = variable
    const compiled = composed.add(variable)
    const at = path.index(index)
    if (name.trim() === '') yield required(at.child('name'), 'name is not specified')
    else if (!IDENTIFIER.test(name) || RESERVED.has(name)) {
      yield invalid(at.child('name'), name, 'must be a valid CEL identifier')
    }
    if (expression.trim() === '') {
      yield required(at.child('expression'), 'expression is not specified')
    } else {
      yield* errorsOfExpression(compiled, expression, at.child('expression'))
    }
  }
}
