import { declareSchema } from '../../../cel/declare-schema.ts'
import type { DeclaredType } from '../../../cel/declared-type.ts'
import { escapeName } from '../../../cel/escaping.ts'
import type { JSONSchemaProps } from '../v1/json-schema-props.ts'
import { itemSchemaOf, valueSchemaOf } from '../v1/schema-walk.ts'
import { type CompiledRule, compileRules } from './compile-rules.ts'

/** Does some work and may look how long it takes. */
export type Measure = <T>(work: () => T) => T

const unmeasured: Measure = (work) => work()

/** The rules of a schema and of all that is in it, compiled when a value is first met. */
export class RuleNode {
  /** The schema that the value has; rules inside `allOf` speak of it too. */
  readonly schema: JSONSchemaProps
  /** The schema that has the rules. */
  readonly #ruleSchema: JSONSchemaProps
  readonly #declare: () => DeclaredType | undefined
  readonly #compiling: Measure
  #declared: { readonly type: DeclaredType | undefined } | undefined
  #rules: readonly CompiledRule[] | undefined
  readonly #properties = new Map<string, RuleNode | undefined>()
  #items: { readonly node: RuleNode | undefined } | undefined
  #values: { readonly node: RuleNode | undefined } | undefined
  #branches: readonly RuleNode[] | undefined

  constructor(
    schema: JSONSchemaProps,
    ruleSchema: JSONSchemaProps,
    declare: () => DeclaredType | undefined,
    compiling: Measure,
  ) {
    this.#compiling = compiling
    this.schema = schema
    this.#ruleSchema = ruleSchema
    this.#declare = declare
  }

  /** Undefined where nothing is said of the value that could be evaluated. */
  get declared(): DeclaredType | undefined {
    this.#declared ??= { type: this.#declare() }
    return this.#declared.type
  }

  /** Undefined where there are rules, but expressions see nothing of the value. */
  get rules(): readonly CompiledRule[] | undefined {
    if (this.#rules !== undefined) return this.#rules
    const own = this.#ruleSchema['x-kubernetes-validations'] ?? []
    if (own.length === 0) this.#rules = []
    else {
      this.#rules = this.#compiling(
        () => this.declared && compileRules(own, this.schema, this.declared),
      )
    }
    return this.#rules
  }

  /** Undefined for a property without rules. Keys of a map are endless: none of them is kept. */
  property(name: string): RuleNode | undefined {
    if (own(this.#ruleSchema.properties, name) === undefined) return undefined
    if (this.#properties.has(name)) return this.#properties.get(name)
    const node = this.#propertyNode(name)
    this.#properties.set(name, node)
    return node
  }

  get items(): RuleNode | undefined {
    this.#items ??= {
      node: this.#below(itemSchemaOf(this.schema), itemSchemaOf(this.#ruleSchema)),
    }
    return this.#items.node
  }

  get values(): RuleNode | undefined {
    this.#values ??= {
      node: this.#below(valueSchemaOf(this.schema), valueSchemaOf(this.#ruleSchema)),
    }
    return this.#values.node
  }

  /** The rules inside `allOf`. */
  get branches(): readonly RuleNode[] {
    this.#branches ??= (this.#ruleSchema.allOf ?? [])
      .filter(hasRules)
      .map((branch) => new RuleNode(this.schema, branch, () => this.declared, this.#compiling))
    return this.#branches
  }

  #propertyNode(name: string): RuleNode | undefined {
    const schema = own(this.schema.properties, name)
    const ruleSchema = own(this.#ruleSchema.properties, name)
    if (schema === undefined || ruleSchema === undefined || !hasRules(ruleSchema)) return undefined
    const escaped = escapeName(name)
    // A name that no expression can write has a type of its own.
    const declare =
      escaped === undefined
        ? () => declareSchema(schema, isEmbedded(schema), name)
        : () => this.declared?.fields?.get(escaped)?.type
    const node = new RuleNode(schema, ruleSchema, declare, this.#compiling)
    return node.declared === undefined ? undefined : node
  }

  /** Items and values are declared with what they are in. */
  #below(
    schema: JSONSchemaProps | undefined,
    ruleSchema: JSONSchemaProps | undefined,
  ): RuleNode | undefined {
    if (schema === undefined || ruleSchema === undefined || !hasRules(ruleSchema)) return undefined
    return new RuleNode(schema, ruleSchema, () => this.declared?.elements, this.#compiling)
  }
}

/** The rules of a whole object; undefined where there are none. `compiling` measures that. */
export function rootRuleNode(
  schema: JSONSchemaProps,
  isResource: boolean,
  compiling: Measure = unmeasured,
): RuleNode | undefined {
  if (!hasRulesOnSpine(schema)) return undefined
  const declare = () => declareSchema(schema, isResource, nextTypeName())
  return new RuleNode(schema, schema, declare, compiling)
}

let types = 0

/** No expression can name the type of its own value. */
function nextTypeName(): string {
  types++
  return `selfType${types}`
}

/** Whether there is any rule outside of `allOf`. */
function hasRulesOnSpine(schema: JSONSchemaProps): boolean {
  return has(schema, false)
}

function hasRules(schema: JSONSchemaProps): boolean {
  return has(schema, true)
}

const known = new WeakMap<JSONSchemaProps, boolean>()

function has(schema: JSONSchemaProps, withBranches: boolean): boolean {
  if ((schema['x-kubernetes-validations'] ?? []).length > 0) return true
  const isKnown = withBranches ? known.get(schema) : undefined
  if (isKnown !== undefined) return isKnown
  const below = [
    ...Object.values(schema.properties ?? {}),
    itemSchemaOf(schema),
    valueSchemaOf(schema),
    ...(withBranches ? (schema.allOf ?? []) : []),
  ]
  const result = below.some((one) => one !== undefined && has(one, withBranches))
  if (withBranches) known.set(schema, result)
  return result
}

function own(
  map: { readonly [name: string]: JSONSchemaProps } | undefined,
  name: string,
): JSONSchemaProps | undefined {
  return map !== undefined && Object.hasOwn(map, name) ? map[name] : undefined
}

function isEmbedded(schema: JSONSchemaProps): boolean {
  return schema['x-kubernetes-embedded-resource'] === true
}
