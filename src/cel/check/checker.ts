import type { CelFunction, Overload } from '../functions/function.ts'
import type {
  CallExpr,
  ComprehensionExpr,
  Expr,
  ListExpr,
  MapExpr,
  SelectExpr,
  StructExpr,
} from '../syntax/ast.ts'
import { LOGICAL_AND, LOGICAL_OR, OPTIONAL_SELECT } from '../syntax/operators.ts'
import type { Issue } from '../syntax/source.ts'
import {
  BOOL,
  type CelType,
  DYN,
  ERROR,
  INT,
  isOptionalType,
  isSameType,
  listOf,
  mapOf,
  optionalOf,
  parameter,
} from '../types.ts'
import { typeOfValue } from '../values/type-value.ts'
import { formatCallTypes, formatCheckedType } from './format-checked-type.ts'
import { type Names, qualifiedName, withoutLeadingDot } from './names.ts'
import { moreGeneral, Substitutions } from './substitutions.ts'

/** What a node was found to refer to. */
export interface Reference {
  /** The resolved name of a variable, type or function. */
  readonly name: string
  /** Of a call: the ids of the overloads that may be meant. */
  readonly overloads?: readonly string[]
  /** Of a method call that is a call by a qualified name: its target is part of the name. */
  readonly isNamespaced?: true
}

/** A tree with what the checker found out about its nodes. */
export interface CheckedExpr {
  readonly root: Expr
  readonly types: ReadonlyMap<Expr, CelType>
  readonly references: ReadonlyMap<Expr, Reference>
}

/** The types of an expression's nodes; what does not fit is added to `issues`. */
export function checkExpression(root: Expr, names: Names, issues: Issue[]): CheckedExpr {
  return new Checker(names, issues).check(root)
}

const isDyn = ({ kind }: CelType) => kind === 'dyn' || kind === 'any'

class Checker {
  readonly #names: Names
  readonly #issues: Issue[]
  readonly #types = new Map<Expr, CelType>()
  readonly #references = new Map<Expr, Reference>()
  readonly #substitutions = new Substitutions()
  /** Variables of the comprehensions around, innermost last. */
  readonly #scopes: ReadonlyMap<string, CelType>[] = []
  #variableCount = 0

  constructor(names: Names, issues: Issue[]) {
    this.#names = names
    this.#issues = issues
  }

  check(root: Expr): CheckedExpr {
    this.#check(root)
    const types = new Map<Expr, CelType>()
    for (const [expr, type] of this.#types) types.set(expr, this.#substitutions.apply(type, true))
    return { root, types, references: this.#references }
  }

  #check(expr: Expr): CelType {
    const type = this.#typeOf(expr)
    this.#types.set(expr, type)
    return type
  }

  #typeOf(expr: Expr): CelType {
    switch (expr.kind) {
      case 'literal':
        return typeOfValue(expr.value)
      case 'ident':
        return (
          this.#resolve(expr, expr.name) ??
          this.#fail(expr, `undeclared reference to '${expr.name}' (in container '')`)
        )
      case 'select':
        return this.#select(expr)
      case 'call':
        return expr.name === OPTIONAL_SELECT ? this.#optionalSelect(expr) : this.#call(expr)
      case 'list':
        return this.#list(expr)
      case 'map':
        return this.#map(expr)
      case 'struct':
        return this.#struct(expr)
      case 'comprehension':
        return this.#comprehension(expr)
    }
  }

