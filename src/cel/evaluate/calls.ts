import { callCost, type Price } from '../cost/runtime-cost.ts'
import { NO_SUCH_OVERLOAD } from '../functions/arithmetic.ts'
import type { Callable, CelFunction, Overload } from '../functions/function.ts'
import type { CelType } from '../types.ts'
import { CelError } from '../values/cel-error.ts'
import { typeOfValue } from '../values/type-value.ts'
import { CelList, CelMap, type CelValue, type Outcome } from '../values/value.ts'
import type { Frame, Step } from './frame.ts'

/**
 * A call of one of the overloads that the checker found possible, with the price it has. Operands
 * are all evaluated before an error among them counts; of three and more, and where that is asked
 * for, the first error ends it.
 */
export function callStep(
  declared: CelFunction,
  overloadIds: readonly string[],
  args: readonly Step[],
  endsAtFirstError = false,
): Step {
  const overloads = declared.overloads.filter(({ id }) => overloadIds.includes(id))
  const call = dispatcher(declared.name, overloads)
  const [only] = overloadIds
  const price = callCost(declared.name, overloadIds.length === 1 ? (only ?? '') : '')
  const [first, second, third] = args
  if (first === undefined) return nullaryStep(call, price)
  if (second === undefined) return unaryStep(call, price, first)
  if (third === undefined && !endsAtFirstError) return binaryStep(call, price, first, second)
  return variadicStep(call, price, args)
}

function nullaryStep(call: Callable, price: Price | undefined): Step {
  return (frame) => {
    chargeBefore(frame, price, NO_ARGUMENTS)
    return chargeAfter(frame, price, call())
  }
}

function unaryStep(call: Callable, price: Price | undefined, argument: Step): Step {
  return (frame) => {
    const value = argument(frame)
    if (price === undefined) frame.charge(1)
    else chargeBefore(frame, price, [value])
    const result = value instanceof CelError ? value : call(value)
    return chargeAfter(frame, price, result)
  }
}

function binaryStep(call: Callable, price: Price | undefined, left: Step, right: Step): Step {
  return (frame) => {
    const a = left(frame)
    const b = right(frame)
    if (price === undefined) frame.charge(1)
    else chargeBefore(frame, price, [a, b])
    const result = a instanceof CelError ? a : b instanceof CelError ? b : call(a, b)
    return chargeAfter(frame, price, result)
  }
}

function variadicStep(call: Callable, price: Price | undefined, args: readonly Step[]): Step {
  return (frame) => {
    const values: CelValue[] = []
    for (const [index, argument] of args.entries()) {
      const value = argument(frame)
      if (value instanceof CelError) {
        // Upstream charges for a call whose arguments were all looked at.
        if (index < args.length - 1) return value
        chargeBefore(frame, price, [...values, value])
        return chargeAfter(frame, price, value)
      }
      values.push(value)
    }
    chargeBefore(frame, price, values)
    return chargeAfter(frame, price, call(...values))
  }
}

const NO_ARGUMENTS: readonly Outcome[] = []

/** What the arguments tell is charged before the work, so that the limit spares it. */
function chargeBefore(frame: Frame, price: Price | undefined, args: readonly Outcome[]): void {
  if (price === undefined) frame.charge(1)
  else if (typeof price === 'function') frame.charge(price(args))
  else if ('steps' in price) {
    frame.charge(price.ofArguments(args))
    frame.strain(price.steps(args))
  }
}

function chargeAfter(frame: Frame, price: Price | undefined, result: Outcome): Outcome {
  if (typeof price === 'object' && 'ofResult' in price) frame.charge(price.ofResult(result))
  return result
}

/** Calls the overload that the arguments fit at run time. */
function dispatcher(name: string, overloads: readonly Overload[]): Callable {
  const [only] = overloads
  if (overloads.every(({ call }) => call === only?.call) && only?.call !== undefined) {
    if (only.checksItself) return only.call
  }
  const candidates = overloads.map((overload) => ({
    call: overload.call ?? (() => NO_SUCH_OVERLOAD),
    guards: overload.args.map(guardOf),
    checksItself: overload.checksItself,
  }))
  return (...args) => {
    for (const { call, guards, checksItself } of candidates) {
      if (args.length !== guards.length) continue
      if (checksItself || isAccepted(args, guards)) return call(...args)
    }
    const types = args.map((value) => typeOfValue(value).name)
    return new CelError(`no such overload: ${name}(${types.join(', ')})`)
  }
}

type Guard = (value: CelValue) => boolean

function isAccepted(args: readonly CelValue[], guards: readonly Guard[]): boolean {
  for (let index = 0; index < guards.length; index++) {
    const guard = guards[index]
    const value = args[index]
    if (guard === undefined || value === undefined || !guard(value)) return false
  }
  return true
}

/** Whether a value is of a declared type; of a list or a map the first entry is looked at. */
function guardOf(type: CelType): Guard {
  switch (type.kind) {
    case 'dyn':
    case 'any':
    case 'parameter':
      return () => true
    case 'string':
      return (value) => typeof value === 'string'
    case 'bool':
      return (value) => typeof value === 'boolean'
    case 'int':
      return (value) => typeof value === 'number' || typeof value === 'bigint'
    case 'list':
      return listGuard(type.parameters.map(guardOf))
    case 'map':
      return mapGuard(type.parameters.map(guardOf))
    default:
      return (value) => typeOfValue(value).name === type.name
  }
}

const isOutcome = (guard: Guard | undefined, outcome: Outcome | undefined) =>
  guard === undefined || outcome === undefined || outcome instanceof CelError || guard(outcome)

function listGuard([element]: readonly Guard[]): Guard {
  return (value) => {
    if (!(value instanceof CelList)) return false
    return value.size === 0 || isOutcome(element, value.at(0))
  }
}

function mapGuard([keyGuard, valueGuard]: readonly Guard[]): Guard {
  return (value) => {
    if (!(value instanceof CelMap)) return false
    for (const key of value.keys()) {
      return isOutcome(keyGuard, key) && isOutcome(valueGuard, value.find(key))
    }
    return true
  }
}

/** Evaluates a conversion of a literal once; an error is one of the program. */
export function convertLiteral(
  declared: CelFunction,
  overloadIds: readonly string[],
  value: CelValue,
): Outcome {
  const overloads = declared.overloads.filter(({ id }) => overloadIds.includes(id))
  return dispatcher(declared.name, overloads)(value)
}
