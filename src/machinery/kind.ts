import type { FieldErrors, FieldPath } from './field-error.ts'
import type { MetadataRules } from './metadata-rules.ts'
import { type NamespacedMeta, ObjectMeta, type ObjectMetaInput } from './object-meta.ts'
import { type Fields, type InputOf, type StoredOf, type StructNode, s } from './schema.ts'

/** What all API objects have in common. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
}

export type Scope = 'Namespaced' | 'Cluster'

/** The verbs of discovery, in upstream's order. */
export type Verb =
  | 'create'
  | 'delete'
  | 'deletecollection'
  | 'get'
  | 'list'
  | 'patch'
  | 'update'
  | 'watch'

export const ALL_VERBS: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
]

/** How a column's values are written: `date` is shown as an age. */
export type ColumnType = 'string' | 'integer' | 'number' | 'boolean' | 'date'

export interface PrinterColumn<T> {
  readonly name: string
  readonly type: ColumnType
  /** Shown only with `-o wide` (priority 1). */
  readonly wide?: true
  /** Described in the Table's column definitions. */
  readonly description?: string
  /** `name` marks the column that holds the object's name. */
  readonly format?: string
  /** In place of 0, or of 1 for `wide`. */
  readonly priority?: number
  /** The cell is what `of` gives, null for nothing; the type is shown as it is. */
  readonly isExact?: true
  of(object: T, context: PrinterContext): string | number | boolean | undefined
}

/** What a column may use beside the object: ages need the time. */
export interface PrinterContext {
  /** Wall-clock milliseconds. */
  readonly now: number
}

/** The `scale` subresource: where the counts are. */
export interface ScaleAccess<T> {
  /** `autoscaling/v1` for all but what upstream serves otherwise. */
  replicas(object: T): number
  /** Where they are, for their ownership; `spec.replicas` when absent. */
  readonly replicasPath?: readonly string[]
  withReplicas(object: T, replicas: number): T
  statusReplicas(object: T): number
  /** The label selector in its text form. */
  selector(object: T): string
  /** Throws where an object has nothing that could be shown as a Scale. */
  checkShown?(object: T): void
}

/** A subresource other than `status` and `scale`, for discovery and for the API server's routes. */
export interface Subresource {
  readonly name: string
  readonly verbs: readonly Verb[]
  /** What is sent and answered, where it is not the parent's kind. */
  readonly kind?: string
  readonly group?: string
  readonly version?: string
}

/** Names and type of a kind: all that clients and informers need. Covariant in `T`. */
export interface KindRef<T extends KubeObject = KubeObject> {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly scope: Scope
  /** `v1` or `group/version`. */
  readonly apiVersion: string
  /** The type of this kind's objects; never read at run time. */
  readonly object: T
}

/** Reads a selectable field; declared as a method so that `Kind<T>` stays covariant in `T`. */
export type SelectableField<T> = { of(object: T): string }['of']

/** When and for whom something is written, for the few strategies that depend on it. */
export interface WriteContext {
  /** Wall-clock milliseconds. */
  readonly now: number
  /** Whose request it is; given when an object is created. */
  readonly user?: Requestor
}

