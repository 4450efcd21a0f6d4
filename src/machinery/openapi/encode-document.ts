import { createHash } from 'node:crypto'
import type { Sliced } from '../../base/slices.ts'
import { isJsonObject } from '../json-value.ts'
import type { Part } from './schema-object.ts'

/** A document ready to be sent. */
export interface EncodedDocument {
  readonly bytes: Uint8Array
  /** Of the contents, in upper-case hex: the `hash` of the index and the ETag. */
  readonly hash: string
}

/** What is encoded already, with its hash. */
export function withHash(bytes: Uint8Array): EncodedDocument {
  return { bytes, hash: createHash('sha512').update(bytes).digest('hex').toUpperCase() }
}

/** So much text is written before others may go on. */
const WRITTEN_AT_ONCE = 128 * 1024
/** Schemas stand three levels below the document, and so do operations. */
const LEVELS = 3

/** The JSON of a document, as JSON.stringify writes it, with its hash. */
export function* encodeDocument(document: Part): Sliced<EncodedDocument> {
  const hash = createHash('sha512')
  const parts: Buffer[] = []
  const flush = (text: string) => {
    const part = Buffer.from(text)
    hash.update(part)
    parts.push(part)
  }
  let text = ''
  for (const piece of jsonOf(document, LEVELS)) {
    text += piece
    if (text.length < WRITTEN_AT_ONCE) continue
    flush(text)
    text = ''
    yield
  }
  flush(text)
  return { bytes: Buffer.concat(parts), hash: hash.digest('hex').toUpperCase() }
}

/** What JSON.stringify writes, in pieces that each hold one field of the upper levels. */
function* jsonOf(value: unknown, levels: number): Iterable<string> {
  if (levels === 0 || !isJsonObject(value)) {
    yield JSON.stringify(value)
    return
  }
  let before = '{'
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) continue
    yield `${before}${JSON.stringify(name)}:`
    yield* jsonOf(field, levels - 1)
    before = ','
  }
  yield before === '{' ? '{}' : '}'
}
