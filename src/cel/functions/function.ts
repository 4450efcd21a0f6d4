import type { CelType } from '../types.ts'
import type { CelValue, Outcome } from '../values/value.ts'
import { parseSignature } from './signature.ts'

/**
 * What a call does. It gets as many arguments as its overload declares (the receiver first), each
 * of the declared type at run time: so implementations may name the types that they expect.
 */
export type Implementation = (...args: never[]) => Outcome

/** An `Implementation` as its caller sees it. */
export type Callable = (...args: readonly CelValue[]) => Outcome

/** One signature of a function. */
export interface Overload {
  readonly id: string
  /** Whether it is called on its first argument: `text.size()`. */
  readonly isMember: boolean
  readonly args: readonly CelType[]
  readonly result: CelType
  /** The names of type variables in the signature. */
  readonly typeParameters: readonly string[]
  /** Absent for what the evaluator does itself. */
  readonly call?: Callable
  /** It is called with whatever it is given and checks that itself. */
  readonly checksItself?: true
}

/** A function with its signatures, in the order in which they are tried. */
export interface CelFunction {
  readonly name: string
  readonly overloads: readonly Overload[]
}

interface OverloadOptions {
  readonly checksItself?: true
}

/** An overload that is called by its name: `size(text)`. */
export function global(
  name: string,
  id: string,
  signature: string,
  call?: Implementation,
  options: OverloadOptions = {},
): CelFunction {
  return { name, overloads: [overload(id, false, signature, call, options)] }
}

/** An overload that is called on its first argument: `text.size()`. */
export function member(
  name: string,
  id: string,
  signature: string,
  call?: Implementation,
  options: OverloadOptions = {},
): CelFunction {
  return { name, overloads: [overload(id, true, signature, call, options)] }
}

function overload(
  id: string,
  isMember: boolean,
  signature: string,
  call: Implementation | undefined,
  options: OverloadOptions,
): Overload {
  const parsed = parseSignature(signature)
  return { id, isMember, ...parsed, ...options, ...(call && { call: call as Callable }) }
}

/** Functions by name, the overloads of one name together in the order given. */
export function groupFunctions(functions: Iterable<CelFunction>): ReadonlyMap<string, CelFunction> {
  const byName = new Map<string, CelFunction>()
  for (const { name, overloads } of functions) {
    const known = byName.get(name)?.overloads ?? []
    const replaced = known.filter(({ id }) => overloads.every((added) => added.id !== id))
    byName.set(name, { name, overloads: [...replaced, ...overloads] })
  }
  return byName
}
