import type { ProtobufNumbers } from '../../protobuf-numbers.ts'
import { type FieldNode, resolveNode, type SchemaNode, type StructNode } from '../../schema.ts'
import { boxedListCodec } from './boxed-codecs.ts'
import { embeddedField, listField, mapField, singleField } from './field-codec.ts'
import { Message, type MessageField, messageCodec } from './message.ts'
import { mayDropZero, scalarCodec } from './scalar-codec.ts'
import { isSchemaOr, schemaOrCodec } from './schema-or-codec.ts'
import type { ValueCodec } from './value-codec.ts'

/** What protobuf needs to know of structs beside their schemas. */
export interface ProtobufTables {
  readonly numbers: ProtobufNumbers
  /** Scalar fields, by struct, whose zero value is not the same as none. */
  readonly zeros: Readonly<Record<string, readonly string[]>>
}

/** The messages of structs, each made from its schema when it is first met. */
export class StructCodecs {
  readonly #tables: ProtobufTables
  readonly #messages = new Map<string, Message>()

  constructor(tables: ProtobufTables) {
    this.#tables = tables
  }

  /** Whether a struct has a protobuf form at all. */
  has({ name }: StructNode): boolean {
    return Object.hasOwn(this.#tables.numbers, name)
  }

  /** Of a struct that has one. */
  messageOf(node: StructNode): Message {
    const { name, fields } = node
    let message = this.#messages.get(name)
    if (message === undefined) {
      const numbers = this.#tables.numbers[name]
      if (numbers === undefined) throw new Error(`${name} has no protobuf numbers`)
      const zeros = new Set(this.#tables.zeros[name] ?? [])
      const entries = Object.entries(numbers).flatMap(([name, path]): readonly Numbered[] => {
        const field = fields[name]
        if (field === undefined) return []
        const dropsZero = !field.required && !zeros.has(name)
        return [{ name, field, dropsZero, path: typeof path === 'number' ? [path] : path }]
      })
      const short = name.slice(name.lastIndexOf('.') + 1)
      message = new Message(short, this.#fieldsOf(short, entries))
      this.#messages.set(name, message)
    }
    return message
  }

  #fieldsOf(name: string, entries: readonly Numbered[]): readonly MessageField[] {
    const embedded = new Map<number, Numbered[]>()
    const fields: MessageField[] = []
    for (const entry of entries) {
      const [number = 0, ...rest] = entry.path
      if (rest.length === 0) {
        fields.push(this.#fieldOf(entry, number))
        continue
      }
      const group = embedded.get(number)
      if (group === undefined) embedded.set(number, [{ ...entry, path: rest }])
      else group.push({ ...entry, path: rest })
    }
    for (const [number, group] of embedded) {
      fields.push(embeddedField(number, new Message(name, this.#fieldsOf(name, group))))
    }
    return fields
  }

  #fieldOf({ name, field, dropsZero }: Numbered, number: number): MessageField {
    const node = resolveNode(field.node)
    if (node.type === 'list') return listField(name, number, this.#codecOf(node.items))
    if (node.type === 'map') return mapField(name, number, this.#codecOf(node.values))
    // A schema that allows nothing is `false`, and always behind a pointer.
    const mayDrop =
      node.type === 'scalar' && mayDropZero(node.format) && !isSchemaOr(node.name ?? '')
    return singleField(name, number, this.#codecOf(node), dropsZero && mayDrop)
  }

  #codecOf(given: SchemaNode): ValueCodec {
    // Not resolved before it is used: a struct may contain itself.
    if (given.type === 'lazy') return messageCodec(() => this.#messageOfLazy(given))
    switch (given.type) {
      case 'struct':
        return messageCodec(() => this.messageOf(given))
      case 'list':
        return boxedListCodec(this.#codecOf(given.items))
      case 'map':
        throw new Error('protobuf has no maps within lists and maps')
      case 'scalar': {
        const { name = '', format } = given
        return schemaOrCodec(name, this.#schemaCodec(name)) ?? scalarCodec(format)
      }
    }
  }

  #messageOfLazy(node: SchemaNode): Message {
    const resolved = resolveNode(node)
    if (resolved.type !== 'struct') throw new Error('only structs contain themselves')
    return this.messageOf(resolved)
  }

  /** Of the schema in `...JSONSchemaPropsOrBool`, which only a field of that schema holds. */
  #schemaCodec(name: string): ValueCodec {
    const schema = name.slice(0, name.lastIndexOf('Or'))
    return messageCodec(() => {
      const message = this.#messages.get(schema)
      if (message === undefined) throw new Error(`${schema} is not known`)
      return message
    })
  }
}

/** A field with its place: the last number is its own, those before lead through messages. */
interface Numbered {
  readonly name: string
  readonly field: FieldNode
  readonly dropsZero: boolean
  readonly path: readonly number[]
}
