import { declareSchema } from '../../../cel/declare-schema.ts'
import type { DeclaredType } from '../../../cel/declared-type.ts'
import { escapeName } from '../../../cel/escaping.ts'
import {
  type FieldError,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
} from '../../../machinery/field-error.ts'
import type { JSONSchemaProps, ValidationRule } from '../v1/json-schema-props.ts'
import { itemSchemaOf, itemSchemasOf, valueSchemaOf } from '../v1/schema-walk.ts'
import { type CompiledRule, compileRules } from './compile-rules.ts'
import { costMessage, RuleCosts, timesSaturated } from './rule-costs.ts'

/** The most that one rule may cost, and all rules of a schema together. */
const RULE_COST_LIMIT = 10_000_000
const TOTAL_COST_LIMIT = 100_000_000
const MAX_REQUEST_BYTES = 3 * 1024 * 1024
const RULES = 'x-kubernetes-validations'

/** A schema inside the schema of a definition, as far as its rules are concerned. */
interface Place {
  /** How many values there can be; undefined where nothing limits that. */
  readonly cardinality: number | undefined
  /** The outermost list whose items cannot be found again after a change. */
  readonly uncorrelated: FieldPath | undefined
  /** What expressions see, where a schema around this has rules already. */
  readonly declare: (() => DeclaredType | undefined) | undefined
  readonly isRoot: boolean
}

/** Rules compile, and cost no more than a server can afford. `ignoresCost`: of each rule alone. */
export function* validateDefinitionRules(
  schema: JSONSchemaProps,
  ignoresCost: boolean,
  path: FieldPath,
): FieldErrors {
  const costs = new RuleCosts(TOTAL_COST_LIMIT / 100)
  const place = { cardinality: 1, uncorrelated: undefined, declare: undefined, isRoot: true }
  yield* new RuleValidation(costs, ignoresCost).validate(schema, place, path)
  if (costs.total <= TOTAL_COST_LIMIT) return
  for (const { path: at } of costs.mostExpensive) {
    const what = 'contributed to estimated rule cost total'
    yield forbidden(at, `${what} exceeding cost limit for entire OpenAPIv3 schema`)
  }
  const what = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema'
  yield forbidden(path, costMessage(what, costs.total, TOTAL_COST_LIMIT))
}

class RuleValidation {
  readonly #costs: RuleCosts
  readonly #ignoresCost: boolean

  constructor(costs: RuleCosts, ignoresCost: boolean) {
    this.#costs = costs
    this.#ignoresCost = ignoresCost
  }

