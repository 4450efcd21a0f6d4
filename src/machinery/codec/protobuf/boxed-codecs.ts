import { JsonSyntaxError, stringifyJson } from '../../../base/json.ts'
import { CodecError, decodeJson } from '../json.ts'
import { listField, singleField } from './field-codec.ts'
import { codecOver, Message, readMessage } from './message.ts'
import { int32Codec, stringCodec } from './plain-codecs.ts'
import type { ValueCodec } from './value-codec.ts'
import { LENGTH_DELIMITED } from './wire-reader.ts'

const jsonCodec: ValueCodec = {
  wireType: LENGTH_DELIMITED,
  read: (reader) => readJson(reader.bytes()),
  write: (writer, value) => writer.string(stringifyJson(value)),
  zero: () => null,
}

function readJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return null
  try {
    return decodeJson(bytes).value
  } catch (error) {
    throw error instanceof JsonSyntaxError ? new CodecError(error.message) : error
  }
}

/** A message with one value in field 1, which is all that JSON has of it; `empty` without it. */
function boxed(name: string, value: ValueCodec, empty: unknown): ValueCodec {
  const message = new Message(name, [singleField('value', 1, value, false)])
  const tag = 8 + value.wireType
  return {
    wireType: LENGTH_DELIMITED,
    read: (reader) => readMessage(reader, message)['value'] ?? empty,
    write(writer, given) {
      const before = writer.length
      if (given !== null) {
        value.write(writer, given)
        writer.uint32(tag)
      }
      writer.uint32(writer.length - before)
    },
    zero: () => empty,
  }
}

/** resource.Quantity, which is text in JSON too. */
export const quantityCodec: ValueCodec = boxed('Quantity', stringCodec, '0')
/** runtime.RawExtension and the JSON of apiextensions: JSON within protobuf. */
export const rawJsonCodec: ValueCodec = boxed('RawExtension', jsonCodec, null)
/** metav1.FieldsV1, which is JSON within protobuf too. */
export const fieldsV1Codec: ValueCodec = boxed('FieldsV1', jsonCodec, null)

const intOrString = new Message('IntOrString', [
  singleField('type', 1, int32Codec, false),
  singleField('intVal', 2, int32Codec, false),
  singleField('strVal', 3, stringCodec, false),
])

/** intstr.IntOrString: which of the two it is, then both. */
export const intOrStringCodec: ValueCodec = codecOver(intOrString, {
  from({ type = 0, intVal = 0, strVal = '' }) {
    if (type === 0 || type === 1) return type === 0 ? intVal : strVal
    throw new CodecError('impossible IntOrString.Type')
  },
  to: (value) =>
    typeof value === 'string'
      ? { type: 1, intVal: 0, strVal: value }
      : { type: 0, intVal: value, strVal: '' },
  zero: () => 0,
})

/** A list where protobuf needs a message, such as authorization's ExtraValue: items in field 1. */
export function boxedListCodec(items: ValueCodec): ValueCodec {
  return codecOver(new Message('List', [listField('items', 1, items)]), {
    from: ({ items = [] }) => items,
    to: (value) => ({ items: value }),
    zero: () => [],
  })
}
