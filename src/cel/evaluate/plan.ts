import type { CheckedExpr } from '../check/checker.ts'
import { LIST_COST, MAP_COST, SELECT_COST, STRUCT_COST } from '../cost/units.ts'
import { CONVERSION_NAMES } from '../functions/conversions.ts'
import type { CelFunction } from '../functions/function.ts'
import { compilePattern, PATTERN_FUNCTIONS } from '../functions/regular-expressions.ts'
import type {
  CallExpr,
  ComprehensionExpr,
  Expr,
  ListExpr,
  MapExpr,
  StructExpr,
} from '../syntax/ast.ts'
import {
  CONDITIONAL,
  EQUALS,
  INDEX,
  LOGICAL_AND,
  LOGICAL_OR,
  NOT_EQUALS,
  NOT_STRICTLY_FALSE,
  OPTIONAL_INDEX,
  OPTIONAL_SELECT,
} from '../syntax/operators.ts'
import { CelError } from '../values/cel-error.ts'
import { Double } from '../values/double.ts'
import { goTypeName } from '../values/go-type-name.ts'
import { ArrayList, itemsOf } from '../values/list.ts'
import { EntryMap } from '../values/map.ts'
import { TypeValue } from '../values/type-value.ts'
import { Uint } from '../values/uint.ts'
import { CelList, CelMap, type CelValue, type Outcome } from '../values/value.ts'
import { path, type Qualifier } from './attributes.ts'
import { callStep, convertLiteral } from './calls.ts'
import { foldStep } from './comprehension.ts'
import { listStep, mapStep, type OptionalStep, structStep } from './construction.ts'
import type { Frame, Step } from './frame.ts'
import {
  conditionalStep,
  equalityStep,
  logicalStep,
  memberKey,
  membershipStep,
  notStrictlyFalseStep,
  orStep,
  orValueStep,
} from './logic.ts'

/** What a plan needs to know of the environment. */
export interface PlanContext {
  function(name: string): CelFunction | undefined
  /** Makes an object of a named type: `Object{...}`. */
  construct(typeName: string, fields: ReadonlyMap<string, CelValue>): Outcome
}

/** An expression compiled to closures. */
export interface Plan {
  readonly step: Step
  readonly slotCount: number
  /** The slots of the environment's variables that it uses. */
  readonly variables: ReadonlyMap<string, number>
}

/** Raised for what cannot work though its types fit: a literal that does not convert. */
export class PlanError extends Error {
  override readonly name = 'PlanError'
}

/** Compiles a checked expression; throws `PlanError`. */
export function planExpression(checked: CheckedExpr, context: PlanContext): Plan {
  return new Planner(checked, context).plan()
}

/** A compiled node; `constant` is there when its value is known. */
interface Planned {
  readonly step: Step
  readonly constant?: CelValue
}

const constant = (value: CelValue): Planned => ({ step: () => value, constant: value })

class Planner {
  readonly #checked: CheckedExpr
  readonly #context: PlanContext
  readonly #variables = new Map<string, number>()
  readonly #scopes: ReadonlyMap<string, number>[] = []
  #slotCount = 0

  constructor(checked: CheckedExpr, context: PlanContext) {
    this.#checked = checked
    this.#context = context
  }

  plan(): Plan {
    const { step } = this.#plan(this.#checked.root)
    return { step, slotCount: this.#slotCount, variables: this.#variables }
  }

  #plan(expr: Expr): Planned {
    if (this.#isAttribute(expr)) return { step: this.#chargedAttribute(expr) }
    switch (expr.kind) {
      case 'literal':
        return constant(expr.value)
      case 'list':
        return this.#list(expr)
      case 'map':
        return this.#map(expr)
      case 'struct':
        return this.#struct(expr)
      case 'comprehension':
        return { step: this.#comprehension(expr) }
      case 'call':
        return this.#call(expr)
      default: {
        const type = this.#checked.types.get(expr)?.parameters[0]
        return constant(type === undefined ? null : new TypeValue(type))
      }
    }
  }

  /** Whether it is a path from a variable or value, or a choice between such. */
  #isAttribute(expr: Expr): boolean {
    if (expr.kind === 'call') {
      const { name } = expr
      return (
        name === INDEX ||
        name === OPTIONAL_INDEX ||
        name === OPTIONAL_SELECT ||
        name === CONDITIONAL
      )
    }
    return expr.kind === 'select' || expr.kind === 'ident' ? !this.#isTypeName(expr) : false
  }

  #isTypeName(expr: Expr): boolean {
    const reference = this.#checked.references.get(expr)
    const type = this.#checked.types.get(expr)
    if (reference === undefined || type?.kind !== 'type') return false
    return this.#slotOf(reference.name) === undefined
  }

