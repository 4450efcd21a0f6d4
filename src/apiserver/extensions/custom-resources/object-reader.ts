import { applySchemaDefaults } from '../../../kinds/apiextensions/schema/apply-schema-defaults.ts'
import {
  coerceEmbedded,
  EmbeddedMetadataError,
  readMetadata,
} from '../../../kinds/apiextensions/schema/embedded-metadata.ts'
import { prune } from '../../../kinds/apiextensions/schema/prune.ts'
import { Structural } from '../../../kinds/apiextensions/schema/structural.ts'
import { cannotBeHandled, DecodeError } from '../../../machinery/decode.ts'
import { describeJson, isJsonObject } from '../../../machinery/json-value.ts'
import type { KubeObject } from '../../../machinery/kind.ts'
import type { ObjectMeta } from '../../../machinery/object-meta.ts'
import { badRequest } from '../../../machinery/status-error.ts'

export interface ObjectReaderOptions {
  readonly apiVersion: string
  readonly version: string
  readonly kind: string
  readonly structural: Structural | undefined
  /** Nothing is pruned: `spec.preserveUnknownFields` of old definitions. */
  readonly keepsUnknown: boolean
}

/**
 * Makes objects of a custom kind from untyped values, as Go's types would of a built-in one:
 * metadata is read, fields that no schema names are pruned, defaults are filled in.
 */
export class ObjectReader {
  readonly #options: ObjectReaderOptions

  constructor(options: ObjectReaderOptions) {
    this.#options = options
  }

  /** What a client has sent, with what it named that the schema does not know. Throws 400. */
  decode(value: unknown): { value: KubeObject; problems: readonly string[] } {
    if (!isJsonObject(value)) {
      const what = `cannot unmarshal ${describeJson(value)} into Go value`
      throw badRequest(`couldn't get version/kind; json parse error: json: ${what}`)
    }
    const unknown: string[] = []
    try {
      const object = this.#read(value, { unknown })
      const problems = unknown.map((path) => `unknown field ${JSON.stringify(path)}`)
      return { value: object, problems }
    } catch (error) {
      throw this.#refusal(error)
    }
  }

  /**
   * What an apply has made: decoded before, so that a null where none may stand is there since
   * somebody wants it, and is for validation to refuse. Throws 400.
   */
  decodeApplied(value: object): KubeObject {
    try {
      return this.#read(value as Record<string, unknown>, { keepsNulls: true })
    } catch (error) {
      throw this.#refusal(error)
    }
  }

  /** What was stored, perhaps before the schema was what it is; the same where nothing differs. */
  complete(object: KubeObject): KubeObject {
    const metadata = readMetadata(object.metadata, true) as ObjectMeta
    const isRepaired = metadata.generation === undefined || metadata.generation === 0
    const kept = metadata === object.metadata ? object : { ...object, metadata }
    const repaired = isRepaired ? { ...object, metadata: { ...metadata, generation: 1 } } : kept
    return this.#shape(repaired, { dropsInvalid: true }) as KubeObject
  }

  /** What was converted into this version, without what it does not know. */
  fit(object: KubeObject): KubeObject {
    return this.#prune(object, { dropsInvalid: true }) as KubeObject
  }

  #refusal(error: unknown): unknown {
    const isBad = error instanceof DecodeError || error instanceof EmbeddedMetadataError
    return isBad ? cannotBeHandled(this.#options, error.message) : error
  }

  #read(value: Record<string, unknown>, options: ShapeOptions): KubeObject {
    const { apiVersion, kind } = this.#options
    const { metadata: given } = value
    const metadata = readMetadata(given, false, options.unknown) as ObjectMeta
    const { kind: sentKind = kind, apiVersion: sentVersion = apiVersion } = value
    // What says that it is something else is refused with all else that is wrong with it.
    if (sentKind !== kind || sentVersion !== apiVersion) {
      const names = { kind: sentKind, apiVersion: sentVersion }
      return { ...value, ...names, metadata } as unknown as KubeObject
    }
    const named =
      value['apiVersion'] === apiVersion && value['kind'] === kind && metadata === given
        ? value
        : { ...value, apiVersion, kind, metadata }
    return this.#shape(named, options) as KubeObject
  }

  #shape(object: object, options: ShapeOptions): unknown {
    return applySchemaDefaults(this.#prune(object, options), this.#options.structural)
  }

  #prune(object: object, { dropsInvalid = false, unknown, keepsNulls }: ShapeOptions): unknown {
    const { structural, keepsUnknown } = this.#options
    const paths: string[] | undefined = unknown && []
    const options = { unknown: paths, ...(keepsNulls && { keepsNulls }) }
    const pruned = keepsUnknown ? object : prune(object, structural ?? NOTHING, options)
    const coerced = coerceEmbedded(pruned, structural, { dropsInvalid, unknown: paths })
    if (paths !== undefined) unknown?.push(...paths)
    return coerced
  }
}

interface ShapeOptions {
  /** Metadata that cannot be read is dropped, and not refused. */
  readonly dropsInvalid?: boolean
  /** Takes the paths of what was unknown. */
  readonly unknown?: string[]
  readonly keepsNulls?: boolean
}

/** A definition without a schema: no field is known but those of every object. */
const NOTHING = new Structural({}, true)
