import { writeYaml } from '../yaml-writer.ts'
import { listField, mapField, singleField } from './field-codec.ts'
import { codecOver, Message, type MessageField, messageCodec } from './message.ts'
import { stringCodec } from './plain-codecs.ts'
import type { ValueCodec } from './value-codec.ts'

/** The types of the fields of gnostic's messages. */
type FieldType = ValueCodec | readonly [item: ValueCodec]

/** Fields as `number: [JSON name, type]`; a type in a list is that of a list's items. */
export type Fields = Readonly<Record<number, readonly [name: string, type: FieldType]>>

/**
 * A message of an OpenAPI document in the protobuf form that gnostic defines; only to be written.
 * `extensions` is the number of the field for what begins with `x-`. What is zero is left out.
 */
export function message(name: string, fields: Fields, extensions?: number): Message {
  const list = Object.entries(fields).map(([number, [field, type]]) =>
    'wireType' in type
      ? unlessZero(field, singleField(field, Number(number), type, false), type.zero())
      : listField(field, Number(number), type[0]),
  )
  if (extensions !== undefined) list.push(extensionsField(extensions))
  return new Message(name, list)
}

/** The zero values of scalars are not sent, by the rules of proto3; messages have none. */
function unlessZero(name: string, field: MessageField, zero: unknown): MessageField {
  if (typeof zero === 'object') return field
  return {
    ...field,
    write(writer, object) {
      if (object[name] !== zero) field.write(writer, object)
    },
  }
}

/** A message that may refer to those that are defined after it. */
export const struct = (get: () => Message): ValueCodec => messageCodec(get)

/** What JSON has as one value is a message around it; `wrap` puts it into its field. */
export function wrapped(
  name: string,
  fields: readonly MessageField[],
  wrap: (value: unknown) => Readonly<Record<string, unknown>>,
): ValueCodec {
  return codecOver(new Message(name, fields), { from: () => undefined, to: wrap, zero: () => null })
}

/** A map as a message with its entries in one field, which are messages of a name and a value. */
export const mapIn = (name: string, number: number, value: ValueCodec): ValueCodec =>
  wrapped(name, [mapField('entries', number, value)], (entries) => ({ entries }))

/** Any JSON value, as YAML text, which JSON is. */
export const any: ValueCodec = wrapped(
  'Any',
  [singleField('yaml', 2, stringCodec, false)],
  (value) => ({ yaml: writeYaml(value) }),
)

/** Scopes by the name of a scheme; the same in both versions of OpenAPI. */
export const securityRequirement: ValueCodec = mapIn(
  'SecurityRequirement',
  1,
  wrapped('StringArray', [listField('value', 1, stringCodec)], (value) => ({ value })),
)

function extensionsField(number: number): MessageField {
  const entries = mapField('extensions', number, any)
  return {
    ...entries,
    write(writer, object) {
      const extensions = Object.entries(object).filter(([name]) => name.startsWith('x-'))
      if (extensions.length > 0)
        entries.write(writer, { extensions: Object.fromEntries(extensions) })
    },
  }
}
