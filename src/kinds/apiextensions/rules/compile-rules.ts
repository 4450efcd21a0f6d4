import { compile, type Program } from '../../../cel/compile.ts'
import type { DeclaredType } from '../../../cel/declared-type.ts'
import type { Environment } from '../../../cel/environment.ts'
import { KUBERNETES_ENVIRONMENT } from '../../../cel/kubernetes-environment.ts'
import { BOOL, isSameType, optionalOf, STRING } from '../../../cel/types.ts'
import { FieldPath } from '../../../machinery/field-error.ts'
import type { JSONSchemaProps, ValidationRule } from '../v1/json-schema-props.ts'
import { resolveFieldPath } from '../v1/schema-field-path.ts'
import { valueSchemaOf } from '../v1/schema-walk.ts'

/** The value that a rule speaks of. */
export const SELF = 'self'
/** What stood in its place before a change. */
export const OLD_SELF = 'oldSelf'

/** A rule of a schema, ready to be evaluated; the problems are upstream's texts. */
export interface CompiledRule {
  readonly rule: ValidationRule
  /** Absent for an empty rule, and where there is a problem. */
  readonly program?: Program
  readonly problem?: string
  readonly usesOldSelf: boolean
  /** The most that one evaluation can cost. */
  readonly maxCost: number
  /** Gives the message of a rule that is broken. */
  readonly message?: Program
  readonly messageProblem?: string
  readonly messageMaxCost: number
  /** Below the value: where a broken rule is reported; '' for the value itself. */
  readonly fieldPath: string
}

/** Compiles the rules of one schema. `declared` is what expressions see of its values. */
export function compileRules(
  rules: readonly ValidationRule[],
  schema: JSONSchemaProps,
  declared: DeclaredType,
): readonly CompiledRule[] {
  let plain: Environment | undefined
  let optional: Environment | undefined
  return rules.map((rule) => {
    if (rule.optionalOldSelf === true) {
      optional ??= optionalEnvironment(declared)
      return compileRule(rule, schema, optional)
    }
    plain ??= plainEnvironment(declared)
    return compileRule(rule, schema, plain)
  })
}

function plainEnvironment(declared: DeclaredType): Environment {
  const variables = { [SELF]: declared, [OLD_SELF]: declared }
  return KUBERNETES_ENVIRONMENT.extend({ variables })
}

/** There the old value may lack, so that the rule speaks of new values too. */
function optionalEnvironment(declared: DeclaredType): Environment {
  const variables = { [SELF]: declared, [OLD_SELF]: optionalOf(declared.type) }
  return KUBERNETES_ENVIRONMENT.extend({ variables })
}

function compileRule(
  rule: ValidationRule,
  schema: JSONSchemaProps,
  environment: Environment,
): CompiledRule {
  const nothing = { rule, usesOldSelf: false, maxCost: 0, messageMaxCost: 0, fieldPath: '' }
  if (rule.rule.trim() === '') return nothing
  const compiled = compile(environment, rule.rule)
  const { program } = compiled
  if (program === undefined) {
    const what = compiled.stage === 'program' ? 'program instantiation' : 'compilation'
    return { ...nothing, problem: `${what} failed: ${compiled.errors}` }
  }
  if (!isSameType(program.resultType, BOOL)) {
    return { ...nothing, problem: 'cel expression must evaluate to a bool' }
  }
  return {
    ...{ ...nothing, program },
    usesOldSelf: program.references.has(OLD_SELF),
    maxCost: program.estimateCost().max,
    ...compileMessage(rule, environment),
    fieldPath: fieldPathOf(rule, schema),
  }
}

function compileMessage(
  { messageExpression = '' }: ValidationRule,
  environment: Environment,
): Partial<CompiledRule> {
  if (messageExpression === '') return {}
  const compiled = compile(environment, messageExpression)
  const { program } = compiled
  if (program === undefined) {
    const what = compiled.stage === 'program' ? 'instantiation' : 'compilation'
    return { messageProblem: `messageExpression ${what} failed: ${compiled.errors}` }
  }
  if (!isSameType(program.resultType, STRING)) {
    return { messageProblem: 'messageExpression must evaluate to a string' }
  }
  return { message: program, messageMaxCost: program.estimateCost().max }
}

/** A field of a struct stands behind a dot, a key of a map in brackets. */
function fieldPathOf({ fieldPath = '' }: ValidationRule, schema: JSONSchemaProps): string {
  if (fieldPath === '') return ''
  const resolved = resolveFieldPath(fieldPath, schema, true)
  if ('error' in resolved || resolved.names.length === 0) return ''
  let path = FieldPath.root
  let at: JSONSchemaProps | undefined = schema
  for (const name of resolved.names) {
    const properties: JSONSchemaProps['properties'] = at?.properties ?? {}
    const isField: boolean = Object.keys(properties).length > 0
    path = isField ? path.child(name) : path.key(name)
    at = isField ? properties[name] : at && valueSchemaOf(at)
  }
  return `${path}`
}