  /** The type of a name, which is noted as what the node refers to. */
  #resolve(expr: Expr, name: string): CelType | undefined {
    const bare = withoutLeadingDot(name)
    const scope = this.#scopes.findLast((variables) => variables.has(bare))
    const type = scope?.get(bare) ?? this.#names.variable(bare)
    if (type !== undefined) this.#references.set(expr, { name: bare })
    return type
  }

  #select(expr: SelectExpr): CelType {
    const name = qualifiedName(expr)
    const named = name === undefined ? undefined : this.#resolve(expr, name)
    if (named !== undefined) return named
    const type = this.#field(expr, expr.operand, expr.field, false)
    return expr.isTest ? BOOL : this.#substitutions.apply(type)
  }

  #optionalSelect(expr: CallExpr): CelType {
    const [operand, field] = expr.args
    if (operand === undefined || field?.kind !== 'literal' || typeof field.value !== 'string') {
      return this.#fail(expr, 'unsupported optional field selection')
    }
    const type = this.#field(expr, operand, field.value, true)
    this.#references.set(expr, { name: expr.name, overloads: ['select_optional_field'] })
    return this.#substitutions.apply(type)
  }

  #field(expr: Expr, operand: Expr, field: string, isOptional: boolean): CelType {
    const operandType = this.#substitutions.apply(this.#check(operand))
    const isUnwrapped = isOptionalType(operandType)
    const target = isUnwrapped ? (operandType.parameters[0] ?? DYN) : operandType
    const type = this.#fieldOf(expr, target, field)
    return isUnwrapped || isOptional ? optionalOf(type) : type
  }

  #fieldOf(expr: Expr, target: CelType, field: string): CelType {
    switch (target.kind) {
      case 'map':
        return target.parameters[1] ?? DYN
      case 'object': {
        if (!this.#names.hasObjectType(target.name)) {
          return this.#fail(expr, `unexpected failed resolution of '${target.name}'`)
        }
        const type = this.#names.field(target.name, field)
        return type ?? this.#fail(expr, `undefined field '${field}'`)
      }
      case 'parameter':
        this.#substitutions.unify([DYN], [target])
        return DYN
      case 'dyn':
      case 'any':
      case 'error':
        return DYN
      default:
        this.#fail(expr, `type '${formatCheckedType(target)}' does not support field selection`)
        return DYN
    }
  }

  #call(expr: CallExpr): CelType {
    for (const arg of expr.args) this.#check(arg)
    if (expr.target === undefined) {
      const found = this.#names.function(withoutLeadingDot(expr.name))
      return found === undefined ? this.#undeclared(expr) : this.#overload(expr, found, undefined)
    }
    const prefix = qualifiedName(expr.target)
    const namespaced =
      prefix === undefined
        ? undefined
        : this.#names.function(withoutLeadingDot(`${prefix}.${expr.name}`))
    if (namespaced !== undefined) return this.#overload(expr, namespaced, undefined)
    this.#check(expr.target)
    const found = this.#names.function(expr.name)
    return found === undefined ? this.#undeclared(expr) : this.#overload(expr, found, expr.target)
  }

  #undeclared(expr: CallExpr): CelType {
    return this.#fail(expr, `undeclared reference to '${expr.name}' (in container '')`)
  }

  /** The result of the overloads that the arguments fit; dyn if those give different types. */
  #overload(expr: CallExpr, { name, overloads }: CelFunction, target: Expr | undefined): CelType {
    const given = target === undefined ? expr.args : [target, ...expr.args]
    const types = given.map((arg) => this.#types.get(arg) ?? ERROR)
    if (name === LOGICAL_AND || name === LOGICAL_OR) return this.#logical(expr, name, types)
    const ids: string[] = []
    let result: CelType | undefined
    for (const overload of overloads) {
      if (overload.isMember !== (target !== undefined)) continue
      const fresh = this.#instantiate(overload)
      if (!this.#substitutions.unify(types, fresh.args)) continue
      ids.push(overload.id)
      const type = this.#substitutions.apply(fresh.result)
      if (result === undefined) result = type
      else if (!isDyn(result) && !isSameType(type, result)) result = DYN
    }
    if (result === undefined) {
      const known = types.map((type) => this.#substitutions.apply(type, true))
      const signature = formatCallTypes(known, target !== undefined)
      return this.#fail(expr, `found no matching overload for '${name}' applied to '${signature}'`)
    }
    const isNamespaced = expr.target !== undefined && target === undefined
    this.#references.set(expr, { name, overloads: ids, ...(isNamespaced && { isNamespaced }) })
    return result
  }

  #logical(expr: CallExpr, name: string, types: readonly CelType[]): CelType {
    let isWrong = false
    types.forEach((type, index) => {
      if (this.#substitutions.unify([type], [BOOL])) return
      isWrong = true
      this.#mismatch(expr.args[index] ?? expr, BOOL, type)
    })
    if (isWrong) return ERROR
    const id = name === LOGICAL_AND ? 'logical_and' : 'logical_or'
    this.#references.set(expr, { name, overloads: [id] })
    return BOOL
  }

  /** An overload's types with variables that are used nowhere else. */
  #instantiate(overload: Overload): Pick<Overload, 'args' | 'result'> {
    if (overload.typeParameters.length === 0) return overload
    const fresh = new Substitutions(
      overload.typeParameters.map((name) => [name, this.#newVariable()] as const),
    )
    return {
      args: overload.args.map((type) => fresh.apply(type)),
      result: fresh.apply(overload.result),
    }
  }

  #list(expr: ListExpr): CelType {
    let type: CelType | undefined
    expr.elements.forEach((element, index) => {
      const elementType = this.#element(element, expr.optionals.has(index))
      type = this.#join(type, elementType)
    })
    return listOf(type ?? this.#newVariable())
  }

  #map(expr: MapExpr): CelType {
    let keyType: CelType | undefined
    let valueType: CelType | undefined
    for (const { key, value, isOptional } of expr.entries) {
      keyType = this.#join(keyType, this.#check(key))
      valueType = this.#join(valueType, this.#element(value, isOptional))
    }
    return mapOf(keyType ?? this.#newVariable(), valueType ?? this.#newVariable())
  }

  #struct(expr: StructExpr): CelType {
    const name = withoutLeadingDot(expr.typeName)
    const named = this.#names.variable(name)
    if (named === undefined) {
      return this.#fail(expr, `undeclared reference to '${expr.typeName}' (in container '')`)
    }
    this.#references.set(expr, { name })
    const [type = DYN] = named.parameters
    let result = type
    if (named.kind !== 'type') result = this.#fail(expr, `'${named.name}' is not a type`)
    else if (type.kind !== 'object') {
      result = this.#fail(expr, `'${type.name}' is not a message type`)
    }
    for (const { value, name: field, isOptional, offset } of expr.fields) {
      const fieldType = this.#structField(name, field, offset)
      const valueType = this.#element(value, isOptional)
      if (this.#substitutions.unify([fieldType], [valueType])) continue
      const expected = formatCheckedType(fieldType)
      const provided = formatCheckedType(valueType)
      const message = `expected type of field '${field}' is '${expected}' but provided type is '${provided}'`
      this.#issues.push({ offset, message })
    }
    return result
  }

  #structField(typeName: string, field: string, offset: number): CelType {
    if (!this.#names.hasObjectType(typeName)) {
      this.#issues.push({ offset, message: `unexpected failed resolution of '${typeName}'` })
      return ERROR
    }
    const type = this.#names.field(typeName, field)
    if (type === undefined) this.#issues.push({ offset, message: `undefined field '${field}'` })
    return type ?? ERROR
  }

  /** The type of an element, entry or field; of an optional one that of its content. */
  #element(expr: Expr, isOptional: boolean): CelType {
    const type = this.#check(expr)
    if (!isOptional) return type
    if (isOptionalType(type)) return type.parameters[0] ?? DYN
    if (!isDyn(type)) this.#mismatch(expr, optionalOf(type), type)
    return type
  }

  #comprehension(expr: ComprehensionExpr): CelType {
    this.#check(expr.range)
    const accuType = this.#check(expr.accuInit)
    const rangeType = this.#substitutions.apply(this.#types.get(expr.range) ?? ERROR)
    const [first, second] = this.#iterationTypes(expr, rangeType)
    const accumulator = new Map([[expr.accuVar, accuType]])
    const variables = new Map([[expr.iterVar, first]])
    if (expr.iterVar2 !== undefined) variables.set(expr.iterVar2, second)
    this.#scopes.push(accumulator, variables)
    this.#check(expr.condition)
    this.#assert(expr.condition, BOOL)
    this.#check(expr.step)
    this.#assert(expr.step, accuType)
    this.#scopes.pop()
    const result = this.#check(expr.result)
    this.#scopes.pop()
    return this.#substitutions.apply(result)
  }

  /** The types of the one or two variables that go through a range. */
  #iterationTypes(expr: ComprehensionExpr, range: CelType): readonly [CelType, CelType] {
    const hasTwo = expr.iterVar2 !== undefined
    const [first = DYN, second = DYN] = range.parameters
    switch (range.kind) {
      case 'list':
        return hasTwo ? [INT, first] : [first, ERROR]
      case 'map':
        return [first, second]
      case 'dyn':
      case 'error':
      case 'parameter':
        this.#substitutions.unify([DYN], [range])
        return [DYN, DYN]
      default: {
        const type = formatCheckedType(range)
        const rest = 'cannot be range of a comprehension (must be list, map, or dynamic)'
        this.#fail(expr.range, `expression of type '${type}' ${rest}`)
        return [ERROR, ERROR]
      }
    }
  }

  /** The common type of elements; those that differ are told of by `validateLiterals`. */
  #join(previous: CelType | undefined, current: CelType): CelType {
    if (previous === undefined) return current
    return this.#substitutions.unify([previous], [current]) ? moreGeneral(previous, current) : DYN
  }

  #assert(expr: Expr, type: CelType): void {
    const found = this.#types.get(expr) ?? ERROR
    if (!this.#substitutions.unify([type], [found])) this.#mismatch(expr, type, found)
  }

  #mismatch(expr: Expr, expected: CelType, found: CelType): void {
    const types = [expected, found].map(formatCheckedType)
    this.#fail(expr, `expected type '${types[0]}' but found '${types[1]}'`)
  }

  #fail(expr: Expr, message: string): CelType {
    this.#issues.push({ offset: expr.offset, message })
    return ERROR
  }

  #newVariable(): CelType {
    return parameter(`_var${this.#variableCount++}`)
  }
}
