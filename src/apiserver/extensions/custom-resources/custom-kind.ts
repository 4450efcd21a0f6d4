import { applyNodeOf } from '../../../kinds/apiextensions/schema/apply-node.ts'
import { applySchemaDefaults } from '../../../kinds/apiextensions/schema/apply-schema-defaults.ts'
import { publishedObject } from '../../../kinds/apiextensions/schema/published-schema.ts'
import { Structural } from '../../../kinds/apiextensions/schema/structural.ts'
import type { CustomResourceDefinition } from '../../../kinds/apiextensions/v1/custom-resource-definition.ts'
import type { CustomResourceDefinitionVersion } from '../../../kinds/apiextensions/v1/custom-resource-definition-version.ts'
import { deepEqual } from '../../../machinery/deep-equal.ts'
import type { FieldErrors, FieldPath } from '../../../machinery/field-error.ts'
import {
  ALL_VERBS,
  apiVersionOf,
  type CustomBehaviour,
  type Kind,
  type KubeObject,
  type PrinterColumn,
  type ScaleAccess,
  type Scope,
  type SelectableField,
  type Verb,
} from '../../../machinery/kind.ts'
import type { StructNode } from '../../../machinery/schema.ts'
import { forbiddenError } from '../../../machinery/status-error.ts'
import { convertedFor } from '../../registry/conversions.ts'
import { columnsOf } from './columns.ts'
import type { Converter } from './converter.ts'
import type { CustomResourceMetrics } from './custom-resource-metrics.ts'
import { deprecationOf } from './deprecation.ts'
import { finalizerWarnings } from './finalizer-warnings.ts'
import { ObjectReader } from './object-reader.ts'
import { ObjectValidator } from './object-validator.ts'
import { scaleAccessOf } from './scale-access.ts'
import { selectableFieldsOf } from './selectable-fields.ts'

/** In the order in which upstream's discovery names them. */
const DISCOVERY_VERBS: readonly Verb[] = [
  ...(['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update'] as const),
  'watch',
]
const TERMINATING_VERBS = DISCOVERY_VERBS.filter(
  (verb) => !['patch', 'create', 'update'].includes(verb),
)

/** What all versions of a definition have in common. */
export interface DefinitionState {
  /** May change while the kinds go on as they are. */
  isTerminating: boolean
  readonly converter: Converter
  readonly metrics?: CustomResourceMetrics | undefined
  /** Served or not, by apiVersion. */
  readonly versions: Map<string, CustomKind>
}

type Fields = KubeObject & { readonly status?: unknown }

/**
 * One version of what a CustomResourceDefinition adds, as the API server takes any kind. All that
 * follows from its schema is made when it is first asked for.
 */
export class CustomKind implements Kind, CustomBehaviour {
  declare readonly object: KubeObject
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly listKind: string
  readonly scope: Scope
  readonly apiVersion: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly verbs = ALL_VERBS
  readonly storagePrefix: string
  readonly allowsUnconditionalUpdate = false
  readonly metadataRules = { allowsPlainFinalizers: true } as const
  readonly hasStatusSubresource: boolean
  /** Every change but that of metadata counts; see `prepareForUpdate`. */
  readonly hasGeneration = false
  readonly definition: CustomResourceDefinition
  readonly definitionVersion: CustomResourceDefinitionVersion
  readonly #state: DefinitionState
  #structural: Structural | undefined
  #schema: StructNode | undefined
  #columns: readonly PrinterColumn<KubeObject>[] | undefined
  #selectable: Readonly<Record<string, SelectableField<KubeObject>>> | undefined
  #scale: { readonly access: ScaleAccess<KubeObject> | undefined } | undefined
  #reader: ObjectReader | undefined
  #validator: ObjectValidator | undefined

  constructor(
    definition: CustomResourceDefinition,
    version: CustomResourceDefinitionVersion,
    state: DefinitionState,
  ) {
    const { spec, status } = definition
    const names = status.acceptedNames
    this.definition = definition
    this.definitionVersion = version
    this.#state = state
    this.group = spec.group
    this.version = version.name
    this.kind = names.kind
    this.plural = names.plural
    this.singular = names.singular
    this.listKind = names.listKind
    this.scope = spec.scope === 'Namespaced' ? 'Namespaced' : 'Cluster'
    this.apiVersion = apiVersionOf(spec.group, version.name)
    this.shortNames = names.shortNames ?? []
    this.categories = names.categories ?? []
    this.storagePrefix = `${spec.group}/${names.plural}`
    this.hasStatusSubresource = version.subresources?.status !== undefined
  }

  get custom(): CustomBehaviour {
    return this
  }

  /** Undefined where the definition says nothing of its objects, of which then nothing remains. */
  get structural(): Structural | undefined {
    const schema = this.definitionVersion.schema?.openAPIV3Schema
    if (schema !== undefined) this.#structural ??= new Structural(schema, true)
    return this.#structural
  }

  get schema(): StructNode {
    const { group, version, kind } = this
    const schema = this.definitionVersion.schema?.openAPIV3Schema
    // OpenAPI's name of the kind, which is like those of Java packages.
    const name = `${group.split('.').toReversed().join('.')}.${version}.${kind}`
    const keepsUnknown = this.definition.spec.preserveUnknownFields === true
    this.#schema ??= applyNodeOf(name, schema, keepsUnknown)
    return this.#schema
  }

  get columns(): readonly PrinterColumn<KubeObject>[] {
    this.#columns ??= columnsOf(this.definitionVersion)
    return this.#columns
  }

