import { builtInKinds } from '../../kinds/index.ts'
import { protobufNumbers } from '../../kinds/protobuf.ts'
import { protobufZeros } from '../../kinds/protobuf-zeros.data.ts'
import { ENVELOPE_END, envelopeStart, RAW_FIELD } from '../../machinery/codec/protobuf/envelope.ts'
import { ProtobufCodec } from '../../machinery/codec/protobuf/protobuf-codec.ts'
import { isJsonObject } from '../../machinery/json-value.ts'
import type { StructNode } from '../../machinery/schema.ts'
import { listNameOf, listNodeOf, META_NODES, PARTIAL_OBJECT_METADATA } from './meta-nodes.ts'

/** An object's names, which stand outside of its message. */
export interface TypeNames {
  readonly apiVersion: string
  readonly kind: string
}

/** The field of a list that holds its items: the same number as that of an envelope's object. */
const ITEMS_FIELD = 2
const LIST_NUMBERS = { metadata: 1, items: ITEMS_FIELD }

const objectNodes = [...builtInKinds.map(({ schema }) => schema), PARTIAL_OBJECT_METADATA]

/** Of everything that the API has in protobuf. */
export const apiCodec = new ProtobufCodec({
  numbers: {
    ...protobufNumbers,
    [PARTIAL_OBJECT_METADATA.name]: { metadata: 1 },
    ...Object.fromEntries(objectNodes.map((node) => [listNameOf(node), LIST_NUMBERS])),
  },
  zeros: protobufZeros,
})

const nodesByNames = new Map<string, StructNode>([
  ...builtInKinds.map(({ apiVersion, kind, schema }) => [`${apiVersion} ${kind}`, schema] as const),
  ['meta.k8s.io/v1 PartialObjectMetadata', PARTIAL_OBJECT_METADATA],
  ...META_NODES.map(([kind, node]) => [`v1 ${kind}`, node] as const),
])

/** The schema of objects with these names; undefined where they have no protobuf form. */
export function protobufNodeOf({ apiVersion, kind }: TypeNames): StructNode | undefined {
  const names = `${apiVersion} ${kind}`
  let node = nodesByNames.get(names)
  if (node === undefined && kind.endsWith('List')) {
    const items = nodesByNames.get(names.slice(0, -'List'.length))
    if (items !== undefined) {
      node = listNodeOf(items)
      nodesByNames.set(names, node)
    }
  }
  return node !== undefined && apiCodec.supports(node) ? node : undefined
}

/** Whether a value is an object that has a protobuf form. */
export function hasProtobuf(object: unknown): object is TypeNames {
  if (!isJsonObject(object) || typeof object['kind'] !== 'string') return false
  return protobufNodeOf(namesOf(object)) !== undefined
}

/** An object that `hasProtobuf`, with its envelope. */
export function encodeProtobuf(object: TypeNames): Buffer {
  return enclose(namesOf(object), encodeForEnvelope(object))
}

/** The versions of the core group are the one document whose JSON does not say its version. */
function namesOf(object: Partial<TypeNames>): TypeNames {
  const { apiVersion = 'v1', kind = '' } = object
  return { apiVersion, kind }
}

/**
 * An object's message as field 2 of what is around it, which is its place in an envelope as well as
 * in a list: made once, it serves both.
 */
export function encodeForEnvelope(object: TypeNames): Buffer {
  const node = protobufNodeOf(namesOf(object))
  if (node === undefined) throw new Error(`${object.kind} has no protobuf form`)
  return apiCodec.encodeAsField(RAW_FIELD, node, object)
}

/** The whole object from its message, as `encodeForEnvelope` made it. */
export function enclose(names: TypeNames, message: Uint8Array): Buffer {
  return Buffer.concat([startOf(names), message, ENVELOPE_END])
}

const starts = new Map<string, Buffer>()

/** What objects of these names begin with. */
export function startOf({ apiVersion, kind }: TypeNames): Buffer {
  const names = `${apiVersion} ${kind}`
  let start = starts.get(names)
  if (start === undefined) {
    start = envelopeStart({ apiVersion, kind })
    starts.set(names, start)
  }
  return start
}
