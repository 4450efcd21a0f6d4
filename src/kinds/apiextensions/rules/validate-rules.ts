import type { Evaluation } from '../../../cel/compile.ts'
import { CelError } from '../../../cel/values/cel-error.ts'
import { Optional } from '../../../cel/values/optional.ts'
import { readJson } from '../../../cel/values/read-json.ts'
import {
  duplicate,
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
  invalidWithoutValue,
  required,
} from '../../../machinery/field-error.ts'
import { isJsonObject } from '../../../machinery/json-value.ts'
import type { Correlation } from '../schema/correlation.ts'
import type { ValidationRule } from '../v1/json-schema-props.ts'
import { type CompiledRule, OLD_SELF, SELF } from './compile-rules.ts'
import type { RuleNode } from './rule-node.ts'

/** What all rules of one object may cost together. */
const RUNTIME_COST_BUDGET = 10_000_000
const MOST_MESSAGE_BYTES = 5 * 1024

/** What has come of the rules of an object. */
export interface RuleFindings {
  readonly errors: readonly FieldError[]
  /** Errors of parts that have not changed, which are only told. */
  readonly ratcheted: readonly FieldError[]
}

/** Evaluates all rules for a value; `old` and `correlation` are undefined for a new one. */
export function validateByRules(
  node: RuleNode,
  value: unknown,
  old: unknown,
  correlation: Correlation | undefined,
  path: FieldPath,
): RuleFindings {
  const run = new RuleRun()
  run.validate(node, { value, old, path }, { current: correlation, parent: undefined })
  return run
}

interface Place {
  readonly value: unknown
  /** What it is compared with; undefined where nothing can be. */
  readonly old: unknown
  readonly path: FieldPath
}

/** Whether the value, or the nearest value around it that can be found again, has changed. */
interface Ratchet {
  readonly current: Correlation | undefined
  readonly parent: Correlation | undefined
}

const NO_RATCHET: Ratchet = { current: undefined, parent: undefined }

class RuleRun implements RuleFindings {
  readonly errors: FieldError[] = []
  readonly ratcheted: FieldError[] = []
  /** Below zero once it is spent: then nothing more is evaluated. */
  #budget = RUNTIME_COST_BUDGET

  validate(node: RuleNode, place: Place, ratchet: Ratchet): void {
    const { value } = place
    if (value === null || value === undefined) return
    this.#evaluateAll(node, place, ratchet)
    for (const branch of node.branches) {
      if (this.#budget < 0) return
      this.validate(branch, place, { current: undefined, parent: ratchet.parent })
    }
    if (Array.isArray(value)) this.#validateItems(node, value, place, ratchet)
    else if (isJsonObject(value)) this.#validateFields(node, value, place, ratchet)
  }

  #validateItems(
    node: RuleNode,
    list: readonly unknown[],
    { old, path }: Place,
    ratchet: Ratchet,
  ): void {
    const { items } = node
    if (items === undefined) return
    const oldItems = oldItemsOf(node, old)
    for (let index = 0; index < list.length && this.#budget >= 0; index++) {
      const value = list[index]
      const place = { value, old: oldItems(value), path: path.index(index) }
      this.validate(items, place, ratchetOfItem(ratchet, index))
    }
  }