  get selectableFields(): Readonly<Record<string, SelectableField<KubeObject>>> {
    this.#selectable ??= selectableFieldsOf(this.definitionVersion)
    return this.#selectable
  }

  get scale(): ScaleAccess<KubeObject> | undefined {
    const { subresources } = this.definitionVersion
    this.#scale ??= { access: subresources?.scale && scaleAccessOf(subresources.scale) }
    return this.#scale.access
  }

  get discoveryVerbs(): readonly Verb[] {
    return this.#state.isTerminating ? TERMINATING_VERBS : DISCOVERY_VERBS
  }

  get storedVersion() {
    const { group, kind, definition, version } = this
    const stored = definition.spec.versions.find(({ storage }) => storage)?.name ?? version
    return { group, version: stored, kind }
  }

  get state(): DefinitionState {
    return this.#state
  }

  get deprecationWarning(): string {
    return deprecationOf(this.definition, this.definitionVersion)
  }

  decode(value: unknown) {
    return this.#objects.decode(value)
  }

  decodeApplied(value: object): KubeObject {
    return this.#objects.decodeApplied(value)
  }

  openApi(form: 'v2' | 'v3', metadata: () => Readonly<Record<string, unknown>>) {
    const { spec } = this.definition
    const { schema, selectableFields = [] } = this.definitionVersion
    const keepsUnknown = spec.preserveUnknownFields === true
    const root = schema?.openAPIV3Schema
    const published = publishedObject(root, keepsUnknown, { form, metadata })
    if (selectableFields.length === 0) return published
    const fields = selectableFields.map(({ jsonPath }) => ({
      fieldPath: jsonPath.replace(/^\./, ''),
    }))
    return { ...published, 'x-kubernetes-selectable-fields': fields }
  }

  fromOther(object: KubeObject): KubeObject {
    const { apiVersion } = this
    const { converter } = this.#state
    if (converter.convertNow !== undefined) return converter.convertNow(object, apiVersion)
    return convertedFor(object, apiVersion, async () => {
      const [converted] = await converter.convertAll([object], apiVersion)
      return converted as KubeObject
    })
  }

  /** An object of this version that was stored, perhaps long ago, as the schema has it today. */
  complete(object: KubeObject): KubeObject {
    return this.#objects.complete(object)
  }

  /** What was converted into this version, without what it does not know. */
  fit(object: KubeObject): KubeObject {
    return this.#objects.fit(object)
  }

  prepareForCreate(object: KubeObject): KubeObject {
    if (this.#state.isTerminating) {
      const why = 'create not allowed while custom resource definition is terminating'
      throw forbiddenError(this, object.metadata.name ?? '', why)
    }
    const { status: _, ...rest } = object as Fields
    const prepared = this.hasStatusSubresource ? (rest as KubeObject) : object
    const filled = applySchemaDefaults(prepared, this.structural) as KubeObject
    return { ...filled, metadata: { ...filled.metadata, generation: 1 } }
  }

  /** Whatever changes beside the metadata is a new generation. */
  prepareForUpdate(object: KubeObject, old: KubeObject): KubeObject {
    const prepared = withoutAbsentStatus(object)
    const { metadata: _, ...after } = prepared
    const { metadata: __, ...before } = old
    if (deepEqual(after, before)) return prepared
    const generation = Number(old.metadata.generation ?? 0) + 1
    return { ...prepared, metadata: { ...prepared.metadata, generation } }
  }

  /** Nothing but the status, and who has set it. */
  prepareForStatusUpdate(object: KubeObject, old: KubeObject): KubeObject {
    const { managedFields, resourceVersion } = object.metadata
    const { managedFields: _, ...kept } = old.metadata
    const metadata = {
      ...{ ...kept, resourceVersion },
      ...(managedFields !== undefined && { managedFields }),
    }
    return withoutAbsentStatus({ ...object, metadata })
  }

  validate(object: KubeObject, path: FieldPath): FieldErrors {
    return this.#rules.validate(object, path)
  }

  validateUpdate(object: KubeObject, old: KubeObject, path: FieldPath): FieldErrors {
    return this.#rules.validateUpdate(object, old, path)
  }

  validateStatusUpdate(object: KubeObject, old: KubeObject, path: FieldPath): FieldErrors {
    return this.#rules.validateStatusUpdate(object, old, path)
  }

  warningsOnCreate(object: KubeObject): Iterable<string> {
    return finalizerWarnings(object.metadata.finalizers, undefined)
  }

  warningsOnUpdate(object: KubeObject, old: KubeObject): Iterable<string> {
    const finalizers = finalizerWarnings(object.metadata.finalizers, old.metadata.finalizers)
    return [...this.ratchetedWarnings(object), ...finalizers]
  }

  ratchetedWarnings(object: KubeObject): readonly string[] {
    return this.#rules.warningsOf(object)
  }

  get #objects(): ObjectReader {
    this.#reader ??= new ObjectReader({
      ...{ apiVersion: this.apiVersion, version: this.version, kind: this.kind },
      structural: this.structural,
      keepsUnknown: this.definition.spec.preserveUnknownFields === true,
    })
    return this.#reader
  }

  get #rules(): ObjectValidator {
    this.#validator ??= new ObjectValidator({
      ...{ apiVersion: this.apiVersion, kind: this.kind },
      structural: this.structural,
      scale: this.definitionVersion.subresources?.scale,
      metrics: this.#state.metrics,
    })
    return this.#validator
  }
}

/** A field that is there and undefined is none. */
function withoutAbsentStatus(object: KubeObject): KubeObject {
  const { status, ...rest } = object as Fields
  return status === undefined && 'status' in object ? (rest as KubeObject) : object
}
