import { type RuleNode, rootRuleNode } from '../../../kinds/apiextensions/rules/rule-node.ts'
import { validateByRules } from '../../../kinds/apiextensions/rules/validate-rules.ts'
import { Correlation } from '../../../kinds/apiextensions/schema/correlation.ts'
import { validateEmbedded } from '../../../kinds/apiextensions/schema/embedded-metadata.ts'
import { validateListTypes } from '../../../kinds/apiextensions/schema/list-types.ts'
import type { Structural } from '../../../kinds/apiextensions/schema/structural.ts'
import { validateValue } from '../../../kinds/apiextensions/schema/validate-value.ts'
import { toFieldError } from '../../../kinds/apiextensions/schema/value-errors.ts'
import type { CustomResourceSubresourceScale } from '../../../kinds/apiextensions/v1/custom-resource-definition-version.ts'
import {
  type FieldError,
  type FieldErrors,
  FieldPath,
  formatFieldError,
  invalid,
} from '../../../machinery/field-error.ts'
import type { KubeObject } from '../../../machinery/kind.ts'
import type { CustomResourceMetrics } from './custom-resource-metrics.ts'
import { integerAt, stepsOf, stringAt } from './scale-access.ts'

export interface ObjectValidatorOptions {
  readonly apiVersion: string
  readonly kind: string
  readonly structural: Structural | undefined
  readonly scale: CustomResourceSubresourceScale | undefined
  readonly metrics?: CustomResourceMetrics | undefined
}

const MOST_REPLICAS = 2_147_483_647
/** Errors after which nothing can be said of the rules. */
const BLOCKING: ReadonlySet<string> = new Set([
  ...['FieldValueNotSupported', 'FieldValueRequired', 'FieldValueTooLong', 'FieldValueTooMany'],
  'FieldValueTypeInvalid',
])
const NOT_CHECKED =
  'some validation rules were not checked because the object was invalid; ' +
  'correct the existing errors to complete validation'

/** All rules of the objects of one custom kind, in upstream's order. */
export class ObjectValidator {
  readonly #options: ObjectValidatorOptions
  #ruleNode: { readonly node: RuleNode | undefined } | undefined
  readonly #ratcheted = new WeakMap<KubeObject, readonly string[]>()

  constructor(options: ObjectValidatorOptions) {
    this.#options = options
  }

  validate(object: KubeObject, path: FieldPath): FieldErrors {
    const wrongType = [...this.#validateType(object, path)]
    if (wrongType.length > 0) return wrongType
    const { structural } = this.#options
    const errors = [
      ...this.#validateSchema(object, undefined),
      ...this.#validateScaleSpec(object),
      ...this.#validateScaleStatus(object),
      ...validateEmbedded(object, structural, path),
      ...validateListTypes(object, structural, path),
    ]
    return this.#withRules(errors, object, undefined, undefined)
  }

  validateUpdate(object: KubeObject, old: KubeObject, path: FieldPath): FieldErrors {
    const wrongType = [...this.#validateType(object, path)]
    if (wrongType.length > 0) return wrongType
    const correlation = this.#correlate(object, old)
    const errors = [
      ...this.#validateSchema(object, correlation),
      ...this.#validateScaleSpec(object),
      ...this.#validateScaleStatus(object),
      ...validateEmbedded(object, this.#options.structural, path),
      ...this.#validateChangedLists(object, old, path),
    ]
    return this.#withRules(errors, object, old, correlation)
  }

  validateStatusUpdate(object: KubeObject, old: KubeObject, path: FieldPath): FieldErrors {
    const wrongType = [...this.#validateType(object, path)]
    if (wrongType.length > 0) return wrongType
    const correlation = this.#correlate(object, old)
    const errors = [
      ...this.#validateStatus(object, correlation),
      ...this.#validateScaleStatus(object),
      ...this.#validateChangedLists(object, old, path),
    ]
    return this.#withRules(errors, object, old, correlation)
  }

  /** Rules that are broken by what has not changed, of an object that was just validated. */
  warningsOf(object: KubeObject): readonly string[] {
    return this.#ratcheted.get(object) ?? []
  }

  /** Rules can rely on the shape of what they speak of: where it is wrong, they wait. */
  #withRules(
    errors: readonly FieldError[],
    object: KubeObject,
    old: KubeObject | undefined,
    correlation: Correlation | undefined,
  ): readonly FieldError[] {
    const rules = this.#rules
    if (rules === undefined) return errors
    // That a new object has no name is found elsewhere, and blocks them, too.
    const isNameless = old === undefined && object.metadata.name === ''
    if (isNameless || errors.some(({ reason }) => BLOCKING.has(reason))) {
      return [...errors, invalid(FieldPath.root, null, NOT_CHECKED)]
    }
    const { metrics } = this.#options
    const evaluate = () => validateByRules(rules, object, old, correlation, FieldPath.root)
    const found = metrics === undefined ? evaluate() : metrics.evaluating(evaluate)
    if (found.ratcheted.length > 0) {
      this.#ratcheted.set(object, found.ratcheted.map(formatFieldError))
    }
    return [...errors, ...found.errors]
  }

  get #rules(): RuleNode | undefined {
    const { structural, metrics } = this.#options
    this.#ruleNode ??= {
      node: structural && rootRuleNode(structural.schema, true, metrics?.compiling),
    }
    return this.#ruleNode.node
  }

  *#validateSchema(value: KubeObject, correlation: Correlation | undefined): FieldErrors {
    const { structural } = this.#options
    if (structural === undefined) return
    const { errors } = validateValue(structural.schema, { value, at: '', correlation })
    for (const error of errors) yield toFieldError(error, FieldPath.root)
  }

  /** The status alone, by its own part of the schema. */
  *#validateStatus(object: KubeObject, whole: Correlation | undefined): FieldErrors {
    const schema = this.#options.structural?.property('status')?.schema
    const { status: value } = object as KubeObject & { readonly status?: unknown }
    if (schema === undefined || value === undefined) return
    const correlation = whole?.field('status')
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
