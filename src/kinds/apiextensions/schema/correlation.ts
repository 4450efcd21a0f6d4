import { deepEqual } from '../../../machinery/deep-equal.ts'
import { isJsonObject } from '../../../machinery/json-value.ts'
import type { JSONSchemaProps } from '../v1/json-schema-props.ts'
import { itemSchemaOf, valueSchemaOf } from '../v1/schema-walk.ts'

/**
 * A value of a changed object together with what stood in its place before. Fields are found again
 * by name, items of map lists by their keys, items of other lists never.
 */
export class Correlation {
  readonly value: unknown
  readonly old: unknown
  readonly #schema: JSONSchemaProps
  #children: Map<string | number, Correlation | undefined> | undefined
  #oldItems: ReadonlyMap<string, unknown> | undefined
  #isUnchanged: boolean | undefined

  constructor(value: unknown, old: unknown, schema: JSONSchemaProps) {
    this.value = value
    this.old = old
    this.#schema = schema
  }

  /**
   * Whether the value is what it was: items of map lists may stand in another order. Objects with
   * fields that no schema knows have always changed, as upstream cannot find those again.
   */
  get isUnchanged(): boolean {
    this.#isUnchanged ??= this.#compare()
    return this.#isUnchanged
  }

  /** Undefined where the field was not there before. */
  field(name: string): Correlation | undefined {
    return this.#child(name, () => {
      const { value, old } = this
      if (!isJsonObject(value) || !isJsonObject(old)) return undefined
      if (!Object.hasOwn(value, name) || !Object.hasOwn(old, name)) return undefined
      const { properties } = this.#schema
      const isDeclared = properties !== undefined && Object.hasOwn(properties, name)
      const schema = isDeclared ? properties[name] : valueSchemaOf(this.#schema)
      return schema && new Correlation(value[name], old[name], schema)
    })
  }

  /** Undefined where the item cannot be found again, or was not there. */
  item(index: number): Correlation | undefined {
    return this.#child(index, () => {
      const schema = itemSchemaOf(this.#schema)
      if (schema === undefined || !this.#isMapList || !Array.isArray(this.value)) return undefined
      const key = keyOf(this.value[index], this.#keys)
      const old = key === undefined ? undefined : this.#itemsByKey().get(key)
      return old === undefined ? undefined : new Correlation(this.value[index], old, schema)
    })
  }

  get #isMapList(): boolean {
    return this.#schema['x-kubernetes-list-type'] === 'map' && Array.isArray(this.old)
  }

  get #keys(): readonly string[] {
    return this.#schema['x-kubernetes-list-map-keys'] ?? []
  }

  #itemsByKey(): ReadonlyMap<string, unknown> {
    if (this.#oldItems !== undefined) return this.#oldItems
    const items = new Map<string, unknown>()
    for (const item of this.old as readonly unknown[]) {
      const key = keyOf(item, this.#keys)
      if (key !== undefined && !items.has(key)) items.set(key, item)
    }
    this.#oldItems = items
    return items
  }

  #child(step: string | number, make: () => Correlation | undefined): Correlation | undefined {
    this.#children ??= new Map()
    if (this.#children.has(step)) return this.#children.get(step)
    const child = make()
    this.#children.set(step, child)
    return child
  }

  #compare(): boolean {
    const { value, old } = this
    if (Array.isArray(value) && Array.isArray(old)) {
      if (value.length !== old.length) return false
      if (!this.#isMapList) return deepEqual(value, old)
      return value.every((_, index) => this.item(index)?.isUnchanged === true)
    }
    if (isJsonObject(value) && isJsonObject(old)) {
      const names = Object.keys(value)
      if (names.length !== Object.keys(old).length) return false
      return names.every((name) => this.field(name)?.isUnchanged === true)
    }
    return deepEqual(value, old)
  }
}

/** One text for the keys of an item; undefined for what is no item with keys. */
function keyOf(item: unknown, keys: readonly string[]): string | undefined {
  if (!isJsonObject(item)) return undefined
  return keys
    .map((key) => (Object.hasOwn(item, key) ? `${typeof item[key]} ${String(item[key])}` : ''))
    .join('\0')
}
