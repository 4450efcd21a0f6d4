import {
  APIGroup,
  APIGroupList,
  APIResourceList,
  APIVersions,
} from '../../machinery/meta-discovery.ts'
import {
  CreateOptions,
  DeleteOptions,
  GetOptions,
  ListOptions,
  PatchOptions,
  UpdateOptions,
} from '../../machinery/meta-options.ts'
import { Status } from '../../machinery/meta-status.ts'
import { ListMeta, ObjectMeta } from '../../machinery/object-meta.ts'
import type { SchemaNode, StructNode } from '../../machinery/schema.ts'

/** An object's metadata without the object. */
export const PARTIAL_OBJECT_METADATA: StructNode = {
  type: 'struct',
  name: 'meta.v1.PartialObjectMetadata',
  fields: { metadata: { node: ObjectMeta.node, required: false } },
}

const META_TYPES = [
  ...[Status, APIVersions, APIGroup, APIGroupList, APIResourceList],
  ...[CreateOptions, DeleteOptions, GetOptions, ListOptions, PatchOptions, UpdateOptions],
]

/** The types that are no resources, with their kinds; the server writes them in version v1. */
export const META_NODES: readonly (readonly [kind: string, node: StructNode])[] = META_TYPES.map(
  ({ node }) => {
    const struct = asStruct(node)
    return [struct.name.slice(struct.name.lastIndexOf('.') + 1), struct]
  },
)

/** The list of a kind's objects, which no schema declares. */
export function listNodeOf(items: StructNode): StructNode {
  return {
    type: 'struct',
    name: listNameOf(items),
    fields: {
      metadata: { node: ListMeta.node, required: false },
      items: { node: { type: 'list', items }, required: true },
    },
  }
}

/** The name of the message that lists objects of a kind. */
export function listNameOf({ name }: StructNode): string {
  return `${name}List`
}

/** The metadata of lists. */
export const LIST_META: StructNode = asStruct(ListMeta.node)

/** A node that must be a struct's, as those of all meta types are. */
export function asStruct(node: SchemaNode): StructNode {
  if (node.type !== 'struct') throw new Error(`a ${node.type} is no message`)
  return node
}
