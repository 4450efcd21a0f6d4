import { parseJson } from '../../base/json.ts'
import type { Sliced } from '../../base/slices.ts'
import type { FieldNode, SchemaNode } from '../schema.ts'
import { JSON_TOKEN, TOKENS_AT_ONCE } from './json-tokens.ts'

type Json = Record<string, unknown>

/**
 * Reads JSON in which keys stand twice into a value of a schema, as Go's decoder fills a struct
 * again and again:
 *
 *     {"metadata":{"name":"a"}, "metadata":{"labels":{}}}     both fields, of one struct
 *     {"args":["x","y"], "args":["z"]}                        the last list
 *     {"containers":[{"name":"a"}], "containers":[{"image":"b"}]}   its items are filled again
 *     {"nodeName":"a", "nodeName":null}                       null leaves what is no pointer
 *
 * The values of maps, and what has no schema, are the last ones whole. `text` must be JSON that is
 * not too deep.
 */
export function* readMerged(text: string, node: SchemaNode): Sliced<unknown> {
  const tokens = new Tokens(text)
  return yield* readValue(tokens, tokens.next(), node, undefined)
}

class Tokens {
  readonly #all: Iterator<RegExpExecArray>
  #count = 0

  constructor(text: string) {
    this.#all = text.matchAll(JSON_TOKEN)
  }

  next(): string {
    this.#count++
    const { value } = this.#all.next()
    return (value as RegExpExecArray | undefined)?.[0] ?? ''
  }

  /** Once for so many. */
  get isPauseDue(): boolean {
    if (this.#count < TOKENS_AT_ONCE) return false
    this.#count = 0
    return true
  }
}

function* readValue(
  tokens: Tokens,
  token: string,
  node: SchemaNode | undefined,
  previous: unknown,
): Sliced<unknown> {
  if (tokens.isPauseDue) yield
  const schema = node?.type === 'lazy' ? node.resolve() : node
  if (token === '{') return yield* readObject(tokens, schema, previous)
  if (token === '[') return yield* readList(tokens, schema, previous)
  return parseJson(token)
}

function* readObject(
  tokens: Tokens,
  node: SchemaNode | undefined,
  previous: unknown,
): Sliced<unknown> {
  const isFilledAgain = (node?.type === 'struct' || node?.type === 'map') && isObject(previous)
  // It was made here, and is not copied: that would take the square of the time.
  const object: Json = isFilledAgain ? previous : {}
  for (let token = tokens.next(); token !== '}'; token = tokens.next()) {
    if (token === ',') continue
    const key = JSON.parse(token) as string
    tokens.next()
    const field =
      node?.type === 'struct' && Object.hasOwn(node.fields, key) ? node.fields[key] : undefined
    const before = field !== undefined && Object.hasOwn(object, key) ? object[key] : undefined
    const child = node?.type === 'map' ? node.values : field?.node
    const value = yield* readValue(tokens, tokens.next(), child, before)
    set(object, key, value === null && staysAtNull(field) ? (before ?? null) : value)
  }
  return object
}

function* readList(
  tokens: Tokens,
  node: SchemaNode | undefined,
  previous: unknown,
): Sliced<unknown> {
  const items = node?.type === 'list' ? node.items : undefined
  const before: readonly unknown[] = items !== undefined && Array.isArray(previous) ? previous : []
  const list: unknown[] = []
  for (let token = tokens.next(); token !== ']'; token = tokens.next()) {
    if (token === ',') continue
    list.push(yield* readValue(tokens, token, items, before[list.length]))
  }
  return list
}

/** Go leaves a value at null, and empties a pointer, a list or a map. */
function staysAtNull(field: FieldNode | undefined): boolean {
  return field?.node.type === 'scalar' && field.isPointer !== true
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `__proto__` is an ordinary key. */
function set(object: Json, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value
  else
    Object.defineProperty(object, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
}