  #validateFields(
    node: RuleNode,
    object: Record<string, unknown>,
    { old, path }: Place,
    ratchet: Ratchet,
  ): void {
    const { values } = node
    const before = isJsonObject(old) ? old : {}
    for (const name of Object.keys(object)) {
      if (this.#budget < 0) return
      const oldField = Object.hasOwn(before, name) ? before[name] : undefined
      const field = { value: object[name], old: oldField }
      if (values !== undefined) {
        this.validate(values, { ...field, path: path.key(name) }, ratchetOfField(ratchet, name))
      }
      const property = node.property(name)
      if (property === undefined || this.#budget < 0) continue
      this.validate(property, { ...field, path: path.child(name) }, ratchetOfField(ratchet, name))
    }
  }

  #evaluateAll(node: RuleNode, place: Place, ratchet: Ratchet): void {
    const { path } = place
    const { rules } = node
    const type = node.schema.type ?? ''
    if (rules === undefined) {
      const why = 'failed to convert to declType for CEL validation rules'
      this.errors.push(invalid(path, type, `rule compiler initialization error: ${why}`))
      return
    }
    if (rules.length === 0) return
    if (this.#budget <= 0) {
      this.#spend(path, type)
      return
    }
    for (const compiled of rules) {
      if (this.#budget < 0) return
      this.#evaluate(compiled, node, place, ratchet)
    }
  }

  #evaluate(compiled: CompiledRule, node: RuleNode, place: Place, ratchet: Ratchet): void {
    const { rule, program, problem, usesOldSelf } = compiled
    const type = node.schema.type ?? ''
    const { path } = place
    if (problem !== undefined) {
      this.errors.push(invalid(path, type, `rule compile error: ${problem}`))
      return
    }
    if (program === undefined) return
    const isOptional = rule.optionalOldSelf === true
    if (usesOldSelf && isNothing(place.old) && !isOptional) return
    const evaluation = program.evaluate(activationOf(node, place, isOptional))
    if (!this.#take(evaluation.cost, path, type)) return
    const text = textOf(rule)
    if (evaluation.error !== undefined) {
      this.#fail(evaluation, text, path, type)
      return
    }
    if (evaluation.value === true) return
    const at = compiled.fieldPath === '' ? path : path.child(compiled.fieldPath)
    const isOld = !usesOldSelf && isUnchanged(ratchet)
    const add = (error: FieldError) => (isOld ? this.ratcheted : this.errors).push(error)
    const message = this.#messageOf(compiled, node, place)
    if (typeof message === 'object') {
      add(invalid(at, type, message.error))
      this.#budget = -1
      return
    }
    add(brokenRule(rule, at, node, place.value, message ?? defaultMessageOf(rule)))
  }

  /** An error of the expression itself: it is told with the rule. */
  #fail({ error, isCostExceeded }: Evaluation, text: string, path: FieldPath, type: string): void {
    const { message } = error ?? { message: '' }
    if (isCostExceeded === true) {
      const why = 'no further validation rules will be run due to call cost exceeds limit for rule'
      this.errors.push(invalid(path, type, `'${message}': ${why}: ${text}`))
      this.#budget = -1
    } else if (message.startsWith('no such overload')) {
      const why = 'call arguments did not match a supported operator, function or macro signature'
      this.errors.push(invalid(path, type, `'${message}': ${why} for rule: ${text}`))
    } else {
      this.errors.push(invalid(path, type, `${message} evaluating rule: ${text}`))
    }
  }

  /** Undefined where the message of the rule itself will do. */
  #messageOf(
    { rule, message }: CompiledRule,
    node: RuleNode,
    place: Place,
  ): string | undefined | { readonly error: string } {
    if (message === undefined) return undefined
    const { value, error, isCostExceeded, cost } = message.evaluate(
      activationOf(node, place, rule.optionalOldSelf === true),
    )
    if (cost > this.#budget) {
      const why = 'running out of cost budget, no further validation rules will be run'
      return { error: `messageExpression evaluation failed due to ${why}` }
    }
    if (isCostExceeded === true) {
      const why = 'no further validation rules will be run due to call cost exceeds limit'
      const text = JSON.stringify(rule.messageExpression)
      return { error: `${why} for messageExpression: ${text}` }
    }
    this.#budget -= cost
    if (error !== undefined || typeof value !== 'string') return undefined
    const text = value.trim()
    const isGood = text !== '' && !text.includes('\n')
    return isGood && Buffer.byteLength(text) <= MOST_MESSAGE_BYTES ? text : undefined
  }

  #take(cost: number, path: FieldPath, type: string): boolean {
    if (cost > this.#budget) {
      this.#spend(path, type)
      return false
    }
    this.#budget -= cost
    return true
  }

  #spend(path: FieldPath, type: string): void {
    const why = 'running out of cost budget, no further validation rules will be run'
    this.errors.push(invalid(path, type, `validation failed due to ${why}`))
    this.#budget = -1
  }
}

function activationOf(
  node: RuleNode,
  { value, old }: Place,
  isOptional: boolean,
): Readonly<Record<string, unknown>> {
  if (isOptional) return { [SELF]: value, [OLD_SELF]: optionalOf(node, old) }
  return isNothing(old) ? { [SELF]: value } : { [SELF]: value, [OLD_SELF]: old }
}

function optionalOf({ declared }: RuleNode, old: unknown): Optional | CelError {
  if (isNothing(old)) return Optional.none
  const value = readJson(old, declared?.shape)
  return value instanceof CelError ? value : new Optional(value)
}

function isNothing(old: unknown): boolean {
  return old === undefined || old === null
}

/** What an item of a map list was before, found by its keys; of other lists nothing is known. */
function oldItemsOf({ schema }: RuleNode, old: unknown): (item: unknown) => unknown {
  if (!Array.isArray(old) || schema['x-kubernetes-list-type'] !== 'map') return () => undefined
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const keyOf = (item: unknown) =>
    isJsonObject(item) ? JSON.stringify(keys.map((key) => String(item[key]))) : ''
  const items = new Map<string, unknown>()
  for (const item of old) if (!items.has(keyOf(item))) items.set(keyOf(item), item)
  return (item) => items.get(keyOf(item))
}

function isUnchanged({ current, parent }: Ratchet): boolean {
  return (current ?? parent)?.isUnchanged === true
}

function ratchetOfField(ratchet: Ratchet, name: string): Ratchet {
  const { current, parent } = ratchet
  if (current === undefined) return ratchet
  // Version and kind are the server's own: they cannot be kept as they were.
  const isOfType = name === 'apiVersion' || name === 'kind'
  if (parent === undefined && isOfType) return NO_RATCHET
  return { current: current.field(name), parent: current }
}

function ratchetOfItem(ratchet: Ratchet, index: number): Ratchet {
  const { current } = ratchet
  return current === undefined ? ratchet : { current: current.item(index), parent: current }
}

function brokenRule(
  { reason }: ValidationRule,
  path: FieldPath,
  { schema }: RuleNode,
  value: unknown,
  detail: string,
): FieldError {
  const isLarge = schema.type === 'object' || schema.type === 'array'
  switch (reason) {
    case 'FieldValueForbidden':
      return forbidden(path, detail)
    case 'FieldValueRequired':
      return required(path, detail)
    case 'FieldValueDuplicate':
      return isLarge
        ? { ...duplicate(path, ''), message: 'Duplicate value' }
        : duplicate(path, value)
    default:
      return isLarge ? invalidWithoutValue(path, detail) : invalid(path, value, detail)
  }
}

function defaultMessageOf(rule: ValidationRule): string {
  return (rule.message ?? '') === '' ? `failed rule: ${textOf(rule)}` : textOf(rule)
}

/** How a rule is named: by its message, if it has one. */
function textOf({ rule, message = '' }: ValidationRule): string {
  return message === '' ? rule.trim() : message.trim()
}
