import { setOwn } from '../../../base/json.ts'
import { Message, type MessageField, readMessage } from './message.ts'
import { stringCodec } from './plain-codecs.ts'
import type { ValueCodec } from './value-codec.ts'
import { LENGTH_DELIMITED } from './wire-reader.ts'

/**
 * A field with one value. With `dropsZero` the zero value counts as none: upstream's encoder sends
 * the zero values of all fields that it does not hold behind a pointer.
 */
export function singleField(
  name: string,
  number: number,
  codec: ValueCodec,
  dropsZero: boolean,
): MessageField {
  const { wireType, isMerged } = codec
  const tag = number * 8 + wireType
  const zero = codec.zero()
  return {
    number,
    wireType,
    read(reader, object) {
      const value = isMerged === true ? codec.read(reader, object[name]) : codec.read(reader)
      if (!dropsZero || value !== zero) object[name] = value
      else if (object[name] !== undefined) delete object[name]
    },
    write(writer, object) {
      const value = object[name]
      if (value === undefined || value === null) return
      codec.write(writer, value)
      writer.uint32(tag)
    },
  }
}

/** A field that may stand any number of times. */
export function listField(name: string, number: number, codec: ValueCodec): MessageField {
  const { wireType } = codec
  const tag = number * 8 + wireType
  const itemsOf = (object: Record<string, unknown>) => {
    object[name] ??= []
    return object[name] as unknown[]
  }
  return {
    number,
    wireType,
    read(reader, object) {
      itemsOf(object).push(codec.read(reader))
    },
    write(writer, object) {
      const items = object[name] as readonly unknown[] | undefined | null
      if (items === undefined || items === null) return
      for (let index = items.length - 1; index >= 0; index--) {
        codec.write(writer, items[index] ?? codec.zero())
        writer.uint32(tag)
      }
    },
    ...(codec.isPackable === true && {
      readPacked(reader, object) {
        const items = itemsOf(object)
        const outer = reader.enter()
        while (reader.at < reader.end) items.push(codec.read(reader))
        reader.leave(outer)
      },
    }),
  }
}

const KEY_TAG = 8 + LENGTH_DELIMITED

/** A map with texts as keys: a list of entries with the key in field 1 and the value in field 2. */
export function mapField(name: string, number: number, value: ValueCodec): MessageField {
  const tag = number * 8 + LENGTH_DELIMITED
  const valueTag = 2 * 8 + value.wireType
  const entry = new Message('MapEntry', [
    singleField('key', 1, stringCodec, false),
    singleField('value', 2, value, false),
  ])
  return {
    number,
    wireType: LENGTH_DELIMITED,
    read(reader, object) {
      const read = readMessage(reader, entry)
      object[name] ??= {}
      const entries = object[name] as Record<string, unknown>
      setOwn(entries, (read['key'] ?? '') as string, read['value'] ?? value.zero())
    },
    write(writer, object) {
      const entries = object[name] as Readonly<Record<string, unknown>> | undefined | null
      if (entries === undefined || entries === null) return
      const keys = Object.keys(entries)
      // In the order of their keys, as upstream does, so that equal objects have equal bytes.
      if (keys.length > 1) keys.sort()
      for (let index = keys.length - 1; index >= 0; index--) {
        const name = keys[index] as string
        const before = writer.length
        value.write(writer, entries[name] ?? value.zero())
        writer.uint32(valueTag)
        writer.string(name)
        writer.uint32(KEY_TAG)
        writer.uint32(writer.length - before)
        writer.uint32(tag)
      }
    },
  }
}

/** A message whose fields JSON has among those of the message around it. */
export function embeddedField(number: number, message: Message): MessageField {
  const tag = number * 8 + LENGTH_DELIMITED
  return {
    number,
    wireType: LENGTH_DELIMITED,
    read(reader, object) {
      readMessage(reader, message, object)
    },
    write(writer, object) {
      const before = writer.length
      message.write(writer, object)
      const length = writer.length - before
      if (length === 0) return
      writer.uint32(length)
      writer.uint32(tag)
    },
  }
}
