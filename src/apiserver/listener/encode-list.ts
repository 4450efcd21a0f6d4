import { indentJson, stringifyJson } from '../../base/json.ts'
import { writeYaml } from '../../machinery/codec/yaml-writer.ts'
import { encodeCborList } from '../cbor/api-cbor.ts'
import { CBOR } from '../cbor/media-type.ts'
import type { LongList } from '../long-list.ts'
import { PROTOBUF } from '../protobuf/media-type.ts'
import type { Encoding } from './encode.ts'

/** The indentation of what stands in a list that stands in an object. */
const ITEM_MARGIN = '\n    '

/**
 * The same bytes as `encode` makes of the whole list, one item after the other, so that others are
 * served meanwhile. Undefined for a form that is written in one piece.
 */
export function encodeList(
  list: LongList,
  { mediaType, isPretty }: Encoding,
): Iterable<Uint8Array> | undefined {
  if (mediaType === PROTOBUF) return undefined
  if (mediaType === CBOR) return encodeCborList(list)
  if (mediaType === 'application/yaml') return yamlParts(list)
  return isPretty ? prettyParts(list) : jsonParts(list)
}

function* jsonParts({ head, field, items }: LongList): Iterable<Uint8Array> {
  let before = `${stringifyJson(head).slice(0, -1)},"${field}":[`
  for (const item of items()) {
    yield Buffer.from(before + stringifyJson(item))
    before = ','
  }
  yield Buffer.from(']}\n')
}

function* prettyParts({ head, field, items }: LongList): Iterable<Uint8Array> {
  let before = `${indentJson(head).slice(0, -2)},\n  "${field}": [${ITEM_MARGIN}`
  for (const item of items()) {
    // A line break within a text is written as an escape: these are all between tokens.
    yield Buffer.from(before + indentJson(item).replaceAll('\n', ITEM_MARGIN))
    before = `,${ITEM_MARGIN}`
  }
  yield Buffer.from('\n  ]\n}')
}

/** Fields are in the order of their names, and items are not indented below theirs. */
function* yamlParts({ head, field, items }: LongList): Iterable<Uint8Array> {
  const name = `\n${field}:`
  const written = writeYaml({ ...head, [field]: [] })
  const at = written.indexOf(`${name} []\n`)
  yield Buffer.from(`${written.slice(0, at)}${name}\n`)
  for (const item of items()) yield Buffer.from(writeYaml([item]))
  yield Buffer.from(written.slice(at + `${name} []\n`.length))
}
