import type { Environment } from '../../cel/environment.ts'
import { CelList, type CelValue } from '../../cel/values/value.ts'
import type { Expression } from '../../kinds/admissionregistration/expressions/expression.ts'
import type { UserInfo } from '../request.ts'
import type { JwtSettings } from './authentication-configuration.ts'
import { InvalidCredentials } from './authenticator.ts'
import {
  CLAIMS_ENVIRONMENT,
  compileMapping,
  compileRule,
  USER_ENVIRONMENT,
} from './claim-environments.ts'
import { ClaimsMap } from './claims-map.ts'

type Claims = Readonly<Record<string, unknown>>

interface Rule {
  readonly condition: Expression
  readonly message: string
}

const CLAIM_RULES = 'oidc: error evaluating claim validation expression'
const USER_RULES = 'oidc: error evaluating user info validation rule'

/**
 * What the expressions of an issuer say of a token. Each method throws `InvalidCredentials` where
 * an expression fails or gives what cannot be used; a mapping without an expression is undefined.
 */
export class ClaimExpressions {
  readonly #username: Expression | undefined
  readonly #groups: Expression | undefined
  readonly #uid: Expression | undefined
  readonly #extra: readonly (readonly [string, Expression])[]
  readonly #claimRules: readonly Rule[]
  readonly #userRules: readonly Rule[]

  constructor({ claimMappings, claimValidationRules, userValidationRules }: JwtSettings) {
    const { username, groups, uid, extra } = claimMappings
    this.#username = mappingOf(username)
    this.#groups = mappingOf(groups)
    this.#uid = mappingOf(uid)
    this.#extra = extra.map(({ key, valueExpression }) => [key, compileMapping(valueExpression)])
    this.#claimRules = rulesOf(CLAIMS_ENVIRONMENT, claimValidationRules)
    this.#userRules = rulesOf(USER_ENVIRONMENT, userValidationRules)
  }

  username(claims: Claims): string | undefined {
    const what = 'oidc: error evaluating username claim expression'
    const name = this.#text(this.#username, 'username', claims, what)
    if (name !== '') return name
    throw new InvalidCredentials('oidc: empty username via CEL expression is not allowed')
  }

  uid(claims: Claims): string | undefined {
    return this.#text(this.#uid, 'uid', claims, 'oidc: error evaluating uid claim expression')
  }

  groups(claims: Claims): readonly string[] | undefined {
    if (this.#groups === undefined) return undefined
    const what = 'oidc: error evaluating group claim expression'
    return textsOf(evaluateClaims(this.#groups, claims, what), what)
  }

  /** Keys without a value are left out. */
  extra(claims: Claims): Readonly<Record<string, readonly string[]>> {
    const values = this.#extra.map(
      ([key, mapping]) => [key, mapping.text, evaluateClaims(mapping, claims)] as const,
    )
    const entries = values.map(([key, text, value]) => {
      const what = `oidc: error evaluating extra claim expression: ${text}`
      return [key, textsOf(value, what)] as const
    })
    return Object.fromEntries(entries.filter(([, texts]) => texts.length > 0))
  }

  checkClaims(claims: Claims): void {
    if (this.#claimRules.length === 0) return
    checkRules(this.#claimRules, { claims: new ClaimsMap(claims) }, CLAIM_RULES)
  }

  checkUser({ name, uid = '', groups, extra = {} }: UserInfo): void {
    if (this.#userRules.length === 0) return
    const user = new ClaimsMap({ username: name, uid, groups, extra })
    checkRules(this.#userRules, { user }, USER_RULES)
  }

  #text(mapping: Expression | undefined, name: string, claims: Claims, what: string) {
    if (mapping === undefined) return undefined
    const value = evaluateClaims(mapping, claims, what)
    if (typeof value === 'string') return value
    throw new InvalidCredentials(`${what}: ${name} claim expression must return a string`)
  }
}

function mappingOf({ expression }: { readonly expression: string }): Expression | undefined {
  return expression === '' ? undefined : compileMapping(expression)
}

function rulesOf(
  environment: Environment,
  rules: readonly { readonly expression: string; readonly message: string }[],
): readonly Rule[] {
  return rules
    .filter(({ expression }) => expression !== '')
    .map(({ expression, message }) => ({
      condition: compileRule(environment, expression),
      message,
    }))
}

/** All are evaluated before one of them is looked at. */
function checkRules(
  rules: readonly Rule[],
  variables: Readonly<Record<string, CelValue>>,
  what: string,
): void {
  const results = rules.map((rule) => [rule, evaluate(rule.condition, variables, what)] as const)
  for (const [{ condition, message }, result] of results) {
    if (result === true) continue
    throw new InvalidCredentials(
      `${what}: validation expression '${condition.text}' failed: ${message}`,
    )
  }
}

function evaluateClaims(mapping: Expression, claims: Claims, what = ''): CelValue {
  return evaluate(mapping, { claims: new ClaimsMap(claims) }, what)
}

function evaluate(
  { text, program, problem }: Expression,
  variables: Readonly<Record<string, CelValue>>,
  what: string,
): CelValue {
  const result = program?.evaluate(variables)
  if (result?.value !== undefined) return result.value
  const why = `expression '${text}' resulted in error: ${result?.error?.message ?? problem}`
  throw new InvalidCredentials(what === '' ? why : `${what}: ${why}`)
}

/** A text, a list of them, or null for none; empty ones count for nothing. */
function textsOf(value: CelValue, what: string): readonly string[] {
  if (value === null) return []
  const items: unknown = value instanceof CelList ? value.toJson() : [value]
  if (!Array.isArray(items) || !items.every((item) => typeof item === 'string')) {
    throw new InvalidCredentials(`${what}: expression must return a string or a list of strings`)
  }
  return items.filter((item) => item !== '')
}
