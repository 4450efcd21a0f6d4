import { SELECT_COST } from '../cost/units.ts'
import { unescapeName } from '../escaping.ts'
import { CelError } from '../values/cel-error.ts'
import { Optional } from '../values/optional.ts'
import type { CelValue, Outcome } from '../values/value.ts'
import type { Frame, Step } from './frame.ts'
import { lookUp, lookUpField, missing } from './qualify.ts'

/** One step along a path: a field or index that is known, or one that is computed. */
export interface Qualifier {
  /** Present when it is known beforehand. */
  readonly key?: CelValue
  /** Computes it otherwise; what it costs is its own. */
  readonly compute?: Step
  /** `.?field` or `[?index]`: what is not there gives an empty optional. */
  readonly isOptional: boolean
  /** The last step of `has()`: asks whether it is there. */
  readonly isTest: boolean
}

/** Goes one step from a value; `undefined` when that is not there. */
type Reader = (object: CelValue, frame: Frame) => Outcome | undefined

/** A path from a starting value; the starting value is charged for by whoever reads the path. */
export function path(start: Step, qualifiers: readonly Qualifier[]): Step {
  if (qualifiers.length === 0) return start
  if (qualifiers.some(({ isOptional }) => isOptional)) return carefulPath(start, qualifiers)
  const careful = carefulPath(start, qualifiers)
  const steps = qualifiers.map(plainStep)
  const [first, second, third] = steps
  if (first !== undefined && second === undefined) {
    return (frame) => {
      const value = start(frame)
      if (value instanceof CelError) return value
      return value instanceof Optional ? unwrapped(careful, value, frame) : first(value, frame)
    }
  }
  if (first !== undefined && second !== undefined && third === undefined) {
    return (frame) => {
      const value = start(frame)
      if (value instanceof CelError) return value
      if (value instanceof Optional) return unwrapped(careful, value, frame)
      const next = first(value, frame)
      return next instanceof CelError ? next : second(next, frame)
    }
  }
  return (frame) => {
    let value = start(frame)
    if (value instanceof Optional) return unwrapped(careful, value, frame)
    for (const step of steps) {
      if (value instanceof CelError) return value
      value = step(value, frame)
    }
    return value
  }
}

/** The path of a start that turned out to be an optional, without starting anew. */
function unwrapped(careful: CarefulStep, value: Optional, frame: Frame): Outcome {
  return careful(frame, value)
}

/** Fails when the next value is not there. */
function plainStep(qualifier: Qualifier): (object: CelValue, frame: Frame) => Outcome {
  const { key, compute, isTest } = qualifier
  if (typeof key === 'string') {
    const unescaped = unescapeName(key)
    if (isTest) {
      return (object, frame) => {
        frame.charge(SELECT_COST)
        const value = lookUpField(object, key, unescaped)
        return value instanceof CelError ? value : value !== undefined
      }
    }
    return (object, frame) => {
      frame.charge(SELECT_COST)
      const value = lookUpField(object, key, unescaped)
      return value === undefined ? missing(object, key) : value
    }
  }
  if (compute === undefined) {
    const known = key ?? null
    return (object, frame) => {
      frame.charge(SELECT_COST)
      const value = lookUp(object, known)
      return value === undefined ? missing(object, known) : value
    }
  }
  return (object, frame) => {
    const computed = compute(frame)
    frame.charge(SELECT_COST)
    if (computed instanceof CelError) return computed
    const value = lookUp(object, computed)
    return value === undefined ? missing(object, computed) : value
  }
}

/** A path that may start anew from a value that was read before. */
type CarefulStep = (frame: Frame, started?: CelValue) => Outcome

/**
 * A path in which something is optional: from there on what is not there ends it with an empty
 * optional, and what is found is wrapped. What is not there is not charged for.
 */
function carefulPath(start: Step, qualifiers: readonly Qualifier[]): CarefulStep {
  const steps = qualifiers.map((qualifier) => {
    return { qualifier, read: reader(qualifier), plain: plainStep(qualifier) }
  })
  // `has()` of an optional path is a plain yes or no.
  const isTested = qualifiers.at(-1)?.isTest === true
  const absent = isTested ? false : Optional.none
  return (frame, started) => {
    const first = started ?? start(frame)
    if (first instanceof CelError) return first
    let isWrapping = first instanceof Optional
    let value: Outcome = first
    if (first instanceof Optional) {
      if (first.content === undefined) return absent
      value = first.content
    }
    for (const { qualifier, read, plain } of steps) {
      if (value instanceof CelError) return value
      isWrapping ||= qualifier.isOptional
      if (!isWrapping) {
        value = plain(value, frame)
        continue
      }
      const next = read(value, frame)
      if (next instanceof CelError) return next
      if (next === undefined) return absent
      frame.charge(SELECT_COST)
      value = qualifier.isTest ? true : next
    }
    if (value instanceof CelError) return value
    return isWrapping && !isTested ? new Optional(value) : value
  }
}

function reader({ key, compute }: Qualifier): Reader {
  if (typeof key === 'string') {
    const unescaped = unescapeName(key)
    return (object) => lookUpField(object, key, unescaped)
  }
  if (compute === undefined) return (object) => lookUp(object, key ?? null)
  return (object, frame) => {
    const computed = compute(frame)
    return computed instanceof CelError ? computed : lookUp(object, computed)
  }
}
