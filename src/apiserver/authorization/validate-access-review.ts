import type {
  NonResourceAttributes,
  ResourceAttributes,
  SubjectAccessReviewSpec,
} from '../../kinds/authorization/v1/access-review-attributes.ts'
import {
  type FieldErrors,
  FieldPath,
  forbidden,
  invalid,
  required,
} from '../../machinery/field-error.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import { labelValueErrors } from '../../machinery/names.ts'
import { invalids, validateLabelName } from '../../machinery/validate-object-meta.ts'

/** Any of the three kinds of reviews that ask for one decision. */
export interface AccessReview extends KubeObject {
  readonly spec: SubjectAccessReviewSpec
}

const SPEC = FieldPath.root.child('spec')

/** What is wrong with a review, in upstream's words and order. */
export function* validateAccessReview(kind: Kind, { spec, metadata }: AccessReview): FieldErrors {
  const { resourceAttributes, nonResourceAttributes, user = '', groups = [] } = spec
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    const why = 'cannot be specified in combination with resourceAttributes'
    yield invalid(SPEC.child('nonResourceAttributes'), inGo(nonResourceAttributes), why)
  }
  if (resourceAttributes === undefined && nonResourceAttributes === undefined) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
    yield invalid(SPEC.child('resourceAttributes'), null, why)
  }
  const isAboutCaller = kind.kind === 'SelfSubjectAccessReview'
  if (!isAboutCaller && user === '' && groups.length === 0) {
    yield invalid(SPEC.child('user'), user, 'at least one of user or group must be specified')
  }
  yield* validateSelectors(resourceAttributes)
  const isLocal = kind.scope === 'Namespaced'
  if (!isEmpty(metadata, isLocal)) {
    const why = isLocal ? 'must be empty except for namespace' : 'must be empty'
    yield invalid(FieldPath.root.child('metadata'), metadata, why)
  }
  if (isLocal) yield* validateLocal(spec, metadata.namespace ?? '')
}

/** As upstream prints its own struct. */
function inGo({ path = '', verb = '' }: NonResourceAttributes): unknown {
  return { Path: path, Verb: verb }
}

function* validateLocal(
  { resourceAttributes, nonResourceAttributes }: SubjectAccessReviewSpec,
  namespace: string,
): FieldErrors {
  const asked = resourceAttributes?.namespace ?? ''
  if (resourceAttributes !== undefined && asked !== namespace) {
    const path = SPEC.child('resourceAttributes', 'namespace')
    yield invalid(path, asked, 'must match metadata.namespace')
  }
  if (nonResourceAttributes !== undefined) {
    const path = SPEC.child('nonResourceAttributes')
    yield invalid(path, inGo(nonResourceAttributes), 'disallowed on this kind of request')
  }
}

function* validateSelectors(attributes: ResourceAttributes = {}): FieldErrors {
  for (const name of ['fieldSelector', 'labelSelector'] as const) {
    const selector = attributes[name]
    if (selector === undefined) continue
    const path = SPEC.child('resourceAttributes', name)
    const { rawSelector = '', requirements = [] } = selector
    if (rawSelector !== '' && requirements.length > 0) {
      const why = 'may not specified at the same time as requirements'
      yield invalid(path.child('rawSelector'), rawSelector, why)
    }
    if (rawSelector === '' && requirements.length === 0) {
      const why = `when ${path} is specified, requirements or rawSelector is required`
      yield required(path.child('requirements'), why)
    }
    for (const [index, requirement] of requirements.entries()) {
      const at = path.child('requirements').index(index)
      yield* validateRequirement(requirement, name === 'labelSelector', at)
    }
  }
}

/** An operator that is not known is passed over: it asks for more, and allows no more. */
function* validateRequirement(
  { key, operator, values = [] }: Requirement,
  isOfLabel: boolean,
  path: FieldPath,
): FieldErrors {
  if (!isOfLabel && key === '') yield required(path.child('key'), 'must be specified')
  const isIn = operator === 'In' || operator === 'NotIn'
  const isExists = operator === 'Exists' || operator === 'DoesNotExist'
  if (isIn && values.length === 0) {
    yield required(path.child('values'), "must be specified when `operator` is 'In' or 'NotIn'")
  }
  if (isExists && values.length > 0) {
    const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
    yield forbidden(path.child('values'), why)
  }
  if (!isOfLabel) return
  yield* validateLabelName(key, path.child('key'))
  for (const [index, value] of values.entries()) {
    yield* invalids(path.child('values').index(index), value, labelValueErrors(value))
  }
}

interface Requirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[] | undefined
}

function isEmpty(metadata: KubeObject['metadata'], exceptNamespace: boolean): boolean {
  return Object.entries(metadata).every(
    ([key, value]) =>
      value === undefined ||
      value === null ||
      value === '' ||
      key === 'managedFields' ||
      (exceptNamespace && key === 'namespace'),
  )
}
