import { type Names, withoutLeadingDot } from './check/names.ts'
import type { DeclaredType } from './declared-type.ts'
import { RESERVED_WORDS } from './escaping.ts'
import type { PlanContext } from './evaluate/plan.ts'
import { type CelFunction, groupFunctions } from './functions/function.ts'
import type { Library } from './library.ts'
import type { Macro, Macros } from './syntax/macro.ts'
import { type CelType, typeOf } from './types.ts'
import { CelError } from './values/cel-error.ts'
import type { CelValue, Outcome } from './values/value.ts'

/** What is added to an environment. */
export interface EnvironmentExtension {
  /**
   * Variables by name (names may hold dots). With a `DeclaredType` their JSON is read as the schema
   * says and the types in it are registered; with a `CelType` by what the JSON is.
   */
  readonly variables?: Readonly<Record<string, CelType | DeclaredType>>
  /** Object types that variables' types refer to by name. */
  readonly types?: readonly DeclaredType[]
  /** Object types whose fields are found when they are asked for, such as `Object`. */
  readonly objectTypes?: ObjectTypes
  readonly libraries?: readonly Library[]
}

/** Types of objects that expressions make: `Object{spec: Object.spec{...}}`. */
export interface ObjectTypes {
  has(typeName: string): boolean
  field(typeName: string, field: string): CelType | undefined
  construct(typeName: string, fields: ReadonlyMap<string, CelValue>): Outcome
}

/**
 * Names, types and functions that expressions may use. Immutable: `extend` makes another, which
 * shares what it does not change.
 */
export class Environment implements Names, PlanContext {
  static readonly empty = new Environment()
  readonly macros: Macros
  readonly #variables: ReadonlyMap<string, CelType>
  readonly #declared: ReadonlyMap<string, DeclaredType>
  readonly #types: ReadonlyMap<string, DeclaredType>
  readonly #objectTypes: readonly ObjectTypes[]
  readonly #functions: ReadonlyMap<string, CelFunction>

  private constructor(base?: Environment, extension: EnvironmentExtension = {}) {
    const { variables = {}, types = [], objectTypes, libraries = [] } = extension
    const entries = Object.entries(variables)
    const declared = entries.filter((entry): entry is [string, DeclaredType] => 'type' in entry[1])
    const names = entries.map(([name, type]) => [name, 'type' in type ? type.type : type] as const)
    const libraryNames = libraries.flatMap((library) => Object.entries(library.names ?? {}))
    this.#variables = new Map([...(base ? base.#variables : []), ...libraryNames, ...names])
    this.#declared = new Map([...(base ? base.#declared : []), ...declared])
    this.#types = new Map([
      ...(base ? base.#types : []),
      ...[...types, ...declared.map(([, type]) => type)].flatMap(objectTypesIn),
    ])
    this.#objectTypes = [...(base ? base.#objectTypes : []), ...(objectTypes ? [objectTypes] : [])]
    this.#functions = withFunctions(base ? base.#functions : undefined, libraries)
    const macros = libraries.flatMap(({ macros: added = [] }) => added)
    this.macros =
      base !== undefined && macros.length === 0 ? base.macros : mergeMacros(base, macros)
  }

  /** An environment with more in it. */
  extend(extension: EnvironmentExtension): Environment {
    return new Environment(this, extension)
  }

  variable(name: string): CelType | undefined {
    const known = this.#variables.get(name)
    if (known !== undefined) return known
    const type = this.#types.get(name)?.type
    if (type !== undefined) return typeOf(type)
    return this.#objectTypes.some((types) => types.has(name))
      ? typeOf({ kind: 'object', name, parameters: [] })
      : undefined
  }

  /** How the JSON of a variable is read, where a schema says it. */
  declaredType(variable: string): DeclaredType | undefined {
    return this.#declared.get(variable)
  }

  function(name: string): CelFunction | undefined {
    return this.#functions.get(withoutLeadingDot(name))
  }

  hasObjectType(typeName: string): boolean {
    return this.#types.has(typeName) || this.#objectTypes.some((types) => types.has(typeName))
  }

  /** Fields whose names are reserved words can be written without escapes. */
  field(typeName: string, field: string): CelType | undefined {
    const fields = this.#types.get(typeName)?.fields
    if (fields === undefined) {
      return this.#objectTypes.find((types) => types.has(typeName))?.field(typeName, field)
    }
    const escaped = RESERVED_WORDS.has(field) ? `__${field}__` : undefined
    const found = fields.get(field) ?? (escaped === undefined ? undefined : fields.get(escaped))
    return found?.type.type
  }

  construct(typeName: string, fields: ReadonlyMap<string, CelValue>): Outcome {
    const types = this.#objectTypes.find((candidate) => candidate.has(typeName))
    return types?.construct(typeName, fields) ?? new CelError(`unknown type '${typeName}'`)
  }
}

function withFunctions(
  known: ReadonlyMap<string, CelFunction> | undefined,
  libraries: readonly Library[],
): ReadonlyMap<string, CelFunction> {
  const added = libraries.flatMap(({ functions }) => functions)
  if (known !== undefined && added.length === 0) return known
  return groupFunctions([...(known?.values() ?? []), ...added])
}

function mergeMacros(
  base: Environment | undefined,
  added: readonly (readonly [string, Macro])[],
): Macros {
  return new Map([...(base?.macros ?? []), ...added])
}

/** The object types that a declared type holds, itself included. */
function objectTypesIn(declared: DeclaredType): (readonly [string, DeclaredType])[] {
  const inner = [...(declared.fields?.values() ?? [])].map(({ type }) => type)
  if (declared.elements !== undefined) inner.push(declared.elements)
  const below = inner.flatMap(objectTypesIn)
  return declared.fields === undefined ? below : [[declared.type.name, declared], ...below]
}
