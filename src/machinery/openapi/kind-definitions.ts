import type { Kind } from '../kind.ts'
import { DeleteOptions } from '../meta-options.ts'
import { Status } from '../meta-status.ts'
import { ListMeta } from '../object-meta.ts'
import { type StructNode, s } from '../schema.ts'
import { openApiName } from './names.ts'
import { type Definitions, type GroupVersionKind, GVK, type Part } from './schema-object.ts'

const SELECTABLE = 'x-kubernetes-selectable-fields'
const PATCH = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch'

/** The definitions that the operations of a kind refer to. */
export class KindDefinitions {
  readonly #definitions: Definitions
  readonly #gvks: (kind: string) => readonly GroupVersionKind[]

  /** `gvks` says of a type that several groups share in which of them it is known. */
  constructor(definitions: Definitions, gvks: (kind: string) => readonly GroupVersionKind[]) {
    this.#definitions = definitions
    this.#gvks = gvks
  }

  object(kind: Kind): Part {
    if (kind.custom !== undefined) return this.#definitions.addCustom(kind, kind.custom)
    return this.#definitions.addStruct(kind.schema)
  }

  list(kind: Kind): Part {
    this.object(kind)
    const { group, version, listKind, schema, custom } = kind
    const { [SELECTABLE]: selectable } =
      (custom && this.#definitions.found.get(openApiName(schema.name))) ?? {}
    return this.#definitions.addStruct(listStruct(kind), {
      [GVK]: [{ group, version, kind: listKind }],
      ...(selectable !== undefined && { [SELECTABLE]: selectable }),
    })
  }

  status(): Part {
    return this.#definitions.addStruct(Status.node as StructNode, {
      [GVK]: [{ group: '', version: 'v1', kind: 'Status' }],
    })
  }

  deleteOptions(): Part {
    const node = DeleteOptions.node as StructNode
    return this.#definitions.addStruct(node, { [GVK]: this.#gvks('DeleteOptions') })
  }

  watchEvent(node: StructNode): Part {
    return this.#definitions.addStruct(node, { [GVK]: this.#gvks('WatchEvent') })
  }

  patch(): Part {
    return this.#definitions.add(PATCH, {
      description: 'A patch in one of the forms that the content type names.',
      type: 'object',
    })
  }
}

/** The list of a kind, which no kind declares, since all lists are alike. */
function listStruct({ schema, listKind, custom }: Kind): StructNode {
  const name = schema.name.replace(/[^.]+$/, listKind)
  const items: StructNode = schema
  const { node } = s.struct(name, {
    apiVersion: s.string().optional(),
    kind: s.string().optional(),
    metadata: custom === undefined ? ListMeta.present() : ListMeta.optional().pointer(),
  })
  const { fields } = node as StructNode
  return {
    type: 'struct',
    name,
    fields: { ...fields, items: { node: { type: 'list', items }, required: true } },
  }
}