/** A user as far as strategies care. */
export interface Requestor {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** How objects that servers have stored before a field was there are shown with it. */
export interface Completion<T = KubeObject> {
  /** Tells by the stored text that nothing is missing, without reading it; false where in doubt. */
  looksComplete(bytes: Buffer): boolean
  /** The object itself, where nothing is missing of it. */
  complete(object: T): T
}

/**
 * All that is particular to one kind. What is not said has the usual meaning: a `status` field
 * gives the status subresource, writes to the main resource keep the old status and writes to
 * status keep everything else; a changed `spec` raises the generation; names are DNS subdomains;
 * all verbs are served; no create on update; deletion is at once and in the background.
 */
export interface KindBehaviour<T> {
  readonly singular?: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly listKind?: string
  readonly verbs?: readonly Verb[]
  readonly subresources?: readonly Subresource[]
  /** False where upstream serves no `status` although the object has one. */
  readonly hasStatusSubresource?: boolean
  /** Reads what upstream's servers store in a version that differs in more than its name. */
  readonly fromOtherVersion?: (stored: KubeObject) => KubeObject
  /** Under `/registry`; `plural` or `group/plural` in upstream's layout when absent. */
  readonly storagePrefix?: string
  /** OpenAPI lists `metadata` as required; it does so for very few kinds. */
  readonly requiresMetadata?: true
  /** A review or the like: answered, never stored. */
  readonly isVirtual?: true
  /** The generation starts at 1 and counts changes of `spec` (default: when there is a spec). */
  readonly hasGeneration?: boolean
  /** PUT creates what does not exist. */
  readonly allowsCreateOnUpdate?: true
  /** An update may leave out metadata.resourceVersion (default true, as most kinds upstream). */
  readonly allowsUnconditionalUpdate?: boolean
  /** Deletion leaves the object until a grace period ends. */
  gracePeriodSeconds?(object: T, requested: number | undefined): number | undefined
  /**
   * What a request to delete makes of an object of this kind, whatever it asks for; undefined for
   * the usual. `now` is wall-clock milliseconds.
   */
  markForDeletion?(object: T, now: number): T | undefined
  /** Why an object may not be deleted by its name; undefined where it may. */
  refusesDeletion?(name: string): string | undefined
  /** A deletion answers the object as it was last, not a Status. */
  readonly returnsDeletedObject?: true
  /** Owner references orphan by default rather than being deleted in the background. */
  readonly orphansDependentsByDefault?: true
  /** Nothing depends on such objects: nobody waits for dependents, or has to orphan them. */
  readonly hasNoDependents?: true
  /** Field selectors besides metadata.name and metadata.namespace. */
  readonly selectableFields?: Readonly<Record<string, SelectableField<T>>>
  readonly columns?: readonly PrinterColumn<T>[]
  /** The order of a list's rows, where that is not the order of the names. */
  compareRows?(a: T, b: T): number
  readonly scale?: ScaleAccess<T> | undefined

  /** How metadata is judged, where that is not as for most kinds. */
  readonly metadataRules?: MetadataRules

