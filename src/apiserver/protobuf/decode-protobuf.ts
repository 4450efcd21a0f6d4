import { setOwn } from '../../base/json.ts'
import { protobufNumbers } from '../../kinds/protobuf.ts'
import { resolveNode, type SchemaNode, type StructNode } from '../../machinery/schema.ts'
import { decodeScalar } from './decode-scalar.ts'
import { LENGTH_DELIMITED, ProtobufError, WireReader } from './wire-reader.ts'

/** What a protobuf body begins with. */
const MAGIC = Buffer.from('k8s\0')
const MOST_DEPTH = 200

/** An object that came as protobuf, in the shape that it has in JSON. */
export interface ProtobufDocument {
  readonly apiVersion: string
  readonly kind: string
  readonly value: Record<string, unknown>
}

/**
 * Reads a body in `application/vnd.kubernetes.protobuf` by the schema of what is expected. Unknown
 * fields are left out, as by upstream. Throws ProtobufError.
 */
export function decodeProtobuf(bytes: Uint8Array, node: SchemaNode): ProtobufDocument {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!MAGIC.equals(body.subarray(0, MAGIC.length))) {
    throw new ProtobufError('provided data does not appear to be a protobuf message')
  }
  const { apiVersion, kind, raw } = readEnvelope(body.subarray(MAGIC.length))
  const value = decodeMessage(planOf(node), raw, 0)
  return { apiVersion, kind, value: { ...value, apiVersion, kind } }
}

/** runtime.Unknown: what the object is, and its bytes. */
function readEnvelope(bytes: Uint8Array) {
  let type: Uint8Array = new Uint8Array()
  let raw: Uint8Array = new Uint8Array()
  const reader = new WireReader(bytes)
  while (!reader.isAtEnd) {
    const { number, wireType } = reader.tag()
    if (number === 1 && wireType === LENGTH_DELIMITED) type = reader.bytes()
    else if (number === 2 && wireType === LENGTH_DELIMITED) raw = reader.bytes()
    else reader.skip(wireType)
  }
  const names = ['', '']
  const typeReader = new WireReader(type)
  while (!typeReader.isAtEnd) {
    const { number, wireType } = typeReader.tag()
    if (wireType === LENGTH_DELIMITED && number <= 2) names[number - 1] = `${typeReader.bytes()}`
    else typeReader.skip(wireType)
  }
  return { apiVersion: names[0] ?? '', kind: names[1] ?? '', raw }
}

/** What the fields of a message are, by their numbers. */
type Plan = Map<number, PlannedField>

type PlannedField =
  | { readonly type: 'field'; readonly name: string; readonly node: SchemaNode }
  /** A message whose fields JSON has in the message around it. */
  | { readonly type: 'embedded'; readonly plan: Plan }

const plans = new WeakMap<StructNode, Plan>()

function planOf(given: SchemaNode): Plan {
  const node = resolveNode(given)
  if (node.type !== 'struct') throw new ProtobufError(`a message was expected, not a ${node.type}`)
  let plan = plans.get(node)
  if (plan === undefined) {
    plan = new Map()
    plans.set(node, plan)
    const numbers = protobufNumbers[node.name] ?? {}
    for (const [name, path] of Object.entries(numbers)) {
      const field = node.fields[name]
      if (field !== undefined)
        addField(plan, name, field.node, typeof path === 'number' ? [path] : path)
    }
  }
  return plan
}

function addField(plan: Plan, name: string, node: SchemaNode, path: readonly number[]): void {
  const [number = 0, ...rest] = path
  if (rest.length === 0) {
    plan.set(number, { type: 'field', name, node })
    return
  }
  let embedded = plan.get(number)
  if (embedded?.type !== 'embedded') {
    embedded = { type: 'embedded', plan: new Map() }
    plan.set(number, embedded)
  }
  addField(embedded.plan, name, node, rest)
}

function decodeMessage(
  plan: Plan,
  bytes: Uint8Array,
  depth: number,
  value: Record<string, unknown> = {},
): Record<string, unknown> {
  if (depth > MOST_DEPTH) throw new ProtobufError('exceeded max depth')
  const reader = new WireReader(bytes)
  while (!reader.isAtEnd) {
    const { number, wireType } = reader.tag()
    const field = plan.get(number)
    if (field === undefined) reader.skip(wireType)
    else if (field.type === 'embedded') decodeMessage(field.plan, reader.bytes(), depth + 1, value)
    else decodeField(value, field.name, resolveNode(field.node), reader, wireType, depth)
  }
  return value
}

function decodeField(
  value: Record<string, unknown>,
  name: string,
  node: ReturnType<typeof resolveNode>,
  reader: WireReader,
  wireType: number,
  depth: number,
): void {
  if (node.type === 'list') {
    const before = (value[name] ?? []) as readonly unknown[]
    value[name] = [...before, ...decodeItems(node.items, reader, wireType, depth)]
  } else if (node.type === 'map') {
    const entries = (value[name] ?? {}) as Record<string, unknown>
    const [key, entry] = decodeEntry(node.values, reader.bytes(), depth)
    setOwn(entries, key, entry)
    value[name] = entries
  } else {
    const decoded = decodeOne(node, reader, depth)
    if (decoded !== undefined) value[name] = decoded
  }
}

/** One item, or many where numbers are packed. */
function decodeItems(
  node: SchemaNode,
  reader: WireReader,
  wireType: number,
  depth: number,
): unknown[] {
  const items = resolveNode(node)
  const isNumber = items.type === 'scalar' && ['boolean', 'int32', 'int64'].includes(items.format)
  if (!isNumber || wireType !== LENGTH_DELIMITED) return [decodeOne(items, reader, depth)]
  const packed = new WireReader(reader.bytes())
  const values: unknown[] = []
  while (!packed.isAtEnd) values.push(decodeOne(items, packed, depth))
  return values
}

function decodeEntry(
  node: SchemaNode,
  bytes: Uint8Array,
  depth: number,
): readonly [key: string, value: unknown] {
  let key = ''
  const value: Record<string, unknown> = {}
  const reader = new WireReader(bytes)
  const values = resolveNode(node)
  while (!reader.isAtEnd) {
    const { number, wireType } = reader.tag()
    if (number === 1) key = reader.bytes().toString('utf8')
    else if (number !== 2) reader.skip(wireType)
    else if (values.type === 'list') value['of'] = decodeListMessage(values.items, reader, depth)
    else value['of'] = decodeOne(values, reader, depth)
  }
  return [key, value['of'] ?? emptyOf(values)]
}

/** A list as the value of a map is a message with the items in field 1 (such as ExtraValue). */
function decodeListMessage(node: SchemaNode, reader: WireReader, depth: number): unknown[] {
  const items: unknown[] = []
  const message = new WireReader(reader.bytes())
  while (!message.isAtEnd) {
    const { number, wireType } = message.tag()
    if (number === 1) items.push(...decodeItems(node, message, wireType, depth))
    else message.skip(wireType)
  }
  return items
}

function decodeOne(
  node: ReturnType<typeof resolveNode>,
  reader: WireReader,
  depth: number,
): unknown {
  if (node.type === 'scalar') return decodeScalar(node.format, reader)
  if (node.type === 'struct') return decodeMessage(planOf(node), reader.bytes(), depth + 1)
  if (node.type === 'list') return decodeListMessage(node.items, reader, depth)
  throw new ProtobufError('a map within a map cannot be read')
}

function emptyOf(node: ReturnType<typeof resolveNode>): unknown {
  if (node.type === 'list') return []
  if (node.type !== 'scalar') return {}
  return node.format === 'string' || node.format === 'byte' ? '' : undefined
}
