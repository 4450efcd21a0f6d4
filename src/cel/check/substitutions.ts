import { type CelType, DYN, ERROR, isSameType } from '../types.ts'

const isDyn = ({ kind }: CelType) => kind === 'dyn' || kind === 'any'
const isNullable = ({ kind }: CelType) =>
  kind === 'opaque' ||
  kind === 'object' ||
  kind === 'any' ||
  kind === 'duration' ||
  kind === 'timestamp' ||
  kind === 'null'

/**
 * What type variables stand for, found by unification. An attempt that fails leaves no trace: it
 * works on a copy.
 */
export class Substitutions {
  #types: Map<string, CelType>

  constructor(types: Iterable<readonly [string, CelType]> = []) {
    this.#types = new Map(types)
  }

  /** Whether each type can be assigned to the one at its place; what that means is kept. */
  unify(types: readonly CelType[], targets: readonly CelType[]): boolean {
    const before = this.#types
    this.#types = new Map(before)
    if (this.#areAssignable(types, targets)) return true
    this.#types = before
    return false
  }

  /** The type with variables replaced; unbound ones stay, or become dyn. */
  apply(type: CelType, unboundToDyn = false): CelType {
    if (type.kind === 'parameter') {
      const bound = this.#types.get(type.name)
      if (bound !== undefined) return this.apply(bound, unboundToDyn)
      return unboundToDyn ? DYN : type
    }
    if (type.parameters.length === 0) return type
    const parameters = type.parameters.map((inner) => this.apply(inner, unboundToDyn))
    return { ...type, parameters }
  }

  #areAssignable(types: readonly CelType[], targets: readonly CelType[]): boolean {
    if (types.length !== targets.length) return false
    return types.every((type, index) => this.#isAssignable(type, targets[index] ?? ERROR))
  }

  #isAssignable(a: CelType, b: CelType): boolean {
    if (b.kind === 'parameter') {
      const outcome = this.#bind(a, b)
      if (outcome !== 'unbound') return outcome === 'bound'
    }
    if (a.kind === 'parameter') return this.#bind(b, a) === 'bound'
    if (isDyn(a) || isDyn(b) || a.kind === 'error' || b.kind === 'error') return true
    if (a.kind === 'null') return isNullable(b)
    if (b.kind === 'null') return isNullable(a)
    if (a.kind === 'type') return b.kind === 'type'
    if (a.kind !== b.kind || a.name !== b.name) return false
    return this.#areAssignable(a.parameters, b.parameters)
  }

  /**
   * Lets a variable stand for a type, or widens what it stands for. `unbound`: it cannot, and stands
   * for nothing yet.
   */
  #bind(type: CelType, variable: CelType): 'bound' | 'conflict' | 'unbound' {
    if (isSameType(type, variable)) return 'bound'
    const known = this.#types.get(variable.name)
    if (known === undefined) {
      if (this.#occursIn(variable, type)) return 'unbound'
      this.#types.set(variable.name, type)
      return 'bound'
    }
    if (isSameType(type, known)) return 'bound'
    if (!this.#isAssignable(type, known)) return 'conflict'
    const general = moreGeneral(type, known)
    if (!this.#occursIn(variable, general)) this.#types.set(variable.name, general)
    return 'bound'
  }

  #occursIn(variable: CelType, type: CelType): boolean {
    if (isSameType(variable, type)) return true
    if (type.kind === 'parameter') {
      const bound = this.#types.get(type.name)
      return bound !== undefined && this.#occursIn(variable, bound)
    }
    return type.parameters.some((inner) => this.#occursIn(variable, inner))
  }
}

/** The more general of two types that unify. */
export const moreGeneral = (a: CelType, b: CelType): CelType => (isEqualOrMoreGeneral(a, b) ? a : b)

function isEqualOrMoreGeneral(a: CelType, b: CelType): boolean {
  if (isDyn(a) || a.kind === 'parameter') return true
  if (isDyn(b) || b.kind === 'parameter' || a.kind !== b.kind) return false
  switch (a.kind) {
    case 'opaque':
      if (a.name !== b.name || a.parameters.length !== b.parameters.length) return false
      return a.parameters.every((type, index) =>
        isEqualOrMoreGeneral(type, b.parameters[index] ?? ERROR),
      )
    case 'list':
    case 'map':
      return a.parameters.every((type, index) =>
        isEqualOrMoreGeneral(type, b.parameters[index] ?? ERROR),
      )
    case 'type':
      return true
    default:
      return isSameType(a, b)
  }
}
