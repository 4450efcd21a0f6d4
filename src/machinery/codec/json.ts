import { parseJson } from '../../base/json.ts'

/** How deep lists and objects may nest, in every format. */
export const MOST_DEPTH = 1000

/** Raised for a document that is too deep, or is no document of its format at all. */
export class CodecError extends Error {
  override readonly name = 'CodecError'
}

/** A document that has been read. */
export interface DecodedDocument {
  readonly value: unknown
  /** Such as `duplicate field "spec.foo"`; empty unless they were asked for. */
  readonly problems: readonly string[]
  /** Where keys stand in JSON, if some stand twice. */
  readonly places?: KeyPlaces
}

/** The order in which a reader of the text meets keys, by their paths such as `spec.a[0].b`. */
export interface KeyPlaces {
  readonly first: ReadonlyMap<string, number>
  /** Of the keys that stand twice: where they stand again. */
  readonly again: ReadonlyMap<string, number>
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/**
 * Reads JSON. Duplicate keys are looked for only when asked, since that takes a second pass.
 * Throws CodecError for what is too deep and JsonSyntaxError for what is not JSON.
 */
export function decodeJson(
  bytes: Uint8Array,
  options: { readonly findDuplicates?: boolean } = {},
): DecodedDocument {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  checkDepth(bytes)
  const value = parseJson(text)
  // What stands twice is once in the value: few documents need to be read again, token by token.
  const mayHaveDuplicates =
    options.findDuplicates === true && countColons(bytes) !== countKeys(value)
  if (!mayHaveDuplicates) return { value, problems: [] }
  const places = findKeys(text)
  const duplicates = [...places.again.keys()]
  const problems = duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`)
  return { value, problems, places }
}

/** A document with so few bytes cannot be too deep, so that most are not looked at. */
function checkDepth(bytes: Uint8Array): void {
  if (bytes.length <= 2 * MOST_DEPTH) return
  let depth = 0
  let isString = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (isString) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) isString = false
    } else if (byte === QUOTE) isString = true
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > MOST_DEPTH) throw new CodecError('exceeded max depth')
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--
  }
}

/** How many keys a text of JSON has: a colon outside of strings follows each. */
function countColons(bytes: Uint8Array): number {
  let colons = 0
  let isString = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (isString) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) isString = false
    } else if (byte === QUOTE) isString = true
    else if (byte === COLON) colons++
  }
  return colons
}

/** How many keys the objects of a value have, at all depths. */
function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let keys = 0
  if (Array.isArray(value)) {
    for (const item of value) keys += countKeys(item)
    return keys
  }
  const fields = value as Readonly<Record<string, unknown>>
  const names = Object.keys(fields)
  for (const name of names) keys += countKeys(fields[name])
  return keys + names.length
}

const TOKEN = /[{}[\],:]|"[^"\\]*(?:\\.[^"\\]*)*"|[^\s{}[\],:"]+/g

/** A list or object that is being read. */
interface Frame {
  readonly path: string
  /** Undefined for a list. */
  readonly keys: Set<string> | undefined
  index: number
  key: string
}

/** Where the keys of objects stand, in text that JSON.parse has accepted. */
function findKeys(text: string): KeyPlaces {
  const first = new Map<string, number>()
  const again = new Map<string, number>()
  const stack: Frame[] = []
  let isKeyNext = false
  for (const { 0: token, index: place } of text.matchAll(TOKEN)) {
    const frame = stack.at(-1)
    if (token === '{' || token === '[') {
      const isObject = token === '{'
      stack.push({
        path: frame === undefined ? '' : pathOf(frame),
        keys: isObject ? new Set() : undefined,
        index: 0,
        key: '',
      })
      isKeyNext = isObject
    } else if (token === '}' || token === ']') {
      stack.pop()
      isKeyNext = false
    } else if (token === ',' && frame !== undefined) {
      frame.index++
      isKeyNext = frame.keys !== undefined
    } else if (isKeyNext && frame?.keys !== undefined) {
      frame.key = JSON.parse(token) as string
      const path = pathOf(frame)
      if (!first.has(path)) first.set(path, place)
      if (frame.keys.has(frame.key) && !again.has(path)) again.set(path, place)
      frame.keys.add(frame.key)
      isKeyNext = false
    }
  }
  return { first, again }
}

function pathOf({ path, keys, index, key }: Frame): string {
  if (keys === undefined) return `${path}[${index}]`
  return path === '' ? key : `${path}.${key}`
}
