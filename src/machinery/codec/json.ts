import { JsonSyntaxError, parseJson } from '../../base/json.ts'
import { findFault } from '../../base/json-fault.ts'
import { countKeys, parseJsonInSlices } from '../../base/json-slices.ts'
import { drain, inSlices, type Sliced } from '../../base/slices.ts'
import type { SchemaNode } from '../schema.ts'
import { JSON_TOKEN, TOKENS_AT_ONCE } from './json-tokens.ts'
import { readMerged } from './merge-duplicates.ts'

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

/**
 * The order in which a reader of the text meets keys, by their paths such as `spec.a[0].b`: of the
 * first of them, and of the first that stand twice.
 */
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

/** As upstream, no more problems of a document are told. */
export const MOST_PROBLEMS = 100
/** Longer documents are read with pauses in which others go on. */
const LONG_BYTES = 128 * 1024
/** Of so many keys it is known where they stand: those of documents that people write. */
const MOST_PLACES = 10_000

export interface DecodeOptions {
  readonly findDuplicates?: boolean
  /** Whose values are filled again by what stands twice; the last value counts when absent. */
  readonly schema?: SchemaNode
}

/**
 * Reads JSON. Duplicate keys are looked for only when asked, since that takes a second pass.
 * Throws CodecError for what is too deep and JsonSyntaxError for what is not JSON.
 */
export function decodeJson(bytes: Uint8Array, options: DecodeOptions = {}): DecodedDocument {
  const text = textOf(bytes)
  checkDepth(bytes)
  const value = parseJson(text)
  // What stands twice is once in the value: few documents need to be read again, token by token.
  const mayHaveDuplicates =
    options.findDuplicates === true && countColons(bytes) !== countKeys(value)
  if (!mayHaveDuplicates) return { value, problems: [] }
  return drain(rereadDocument(text, value, options.schema))
}

/** Whether `decodeJsonBody` takes many turns for it. */
export function isLongJson(bytes: Uint8Array): boolean {
  return bytes.length > LONG_BYTES
}

/** As `decodeJson`; a promise for a long document. */
export function decodeJsonBody(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): DecodedDocument | Promise<DecodedDocument> {
  return isLongJson(bytes) ? decodeLong(bytes, options) : decodeJson(bytes, options)
}

async function decodeLong(
  bytes: Uint8Array,
  { findDuplicates, schema }: DecodeOptions,
): Promise<DecodedDocument> {
  const text = textOf(bytes)
  const read = await parseJsonInSlices(text, MOST_DEPTH)
  if (read === undefined) {
    checkDepth(bytes)
    throw new JsonSyntaxError((await inSlices(findFault(bytes))) ?? 'it cannot be read')
  }
  const { value, mayHaveDuplicates } = read
  if (findDuplicates !== true || !mayHaveDuplicates) return { value, problems: [] }
  return await inSlices(rereadDocument(text, value, schema))
}

function textOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  return text.includes('\\u') ? withoutLoneSurrogates(text) : text
}

/** A pair of surrogates, one alone, or any other escape. */
const ESCAPE =
  /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)/gs
const LONE_LENGTH = '\\uD800'.length

/** Half a character is none: as in Go, U+FFFD takes its place, which UTF-8 can say. */
function withoutLoneSurrogates(text: string): string {
  if (!/\\u[dD][89a-fA-F]/.test(text)) return text
  return text.replace(ESCAPE, (found) => (found.length === LONE_LENGTH ? '\\ufffd' : found))
}

function* rereadDocument(
  text: string,
  value: unknown,
  schema: SchemaNode | undefined,
): Sliced<DecodedDocument> {
  const places = yield* findKeys(text)
  const duplicates = [...places.again.keys()]
  const problems = duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`)
  const isMerged = schema !== undefined && duplicates.length > 0
  return { value: isMerged ? yield* readMerged(text, schema) : value, problems, places }
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

/** A list or object that is being read. */
interface Frame {
  readonly parent: Frame | undefined
  /** Undefined for a list. */
  readonly keys: Set<string> | undefined
  index: number
  key: string
  /** Of the list or object; made when somebody asks. */
  path: string | undefined
}

/**
 * Where the keys of objects stand, in text that is JSON, as far as it matters: paths are long where
 * a document is deep.
 */
function* findKeys(text: string): Generator<void, KeyPlaces> {
  const first = new Map<string, number>()
  const again = new Map<string, number>()
  let frame: Frame | undefined
  let isKeyNext = false
  let tokens = 0
  for (const { 0: token, index: place } of text.matchAll(JSON_TOKEN)) {
    if (++tokens % TOKENS_AT_ONCE === 0) yield
    if (token === '{' || token === '[') {
      const keys = token === '{' ? new Set<string>() : undefined
      frame = { parent: frame, keys, index: 0, key: '', path: undefined }
      isKeyNext = keys !== undefined
    } else if (token === '}' || token === ']') {
      frame = frame?.parent
      isKeyNext = false
    } else if (token === ',' && frame !== undefined) {
      frame.index++
      isKeyNext = frame.keys !== undefined
    } else if (isKeyNext && frame?.keys !== undefined) {
      frame.key = JSON.parse(token) as string
      isKeyNext = false
      if (frame.keys.has(frame.key)) {
        const path = memberPath(frame)
        if (!again.has(path)) again.set(path, place)
        if (again.size === MOST_PROBLEMS) break
      } else {
        frame.keys.add(frame.key)
        if (first.size < MOST_PLACES) {
          const path = memberPath(frame)
          if (!first.has(path)) first.set(path, place)
        }
      }
    }
  }
  return { first, again }
}

function memberPath(frame: Frame): string {
  const { parent, keys, index, key } = frame
  frame.path ??= parent === undefined ? '' : memberPath(parent)
  if (keys === undefined) return `${frame.path}[${index}]`
  return frame.path === '' ? key : `${frame.path}.${key}`
}
