import type { KubeObject } from '../../machinery/kind.ts'

/** Work that was done ahead of a write and is kept or undone with its outcome. */
export interface Preparation {
  readonly object: KubeObject
  /** Called once: whether the write was made; undefined where that is unknown. */
  finish(isDone: boolean | undefined): Promise<void> | void
}

/** What a resource does beside storing its objects, such as giving services their addresses. */
export interface RegistryHooks {
  /** Before a new object is validated and stored. */
  beforeCreate?(object: KubeObject, isDryRun: boolean): Promise<Preparation>
  /** Before a changed object is validated and stored; asked again after each lost race. */
  beforeUpdate?(object: KubeObject, old: KubeObject, isDryRun: boolean): Promise<Preparation>
  /** After an object has gone, and before that is answered. */
  afterDelete?(object: KubeObject): Promise<void>
}