  *validate(schema: JSONSchemaProps, place: Place, path: FieldPath): FieldErrors {
    const declare = declarerOf(schema, place)
    const cardinality = cardinalityBelow(schema, place.cardinality)
    const below = { cardinality, uncorrelated: place.uncorrelated, isRoot: false }
    const values = valueSchemaOf(schema)
    if (values !== undefined) {
      const inner = { ...below, declare: declare && (() => declare()?.elements) }
      yield* this.validate(values, inner, path.child('additionalProperties'))
    }
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const inner = { ...below, declare: declare && fieldDeclarer(declare, name) }
      yield* this.validate(property, inner, path.child('properties').key(name))
    }
    yield* this.#validateItems(schema, { ...below, declare: undefined }, declare, path)
    const rules = schema[RULES] ?? []
    if (rules.length > 0) yield* this.#validateRules(schema, rules, place, declare, path)
  }

  /** Only items of map lists can be found again. */
  *#validateItems(
    schema: JSONSchemaProps,
    below: Place,
    declare: (() => DeclaredType | undefined) | undefined,
    path: FieldPath,
  ): FieldErrors {
    const isMap = schema['x-kubernetes-list-type'] === 'map'
    const inner = {
      ...below,
      uncorrelated: below.uncorrelated ?? (isMap ? undefined : path),
      declare: declare && (() => declare()?.elements),
    }
    const items = itemSchemaOf(schema)
    if (items !== undefined) yield* this.validate(items, inner, path.child('items'))
    for (const [index, item] of itemSchemasOf(schema).entries()) {
      yield* this.validate(item, inner, path.child('items').index(index))
    }
  }

  *#validateRules(
    schema: JSONSchemaProps,
    rules: readonly ValidationRule[],
    place: Place,
    declare: (() => DeclaredType | undefined) | undefined,
    path: FieldPath,
  ): FieldErrors {
    const declared = declare?.() ?? declareOwn(schema, place)
    const at = path.child(RULES)
    if (declared === undefined) {
      const what = 'failed to construct type information for x-kubernetes-validations rules'
      const why = 'unable to convert structural schema to CEL declarations'
      yield internal(at, `internal error: ${what}: ${why}`)
      return
    }
    const ownCardinality = Math.floor(MAX_REQUEST_BYTES / (declared.minSerializedSize + 1))
    const cardinality = place.cardinality ?? ownCardinality
    for (const [index, compiled] of compileRules(rules, schema, declared).entries()) {
      yield* this.#validateRule(compiled, cardinality, place, at.index(index))
    }
  }

  *#validateRule(
    compiled: CompiledRule,
    cardinality: number,
    { uncorrelated }: Place,
    path: FieldPath,
  ): FieldErrors {
    const { rule, problem, messageProblem, usesOldSelf } = compiled
    const rulePath = path.child('rule')
    const cost = timesSaturated(compiled.maxCost, cardinality)
    yield* this.#validateCost('estimated rule cost', cost, rulePath)
    if (problem !== undefined) yield invalid(rulePath, shownRule(rule), problem)
    const messagePath = path.child('messageExpression')
    if (messageProblem !== undefined) yield invalid(messagePath, shownRule(rule), messageProblem)
    else if (compiled.message !== undefined) {
      yield* this.#validateCost(
        'estimated messageExpression cost',
        compiled.messageMaxCost,
        messagePath,
      )
    }
    if (usesOldSelf) {
      if (uncorrelated === undefined) return
      const where = `the uncorrelatable portion of the schema within ${uncorrelated}`
      yield invalid(rulePath, rule.rule, `oldSelf cannot be used on ${where}`)
    } else if (rule.optionalOldSelf !== undefined) {
      const why = 'may not be set if oldSelf is not used in rule'
      yield invalid(path.child('optionalOldSelf'), rule.optionalOldSelf, why)
    }
  }

  *#validateCost(what: string, cost: number, path: FieldPath): FieldErrors {
    this.#costs.add(path, cost)
    if (this.#ignoresCost || cost <= RULE_COST_LIMIT) return
    yield forbidden(path, costMessage(what, cost, RULE_COST_LIMIT))
  }
}

/** Undefined outside of all rules, where nobody needs to know the type. */
function declarerOf(
  schema: JSONSchemaProps,
  place: Place,
): (() => DeclaredType | undefined) | undefined {
  if (place.declare === undefined && (schema[RULES] ?? []).length === 0) return undefined
  let declared: { readonly type: DeclaredType | undefined } | undefined
  return () => {
    declared ??= { type: place.declare?.() ?? declareOwn(schema, place) }
    return declared.type
  }
}

function declareOwn(schema: JSONSchemaProps, { isRoot }: Place): DeclaredType | undefined {
  const isResource = isRoot || schema['x-kubernetes-embedded-resource'] === true
  return declareSchema(schema, isResource, 'selfType')
}

function fieldDeclarer(
  declare: () => DeclaredType | undefined,
  name: string,
): () => DeclaredType | undefined {
  const escaped = escapeName(name)
  return () => (escaped === undefined ? undefined : declare()?.fields?.get(escaped)?.type)
}

/** How many values can be in all values of a schema together. */
function cardinalityBelow(
  schema: JSONSchemaProps,
  cardinality: number | undefined,
): number | undefined {
  if (cardinality === undefined) return undefined
  if (schema.type === 'array') return timesBound(cardinality, schema.maxItems)
  if (schema.type !== 'object' || schema.additionalProperties === undefined) return cardinality
  return timesBound(cardinality, schema.maxProperties)
}

function timesBound(cardinality: number, most: number | undefined): number | undefined {
  return most === undefined ? undefined : timesSaturated(cardinality, Math.max(0, most))
}

/** A rule as upstream's texts show it: the fields of its Go type. */
function shownRule(rule: ValidationRule): Readonly<Record<string, unknown>> {
  return {
    Rule: rule.rule,
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  }
}

function internal(path: FieldPath, why: string): FieldError {
  return { reason: 'InternalError', field: `${path}`, message: `Internal error: ${why}` }
}
