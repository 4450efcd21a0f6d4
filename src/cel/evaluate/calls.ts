import { type CallCost, callCost } from '../cost/runtime-cost.ts'
import { NO_SUCH_OVERLOAD } from '../functions/arithmetic.ts'
import type { Callable, CelFunction, Overload } from '../functions/function.ts'
import type { CelType } from '../types.ts'
import { CelError } from '../values/cel-error.ts'
import { typeOfValue } from '../values/type-value.ts'
import { CelList, CelMap, type CelValue, type Outcome } from '../values/value.ts'
import type { Step } from './frame.ts'

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
  const cost = callCost(declared.name, overloadIds.length === 1 ? (only ?? '') : '')
  const [first, second, third] = args
  if (first === undefined) return nullaryStep(call, cost)
  if (second === undefined) return unaryStep(call, cost, first)
  if (third === undefined && !endsAtFirstError) return binaryStep(call, cost, first, second)
  return variadicStep(call, cost, args)
}

function nullaryStep(call: Callable, cost: CallCost | undefined): Step {
  return (frame) => {
    const result = call()
    frame.charge(cost === undefined ? 1 : cost([], result))
    return result
  }
}

function unaryStep(call: Callable, cost: CallCost | undefined, argument: Step): Step {
  return (frame) => {
    const value = argument(frame)
    const result = value instanceof CelError ? value : call(value)
    frame.charge(cost === undefined ? 1 : cost([value], result))
    return result
  }
}

function binaryStep(call: Callable, cost: CallCost | undefined, left: Step, right: Step): Step {
  return (frame) => {
    const a = left(frame)
    const b = right(frame)
    const result = a instanceof CelError ? a : b instanceof CelError ? b : call(a, b)
    frame.charge(cost === undefined ? 1 : cost([a, b], result))
    return result
  }
}

function variadicStep(call: Callable, cost: CallCost | undefined, args: readonly Step[]): Step {
  return (frame) => {
    const values: CelValue[] = []
    for (const [index, argument] of args.entries()) {
      const value = argument(frame)
      if (value instanceof CelError) {
        // Upstream charges for a call whose arguments were all looked at.
        if (index === args.length - 1) {
          frame.charge(cost === undefined ? 1 : cost([...values, value], value))
        }
        return value
      }
      values.push(value)
    }
    const result = call(...values)
    frame.charge(cost === undefined ? 1 : cost(values, result))
    return result
  }
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
