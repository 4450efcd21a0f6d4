import { KUBERNETES_ENVIRONMENT } from '../../cel/kubernetes-environment.ts'
import { type Expr, walk } from '../../cel/syntax/ast.ts'
import { OPTIONAL_SELECT } from '../../cel/syntax/operators.ts'
import { parseExpression } from '../../cel/syntax/parser.ts'
import type { Expression } from '../../kinds/admissionregistration/expressions/expression.ts'
import { validateDomainPath } from '../../kinds/core/v1/field-rules.ts'
import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  invalid,
  required,
} from '../../machinery/field-error.ts'
import type { JwtSettings } from './authentication-configuration.ts'
import {
  CLAIMS_ENVIRONMENT,
  compileMapping,
  compileRule,
  USER_ENVIRONMENT,
} from './claim-environments.ts'

type ClaimMappings = JwtSettings['claimMappings']

const NOT_BOTH = "claim and expression can't both be set"

/** The rules and mappings of an issuer, with their expressions. */
export function* validateClaims(settings: JwtSettings, path: FieldPath): FieldErrors {
  yield* validateClaimRules(settings.claimValidationRules, path.child('claimValidationRules'))
  const mappings = path.child('claimMappings')
  yield* validateMappings(settings.claimMappings, mappings)
  yield* validateAddressUse(settings, mappings)
  yield* validateUserRules(settings.userValidationRules, path.child('userValidationRules'))
}

function* validateClaimRules(
  rules: JwtSettings['claimValidationRules'],
  path: FieldPath,
): FieldErrors {
  const [claims, expressions] = [new Set<string>(), new Set<string>()]
  for (const [index, { claim, requiredValue, expression, message }] of rules.entries()) {
    const at = path.index(index)
    if (claim !== '' && expression !== '') yield invalid(at, claim, NOT_BOTH)
    else if (expression !== '') {
      if (requiredValue !== '') {
        const why = 'may not be specified when expression is set'
        yield invalid(at.child('requiredValue'), requiredValue, why)
      }
      const rule = compileRule(CLAIMS_ENVIRONMENT, expression)
      yield* validateOnce(rule, expressions, at.child('expression'))
    } else if (claim === '') yield required(at, 'claim or expression is required')
    else {
      if (message !== '') {
        yield invalid(at.child('message'), message, 'may not be specified when claim is set')
      }
      if (claims.has(claim)) yield duplicate(at.child('claim'), claim)
      claims.add(claim)
    }
  }
}

function* validateUserRules(
  rules: JwtSettings['userValidationRules'],
  path: FieldPath,
): FieldErrors {
  const expressions = new Set<string>()
  for (const [index, { expression }] of rules.entries()) {
    const at = path.index(index).child('expression')
    if (expression === '') yield required(at)
    else yield* validateOnce(compileRule(USER_ENVIRONMENT, expression), expressions, at)
  }
}

function* validateOnce(rule: Expression, known: Set<string>, path: FieldPath): FieldErrors {
  if (known.has(rule.text)) yield duplicate(path, rule.text)
  else yield* validateExpression(rule, path)
  known.add(rule.text)
}

function* validateExpression({ text, problem }: Expression, path: FieldPath): FieldErrors {
  if (problem !== undefined) yield invalid(path, text, problem)
}

function* validateMappings({ username, groups, uid, extra }: ClaimMappings, path: FieldPath) {
  yield* validatePrefixed(username, path.child('username'), 'required')
  yield* validatePrefixed(groups, path.child('groups'), 'optional')
  if (uid.claim !== '' && uid.expression !== '') yield invalid(path.child('uid'), '', NOT_BOTH)
  else if (uid.expression !== '') {
    yield* validateExpression(compileMapping(uid.expression), path.child('uid', 'expression'))
  }
  const keys = new Set<string>()
  for (const [index, { key, valueExpression }] of extra.entries()) {
    const at = path.child('extra').index(index)
    yield* validateExtraKey(key, at.child('key'))
    const isKnown = keys.has(key)
    keys.add(key)
    if (isKnown) yield duplicate(at.child('key'), key)
    else if (valueExpression === '') yield required(at.child('valueExpression'))
    else yield* validateExpression(compileMapping(valueExpression), at.child('valueExpression'))
  }
}

function* validatePrefixed(
  { claim, prefix, expression }: ClaimMappings['username'],
  path: FieldPath,
  need: 'required' | 'optional',
): FieldErrors {
  if (claim !== '' && expression !== '') yield invalid(path, '', NOT_BOTH)
  else if (expression !== '') {
    if (prefix !== undefined) {
      yield invalid(path.child('prefix'), prefix, 'may not be specified when expression is set')
    }
    yield* validateExpression(compileMapping(expression), path.child('expression'))
  } else if (claim === '') {
    if (need === 'required') yield required(path, 'claim or expression is required')
  } else if (prefix === undefined) {
    const why =
      'prefix is required when claim is set. It can be set to an empty string to disable prefixing'
    yield required(path.child('prefix'), why)
  }
}

function* validateExtraKey(key: string, path: FieldPath): FieldErrors {
  yield* validateDomainPath(key, path)
  if (key !== key.toLowerCase()) yield invalid(path, key, 'must be lowercase')
  if (/^([^/]*\.)?(kubernetes|k8s)\.io\//.test(key)) {
    const why = 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use'
    yield invalid(path, key, why)
  }
}

/** Whoever names users by their addresses must have looked whether these are verified. */
function* validateAddressUse(
  { claimMappings, claimValidationRules }: JwtSettings,
  path: FieldPath,
): FieldErrors {
  const { username, extra } = claimMappings
  const { claim, prefix, expression } = username
  if (claim !== '' || prefix !== undefined || !usesClaim(expression, 'email')) return
  const lookers = [
    expression,
    ...extra.map(({ valueExpression }) => valueExpression),
    ...claimValidationRules.map((rule) => rule.expression),
  ]
  if (lookers.some((text) => usesClaim(text, 'email_verified'))) return
  const why =
    'claims.email_verified must be used in claimMappings.username.expression or ' +
    'claimMappings.extra[*].valueExpression or claimValidationRules[*].expression ' +
    'when claims.email is used in claimMappings.username.expression'
  yield invalid(path.child('username', 'expression'), expression, why)
}

function usesClaim(text: string, claim: string): boolean {
  if (compileMapping(text).program === undefined) return false
  let isUsed = false
  walk(parseExpression(text, KUBERNETES_ENVIRONMENT.macros, []), (expr) => {
    isUsed ||= isClaim(expr, claim)
  })
  return isUsed
}

/** `claims.email`, `has(claims.email)` or `claims.?email`. */
function isClaim(expr: Expr, claim: string): boolean {
  if (expr.kind === 'select') return isClaims(expr.operand) && expr.field === claim
  if (expr.kind !== 'call' || expr.name !== OPTIONAL_SELECT) return false
  const [operand, field] = expr.args
  return isClaims(operand) && field?.kind === 'literal' && field.value === claim
}

function isClaims(expr: Expr | undefined): boolean {
  return expr?.kind === 'ident' && expr.name === 'claims'
}
