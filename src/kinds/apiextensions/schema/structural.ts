import { deepFreeze, isJsonObject } from '../../../machinery/json-value.ts'
import type { JSONSchemaProps } from '../v1/json-schema-props.ts'
import { itemSchemaOf, valueSchemaOf } from '../v1/schema-walk.ts'
import { coerceEmbedded, readMetadata } from './embedded-metadata.ts'
import { prune } from './prune.ts'

/**
 * A structural schema as readers of objects walk it: for each value one node, made when a value of
 * it is first met, so that a large schema costs nothing where nobody uses its far corners.
 */
export class Structural {
  readonly schema: JSONSchemaProps
  readonly isNullable: boolean
  readonly preservesUnknown: boolean
  /** The value is an object with apiVersion, kind and metadata of its own. */
  readonly isEmbedded: boolean
  /** Whether `additionalProperties` says anything, if only true or false. */
  readonly hasValues: boolean
  /** Where this stands inside an embedded object's metadata; undefined outside. */
  readonly #metadataSteps: MetadataSteps | undefined
  #default: { readonly value: unknown } | undefined
  #properties: Map<string, Structural> | undefined
  #items: Structural | undefined
  #values: Structural | undefined
  #hasDefaults: boolean | undefined
  #hasEmbedded: boolean | undefined
  #hasListTypes: boolean | undefined

  constructor(schema: JSONSchemaProps, isRoot = false, metadataSteps?: MetadataSteps) {
    this.schema = schema
    this.#metadataSteps = metadataSteps
    this.isNullable = schema.nullable === true
    this.preservesUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true
    this.isEmbedded = isRoot || schema['x-kubernetes-embedded-resource'] === true
    this.hasValues = schema.additionalProperties !== undefined
  }

  /** The schema of a declared property. */
  property(name: string): Structural | undefined {
    const known = this.#properties?.get(name)
    if (known !== undefined) return known
    const { properties } = this.schema
    if (properties === undefined || !Object.hasOwn(properties, name)) return undefined
    const steps = this.isEmbedded && name === 'metadata' ? [] : this.#stepsTo(name)
    const property = new Structural(properties[name] as JSONSchemaProps, false, steps)
    this.#properties ??= new Map()
    this.#properties.set(name, property)
    return property
  }

  /** The declared properties by name, in the schema's order. */
  get propertyNames(): readonly string[] {
    return Object.keys(this.schema.properties ?? {})
  }

  get items(): Structural | undefined {
    const schema = this.#items === undefined ? itemSchemaOf(this.schema) : undefined
    if (schema !== undefined) this.#items = new Structural(schema, false, this.#stepsTo(0))
    return this.#items
  }

  /** The schema of a map's values; undefined for none, and where anything may stand there. */
  get values(): Structural | undefined {
    const schema = this.#values === undefined ? valueSchemaOf(this.schema) : undefined
    if (schema !== undefined) this.#values = new Structural(schema, false, this.#stepsTo('*'))
    return this.#values
  }

  /** The schema of a field: its own, or that of all of a map's values. */
  field(name: string): Structural | undefined {
    return this.property(name) ?? this.values
  }

  #stepsTo(step: string | 0): MetadataSteps | undefined {
    return this.#metadataSteps && [...this.#metadataSteps, step]
  }

  /**
   * Undefined for none; a null is none. What its own schema does not know is left out, and so is
   * what metadata has no field for, inside of it or where it is part of some.
   */
  get default(): unknown {
    this.#default ??= { value: this.#prunedDefault() }
    return this.#default.value
  }

  #prunedDefault(): unknown {
    const { default: given = null } = this.schema
    if (given === null) return undefined
    const steps = this.#metadataSteps
    if (steps !== undefined) return deepFreeze(partOfMetadata(given, steps))
    return deepFreeze(coerceEmbedded(prune(given, this), this, { dropsInvalid: true }, 'default'))
  }

  /** Whether this or anything below has a default. */
  get hasDefaults(): boolean {
    this.#hasDefaults ??= hasBelow(this.schema, (one) => (one.default ?? undefined) !== undefined)
    return this.#hasDefaults
  }

  /** Whether this or anything below is an object with metadata of its own. */
  get hasEmbedded(): boolean {
    this.#hasEmbedded ??=
      this.isEmbedded || hasBelow(this.schema, (one) => one[EMBEDDED_RESOURCE] === true)
    return this.#hasEmbedded
  }

  /** Whether this or anything below is a list whose items differ from each other. */
  get hasListTypes(): boolean {
    this.#hasListTypes ??= hasBelow(this.schema, (one) => DISTINCT.has(one[LIST_TYPE]))
    return this.#hasListTypes
  }
}

/** From metadata down to a part of it: names of fields, any key of a map as '*', 0 for an item. */
type MetadataSteps = readonly (string | 0)[]

/** What of a default remains once the metadata around it has been read; undefined for nothing. */
function partOfMetadata(given: unknown, steps: MetadataSteps): unknown {
  const around = steps.reduceRight(
    (part: unknown, step) => (step === 0 ? [part] : { [step]: part }),
    given,
  )
  let part = isJsonObject(around) ? readMetadata(around, true) : around
  for (const step of steps) {
    if (step === 0 ? !Array.isArray(part) : !isJsonObject(part)) return undefined
    part = (part as Readonly<Record<string | 0, unknown>>)[step]
  }
  return part
}

const EMBEDDED_RESOURCE = 'x-kubernetes-embedded-resource'
const LIST_TYPE = 'x-kubernetes-list-type'
const DISTINCT: ReadonlySet<string | undefined> = new Set(['set', 'map'])

function hasBelow(schema: JSONSchemaProps, isSo: (schema: JSONSchemaProps) => boolean): boolean {
  if (isSo(schema)) return true
  const { properties } = schema
  for (const name in properties) {
    if (hasBelow(properties[name] as JSONSchemaProps, isSo)) return true
  }
  const items = itemSchemaOf(schema)
  if (items !== undefined && hasBelow(items, isSo)) return true
  const values = valueSchemaOf(schema)
  return values !== undefined && hasBelow(values, isSo)
}