  /** A path with its price: looking up the start costs one, a choice or a test nothing. */
  #chargedAttribute(expr: Expr): Step {
    const step = this.#attribute(expr, [])
    const isFree =
      (expr.kind === 'call' && expr.name === CONDITIONAL) || (expr.kind === 'select' && expr.isTest)
    if (isFree && this.#checked.references.get(expr)?.overloads !== undefined) return step
    if (isFree) return step
    return (frame) => {
      const value = step(frame)
      frame.charge(SELECT_COST)
      return value
    }
  }

  /** A path that goes on with `rest` from what the expression is; its start is not charged for. */
  #attribute(expr: Expr, rest: readonly Qualifier[]): Step {
    if (expr.kind === 'call' && expr.name === CONDITIONAL) {
      const [condition, truthy, falsy] = expr.args
      if (condition !== undefined && truthy !== undefined && falsy !== undefined) {
        return conditionalStep(
          this.#plan(condition).step,
          this.#attribute(truthy, rest),
          this.#attribute(falsy, rest),
        )
      }
    }
    const reference = this.#checked.references.get(expr)
    if ((expr.kind === 'ident' || expr.kind === 'select') && reference !== undefined) {
      const slot = this.#isTypeName(expr) ? undefined : this.#variable(reference.name)
      if (slot !== undefined) return path((frame) => valueIn(frame, slot), rest)
    }
    if (expr.kind === 'select' && reference === undefined) {
      const test = { key: expr.field, isOptional: false, isTest: expr.isTest }
      return this.#attribute(expr.operand, [test, ...rest])
    }
    if (expr.kind === 'call' && this.#isAttribute(expr)) {
      const [operand, index] = expr.args
      if (operand !== undefined && index !== undefined) {
        const qualifier = this.#qualifier(index, expr.name !== INDEX)
        return this.#attribute(operand, [qualifier, ...rest])
      }
    }
    return path(this.#plan(expr).step, rest)
  }

  #qualifier(index: Expr, isOptional: boolean): Qualifier {
    if (this.#isAttribute(index)) {
      return { compute: this.#attribute(index, []), isOptional, isTest: false }
    }
    const { step, constant: key } = this.#plan(index)
    if (key !== undefined && !isPlain(key)) {
      throw new PlanError(`invalid qualifier type: ${goTypeName(key)}`)
    }
    const known = key === undefined ? { compute: step } : { key }
    return { ...known, isOptional, isTest: false }
  }