  /** Yields why a name is not valid; a DNS subdomain when absent. `isPrefix` for generateName. */
  validateName?(name: string, isPrefix: boolean): readonly string[]
  /** Defaults that depend on other fields; runs after those of the schema. Pure. */
  setDefaults?(object: T): T
  /** Rules of a new object; those of a changed one too, unless `validateUpdate` says them all. */
  validate?(object: T, path: FieldPath): FieldErrors
  validateUpdate?(object: T, old: T, path: FieldPath): FieldErrors
  validateStatusUpdate?(object: T, old: T, path: FieldPath): FieldErrors
  /** Defaults that need the time: whose write leaves them out owns them. */
  setTimes?(object: T, now: number): T
  /** Shows what servers have stored before a field was there with it (`defaultOnRead`). */
  readonly completeOnRead?: Completion<T>
  prepareForCreate?(object: T, context: WriteContext): T
  prepareForUpdate?(object: T, old: T, context: WriteContext): T
  prepareForStatusUpdate?(object: T, old: T, context: WriteContext): T
  /** Texts for the Warning header. */
  warningsOnCreate?(object: T): Iterable<string>
  warningsOnUpdate?(object: T, old: T): Iterable<string>
}

/** A version of a resource that is served, but stored as another. */
export interface StoredAs {
  /** The kind that is stored: same group and plural, or another group (events). */
  readonly kind: () => Kind
  toStored(object: KubeObject): KubeObject
  fromStored(object: KubeObject): KubeObject
  /** Rules for those who write in this version, beside those of what is stored. */
  validateStored?(object: KubeObject, old: KubeObject | undefined, path: FieldPath): FieldErrors
}

/** Everything that the API server needs to know of one kind. */
export interface Kind<T extends KubeObject = KubeObject> extends KindRef<T>, KindBehaviour<T> {
  readonly singular: string
  readonly listKind: string
  readonly verbs: readonly Verb[]
  readonly schema: StructNode
  readonly storedAs?: StoredAs
  /** What differs for the kinds of CustomResourceDefinitions. */
  readonly custom?: CustomBehaviour
}

/** How a kind that a CustomResourceDefinition adds differs from built-in ones. */
export interface CustomBehaviour {
  /**
   * Reads an untyped value as an object of the kind: prunes, defaults and says what was unknown.
   * Throws the BadRequest for what is no object.
   */
  decode(value: unknown): { readonly value: KubeObject; readonly problems: readonly string[] }
  /** The same of what a server-side apply has made: nulls stay, for validation to judge. */
  decodeApplied(value: object): KubeObject
  /** The verbs that discovery names, in its order. */
  readonly discoveryVerbs: readonly Verb[]
  /** The version in which new objects are stored. */
  readonly storedVersion: Pick<KindRef, 'group' | 'version' | 'kind'>
  /**
   * The definition of its objects in OpenAPI documents of a form. `metadata` gives the property of
   * that name.
   */
  openApi(
    form: 'v2' | 'v3',
    metadata: () => Readonly<Record<string, unknown>>,
  ): Readonly<Record<string, unknown>>
  /** Said to everybody who asks for this version; '' for nothing. */
  readonly deprecationWarning: string
  /**
   * An object of another version of the same definition in this one; only for what may have to wait
   * for a webhook (`withConversions` in the registry).
   */
  fromOther(object: KubeObject): KubeObject
  /** Texts for the Warning header: rules that an object broke before, and was left to break. */
  ratchetedWarnings(object: KubeObject): readonly string[]
}

type MetaOf<S extends Scope> = S extends 'Namespaced' ? NamespacedMeta : ObjectMeta

export type StoredObject<F extends Fields, S extends Scope> = {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: MetaOf<S>
} & StoredOf<F>

interface Names<S extends Scope> {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly scope: S
}

/** The type of the objects of a kind: `interface Pod extends ObjectOfKind<typeof Pod> {}`. */
export type ObjectOfKind<K extends { readonly object: KubeObject }> = K['object']

/** What a client sends to create an object of a kind. */
export type DraftOf<K extends { readonly draft: unknown }> = K['draft']

export type Draft<F extends Fields> = {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata?: ObjectMetaInput
} & InputOf<F>

/** Declares a kind in one place; see `KindBehaviour` for what silence means. */
export function defineKind<const F extends Fields, const S extends Scope>(
  definition: Names<S> & { readonly fields: F; readonly storedAs?: StoredAs } & KindBehaviour<
      StoredObject<F, S>
    >,
): Kind<StoredObject<F, S>> & { readonly draft: Draft<F> } {
  const { group, version, kind, fields } = definition
  const { node } = s.struct(`${structGroup(group)}.${version}.${kind}`, {
    apiVersion: s.string().optional(),
    kind: s.string().optional(),
    metadata: definition.requiresMetadata ? ObjectMeta : ObjectMeta.optional(),
    ...fields,
  })
  return {
    singular: kind.toLowerCase(),
    listKind: `${kind}List`,
    verbs: ALL_VERBS,
    ...definition,
    apiVersion: apiVersionOf(group, version),
    schema: node,
  } as unknown as Kind<StoredObject<F, S>> & { readonly draft: Draft<F> }
}

export function apiVersionOf(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`
}

/** The group's part of a struct's name, as in upstream's Go packages. */
export function structGroup(group: string): string {
  if (group === '') return 'core'
  if (group === 'internal.apiserver.k8s.io') return 'apiserverinternal'
  return group.split('.')[0] as string
}
