import { builtInKinds } from '../../kinds/index.ts'
import {
  encodeCbor,
  encodeCborInParts,
  encodeCborPart,
  SELF_DESCRIBED,
} from '../../machinery/codec/cbor.ts'
import { isJsonObject } from '../../machinery/json-value.ts'
import type { StructNode } from '../../machinery/schema.ts'
import type { LongList } from '../long-list.ts'
import { listNodeOf, META_NODES } from '../protobuf/meta-nodes.ts'

let nodesByNames: Map<string, StructNode> | undefined

/** Made for the first client that speaks CBOR. */
function nodes(): Map<string, StructNode> {
  nodesByNames ??= new Map([
    ...builtInKinds.flatMap(({ apiVersion, kind, listKind, schema }) => [
      [`${apiVersion} ${kind}`, schema] as const,
      [`${apiVersion} ${listKind}`, listNodeOf(schema)] as const,
    ]),
    ...META_NODES.map(([kind, node]) => [`v1 ${kind}`, node] as const),
  ])
  return nodesByNames
}

/** An object in CBOR: by its schema where the API has one of its names, else as it is. */
export function encodeApiCbor(object: unknown): Buffer {
  if (!isJsonObject(object)) return encodeCbor(object)
  const { apiVersion = 'v1', kind } = object
  return encodeCbor(object, nodes().get(`${String(apiVersion)} ${String(kind)}`))
}

/** The same of a list, item by item. */
export function encodeCborList({ head, field, items, length }: LongList): Iterable<Buffer> {
  const { apiVersion = 'v1', kind } = head
  const node = nodes().get(`${String(apiVersion)} ${String(kind)}`)
  return encodeCborInParts(head, field, { length, items }, node)
}

const MAP_OF_TWO = Buffer.from([0xa2])

/** One event of a watch; its object is whole, with the tag that all objects have around them. */
export function cborFrameOf({ type, object }: { readonly type: string; readonly object: unknown }) {
  return Buffer.concat([
    SELF_DESCRIBED,
    MAP_OF_TWO,
    ...['type', type, 'object'].map(encodeCborPart),
    encodeApiCbor(object),
  ])
}