  #slotOf(name: string): number | undefined {
    return this.#scopes.findLast((variables) => variables.has(name))?.get(name)
  }

  /** The slot of a variable; of one of the environment's it is made on its first use. */
  #variable(name: string): number {
    const local = this.#slotOf(name) ?? this.#variables.get(name)
    if (local !== undefined) return local
    const slot = this.#slotCount++
    this.#variables.set(name, slot)
    return slot
  }

  #call(expr: CallExpr): Planned {
    const reference = this.#checked.references.get(expr)
    const { name = expr.name, overloads = [], isNamespaced } = reference ?? {}
    const isMethod = expr.target !== undefined && isNamespaced !== true
    const nodes = isMethod && expr.target !== undefined ? [expr.target, ...expr.args] : expr.args
    const args = nodes.map((node) => this.#plan(node))
    const [first, second] = args
    if (first !== undefined && second !== undefined) {
      const step = binaryOperator(name, first.step, second.step)
      if (step !== undefined) return { step }
      if (name === '@in' && overloads.length === 1 && overloads[0] === 'in_list') {
        const optimized = membership(first.step, second.constant)
        if (optimized !== undefined) return optimized
      }
      checkPattern(name, second.constant)
    }
    // Upstream plans a call with a literal pattern anew, as one that ends at the first error.
    const hasPattern = PATTERN_FUNCTIONS.has(name) && typeof second?.constant === 'string'
    if (first !== undefined && name === NOT_STRICTLY_FALSE) {
      return { step: notStrictlyFalseStep(first.step) }
    }
    const declared = this.#context.function(name)
    if (declared === undefined) throw new PlanError(`no such overload: ${name}`)
    if (first?.constant !== undefined && args.length === 1 && CONVERSION_NAMES.has(name)) {
      const value = convertLiteral(declared, overloads, first.constant)
      if (value instanceof CelError) throw new PlanError(value.message)
      return constant(value)
    }
    const steps = args.map(({ step }) => step)
    return { step: callStep(declared, overloads, steps, hasPattern) }
  }

  #list({ elements, optionals }: ListExpr): Planned {
    const planned = elements.map((element) => this.#plan(element))
    const values = constantsOf(planned)
    if (values !== undefined && optionals.size === 0) return constant(new ArrayList(values))
    const steps = planned.map(({ step }, index) => ({ step, isOptional: optionals.has(index) }))
    return { step: charged(listStep(steps), LIST_COST) }
  }

  #map({ entries }: MapExpr): Planned {
    const keys = entries.map(({ key }) => this.#plan(key))
    const values = entries.map(({ value }) => this.#plan(value))
    const knownKeys = constantsOf(keys)
    const knownValues = constantsOf(values)
    const isPlain = entries.every(({ isOptional }) => !isOptional)
    if (knownKeys !== undefined && knownValues !== undefined && isPlain) {
      const pairs = knownKeys.map((key, index) => [key, knownValues[index] ?? null] as const)
      return constant(new EntryMap(pairs))
    }
    const steps = entries.map(({ isOptional }, index) => ({
      key: keys[index]?.step ?? (() => null),
      step: values[index]?.step ?? (() => null),
      isOptional,
    }))
    return { step: charged(mapStep(steps), MAP_COST) }
  }

  #struct(expr: StructExpr): Planned {
    const typeName = this.#checked.references.get(expr)?.name ?? expr.typeName
    const fields = expr.fields.map(({ name, value, isOptional }): [string, OptionalStep] => [
      name,
      { step: this.#plan(value).step, isOptional },
    ])
    const construct = (values: ReadonlyMap<string, CelValue>) =>
      this.#context.construct(typeName, values)
    return { step: charged(structStep(fields, construct), STRUCT_COST) }
  }

  #comprehension(expr: ComprehensionExpr): Step {
    const range = this.#plan(expr.range).step
    const accuInit = this.#plan(expr.accuInit).step
    const accuSlot = this.#slotCount++
    const iterSlot = this.#slotCount++
    const variables = new Map([[expr.iterVar, iterSlot]])
    const second = expr.iterVar2 === undefined ? {} : { iterSlot2: this.#slotCount++ }
    if (expr.iterVar2 !== undefined && second.iterSlot2 !== undefined) {
      variables.set(expr.iterVar2, second.iterSlot2)
    }
    this.#scopes.push(new Map([[expr.accuVar, accuSlot]]), variables)
    const condition = this.#plan(expr.condition)
    const step = this.#plan(expr.step).step
    this.#scopes.pop()
    const result = this.#plan(expr.result).step
    this.#scopes.pop()
    const isUnconditional = condition.constant === true
    const parts = { range, accuInit, condition: condition.step, isUnconditional, step, result }
    return foldStep({ ...parts, accuSlot, iterSlot, ...second })
  }
}

function valueIn(frame: Frame, slot: number): Outcome {
  return frame.slots[slot] ?? null
}

function charged(step: Step, cost: number): Step {
  return (frame) => {
    const value = step(frame)
    frame.charge(cost)
    return value
  }
}

function constantsOf(planned: readonly Planned[]): CelValue[] | undefined {
  const values: CelValue[] = []
  for (const { constant: value } of planned) {
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}

function binaryOperator(name: string, left: Step, right: Step): Step | undefined {
  switch (name) {
    case LOGICAL_AND:
      return logicalStep(false, left, right)
    case LOGICAL_OR:
      return logicalStep(true, left, right)
    case EQUALS:
      return equalityStep(false, left, right)
    case NOT_EQUALS:
      return equalityStep(true, left, right)
    case 'or':
      return orStep(left, right)
    case 'orValue':
      return orValueStep(left, right)
    default:
      return undefined
  }
}

/** `x in [...]` with a list of plain literals. */
function membership(element: Step, list: CelValue | undefined): Planned | undefined {
  if (!(list instanceof CelList)) return undefined
  if (list.size === 0) return constant(false)
  const items = itemsOf(list)
  if (items instanceof CelError || !items.every(isPlain)) return undefined
  return { step: membershipStep(element, new Set(items.map(memberKey))) }
}

const isPlain = (value: CelValue) =>
  value !== null &&
  !(value instanceof CelList) &&
  !(value instanceof CelMap) &&
  (typeof value !== 'object' || value instanceof Double || value instanceof Uint)

/** A literal pattern is compiled with the program. */
function checkPattern(name: string, pattern: CelValue | undefined): void {
  if (!PATTERN_FUNCTIONS.has(name) || typeof pattern !== 'string') return
  const compiled = compilePattern(pattern)
  if (compiled instanceof CelError) throw new PlanError(compiled.message)
}
