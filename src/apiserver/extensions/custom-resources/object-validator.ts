import { Correlation } from '../../../kinds/apiextensions/schema/correlation.ts'
import { validateEmbedded } from '../../../kinds/apiextensions/schema/embedded-metadata.ts'
import { validateListTypes } from '../../../kinds/apiextensions/schema/list-types.ts'
import type { Structural } from '../../../kinds/apiextensions/schema/structural.ts'
import { validateValue } from '../../../kinds/apiextensions/schema/validate-value.ts'
import { toFieldError } from '../../../kinds/apiextensions/schema/value-errors.ts'
import type { CustomResourceSubresourceScale } from '../../../kinds/apiextensions/v1/custom-resource-definition-version.ts'
import { type FieldErrors, FieldPath, invalid } from '../../../machinery/field-error.ts'
import type { KubeObject } from '../../../machinery/kind.ts'
import { integerAt, stepsOf, stringAt } from './scale-access.ts'

export interface ObjectValidatorOptions {
  readonly apiVersion: string
  readonly kind: string
  readonly structural: Structural | undefined
  readonly scale: CustomResourceSubresourceScale | undefined
}

const MOST_REPLICAS = 2_147_483_647

/** All rules of the objects of one custom kind, in upstream's order. */
export class ObjectValidator {
  readonly #options: ObjectValidatorOptions

  constructor(options: ObjectValidatorOptions) {
    this.#options = options
  }

  *validate(object: KubeObject, path: FieldPath): FieldErrors {
    const wrongType = [...this.#validateType(object, path)]
    if (wrongType.length > 0) {
      yield* wrongType
      return
    }
    yield* this.#validateSchema(object, undefined)
    yield* this.#validateScaleSpec(object)
    yield* this.#validateScaleStatus(object)
    yield* validateEmbedded(object, this.#options.structural, path)
    yield* validateListTypes(object, this.#options.structural, path)
  }

  *validateUpdate(object: KubeObject, old: KubeObject, path: FieldPath): FieldErrors {
    const wrongType = [...this.#validateType(object, path)]
    if (wrongType.length > 0) {
      yield* wrongType
      return
    }
    yield* this.#validateSchema(object, this.#correlate(object, old))
    yield* this.#validateScaleSpec(object)
    yield* this.#validateScaleStatus(object)
    yield* validateEmbedded(object, this.#options.structural, path)
    yield* this.#validateChangedLists(object, old, path)
  }

  *validateStatusUpdate(object: KubeObject, old: KubeObject, path: FieldPath): FieldErrors {
    const wrongType = [...this.#validateType(object, path)]
    if (wrongType.length > 0) {
      yield* wrongType
      return
    }
    yield* this.#validateStatus(object, old)
    yield* this.#validateScaleStatus(object)
    yield* this.#validateChangedLists(object, old, path)
  }

  *#validateSchema(value: KubeObject, correlation: Correlation | undefined): FieldErrors {
    const { structural } = this.#options
    if (structural === undefined) return
    const { errors } = validateValue(structural.schema, { value, at: '', correlation })
    for (const error of errors) yield toFieldError(error, FieldPath.root)
  }

  /** The status alone, by its own part of the schema. */
  *#validateStatus(object: KubeObject, old: KubeObject): FieldErrors {
    const schema = this.#options.structural?.property('status')?.schema
    const { status: value } = object as KubeObject & { readonly status?: unknown }
    if (schema === undefined || value === undefined) return
    const correlation = this.#correlate(object, old)?.field('status')
    const { errors } = validateValue(schema, { value, at: '', correlation })
    for (const error of errors) yield toFieldError(error, FieldPath.root.child('status'))
  }

  #correlate(object: KubeObject, old: KubeObject): Correlation | undefined {
    const { structural } = this.#options
    return structural && new Correlation(object, old, structural.schema)
  }

  /** What was wrong before may stay so. */
  *#validateChangedLists(object: KubeObject, old: KubeObject, path: FieldPath): FieldErrors {
    const { structural } = this.#options
    const errors = [...validateListTypes(object, structural, path)]
    if (errors.length === 0) return
    const [before] = validateListTypes(old, structural, path)
    if (before === undefined) yield* errors
  }

  *#validateType({ apiVersion, kind }: KubeObject, path: FieldPath): FieldErrors {
    const wanted = this.#options
    if (kind !== wanted.kind) yield invalid(path.child('kind'), kind, `must be ${wanted.kind}`)
    if (apiVersion === wanted.apiVersion) return
    yield invalid(path.child('apiVersion'), apiVersion, `must be ${wanted.apiVersion}`)
  }

  *#validateScaleSpec(object: KubeObject): FieldErrors {
    const { scale } = this.#options
    if (scale !== undefined) yield* validateReplicas(object, scale.specReplicasPath)
  }

  *#validateScaleStatus(object: KubeObject): FieldErrors {
    const { scale } = this.#options
    if (scale === undefined) return
    yield* validateReplicas(object, scale.statusReplicasPath)
    const { labelSelectorPath } = scale
    if (labelSelectorPath === undefined) return
    const selector = stringAt(object, stepsOf(labelSelectorPath))
    if (typeof selector === 'string') return
    yield invalid(FieldPath.root.child(labelSelectorPath), '', selector.error)
  }
}

function* validateReplicas(object: KubeObject, path: string): FieldErrors {
  const at = FieldPath.root.child(path)
  const replicas = integerAt(object, stepsOf(path)) ?? 0
  if (typeof replicas === 'object') yield invalid(at, 0, replicas.error)
  else if (replicas < 0) yield invalid(at, replicas, 'should be a non-negative integer')
  else if (replicas > MOST_REPLICAS) {
    yield invalid(at, replicas, `should be less than or equal to ${MOST_REPLICAS}`)
  }
}
