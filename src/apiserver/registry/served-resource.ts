import { applyDefaults } from '../../machinery/apply-defaults.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import type { ObjectStore } from './object-store.ts'
import { STORED_VIEW, type View, viewOf } from './view.ts'

/** What an answer must know of a resource: names and columns, and how its objects are shown. */
export interface ShownResource {
  readonly kind: Kind
  readonly view: View
  readonly isStoredVersion: boolean
}

/** A resource in one of the versions that it is served in, with the store behind it. */
export class ServedResource implements ShownResource {
  /** As clients see it. */
  readonly kind: Kind
  readonly store: ObjectStore
  /** All versions that the same objects are served in, by apiVersion. */
  readonly family: Map<string, ServedResource>
  /** Objects of the store in this version. */
  readonly view: View

  constructor(kind: Kind, store: ObjectStore, family = store.served) {
    this.kind = kind
    this.store = store
    this.family = family
    store.served.set(kind.apiVersion, this)
    family.set(kind.apiVersion, this)
    const { storedAs } = kind
    this.view =
      storedAs === undefined
        ? STORED_VIEW
        : viewOf(kind.apiVersion, ({ object }) => storedAs.fromStored(object))
  }

  get isStoredVersion(): boolean {
    return this.kind.storedAs === undefined
  }

  /** With the defaults of the stored version, which may have fields that this one has not. */
  toStored(object: KubeObject): KubeObject {
    const { storedAs } = this.kind
    if (storedAs === undefined) return object
    const { kind } = this.store
    const stored = applyDefaults(kind.schema, storedAs.toStored(object))
    return kind.setDefaults?.(stored) ?? stored
  }

  fromStored(object: KubeObject): KubeObject {
    const { custom, apiVersion } = this.kind
    const isOther = object.apiVersion !== apiVersion && this.family.has(object.apiVersion)
    if (custom !== undefined && isOther) return custom.fromOther(object)
    return this.kind.storedAs?.fromStored(object) ?? object
  }
}
