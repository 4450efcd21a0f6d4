import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  invalid,
  required,
  tooMany,
} from '../../../machinery/field-error.ts'
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../../machinery/names.ts'
import { invalids, validateImmutable } from '../../../machinery/validate-object-meta.ts'
import { validateMetaConditions } from '../../meta-conditions-validation.ts'
import type { PodGroup } from './pod-group.ts'
import type { PodGroupResourceClaim, PodGroupSchedulingPolicy } from './pod-group-scheduling.ts'

const MOST_CLAIMS = 4
const IMMUTABLE = ['podGroupTemplateRef', 'schedulingPolicy', 'resourceClaims'] as const

/** How a group is scheduled and which claims its pods share. */
export function* validatePodGroup({ spec }: PodGroup, path: FieldPath): FieldErrors {
  const specPath = path.child('spec')
  const { podGroupTemplateRef: template, schedulingPolicy, resourceClaims = [] } = spec
  if (template) {
    const at = specPath.child('podGroupTemplateRef')
    const { workload } = template
    if (!workload) yield invalid(at, '', 'must specify one of: `workload`')
    else {
      const { workloadName, podGroupTemplateName: name } = workload
      const workloadPath = at.child('workload')
      yield* validateName(workloadName, dns1123SubdomainErrors, workloadPath.child('workloadName'))
      yield* validateName(name, dns1123LabelErrors, workloadPath.child('podGroupTemplateName'))
    }
  }
  yield* validatePolicy(schedulingPolicy, specPath.child('schedulingPolicy'))
  yield* validateClaims(resourceClaims, specPath.child('resourceClaims'))
}

/** What a group is stays as it is. */
export function* validatePodGroupUpdate(
  group: PodGroup,
  old: PodGroup,
  path: FieldPath,
): FieldErrors {
  for (const field of IMMUTABLE) {
    yield* validateImmutable(group.spec[field], old.spec[field], path.child('spec', field))
  }
}

/** The claims of the status are those of the spec. */
export function* validatePodGroupStatusUpdate(
  { spec, status }: PodGroup,
  _old: PodGroup,
  path: FieldPath,
): FieldErrors {
  yield* validateMetaConditions(status.conditions, path.child('status', 'conditions'))
  const names = (spec.resourceClaims ?? []).map(({ name }) => name)
  for (const [index, { name }] of (status.resourceClaimStatuses ?? []).entries()) {
    if (names.includes(name)) continue
    const at = path.child('status', 'resourceClaimStatuses').index(index).child('name')
    yield invalid(at, name, 'must match the name of an entry in `spec.resourceClaims`')
  }
}

/** Pods one by one or as a gang, which has at least one. */
export function* validatePolicy(policy: PodGroupSchedulingPolicy, path: FieldPath): FieldErrors {
  const { basic, gang } = policy
  if (basic === undefined && gang === undefined) {
    yield invalid(path, '', 'must specify one of: `basic`, `gang`')
  } else if (basic !== undefined && gang !== undefined) {
    const why = 'must specify exactly one of: `basic`, `gang`'
    yield invalid(path, '{basic, gang}', why)
  }
  if (gang === undefined) return
  const { minCount } = gang
  const at = path.child('gang', 'minCount')
  if (minCount === 0) yield required(at)
  else if (minCount < 1) yield invalid(at, minCount, 'must be greater than or equal to 1')
}

/** Each claim once, by its name or by that of its template. */
export function* validateClaims(
  claims: readonly PodGroupResourceClaim[],
  path: FieldPath,
): FieldErrors {
  if (claims.length > MOST_CLAIMS) {
    yield tooMany(path, claims.length, MOST_CLAIMS)
    return
  }
  const names = claims.map(({ name }) => name)
  for (const [index, claim] of claims.entries()) {
    const at = path.index(index)
    if (names.indexOf(claim.name) < index) yield duplicate(at, { name: claim.name })
    yield* validateClaim(claim, at)
  }
}

function* validateClaim(claim: PodGroupResourceClaim, path: FieldPath): FieldErrors {
  const fields = ['resourceClaimName', 'resourceClaimTemplateName'] as const
  const all = fields.map((field) => `\`${field}\``).join(', ')
  const given = fields.filter((field) => claim[field] !== undefined)
  if (given.length === 0) yield invalid(path, '', `must specify one of: ${all}`)
  if (given.length > 1) {
    yield invalid(path, `{${given.join(', ')}}`, `must specify exactly one of: ${all}`)
  }
  yield* validateName(claim.name, dns1123LabelErrors, path.child('name'))
  for (const field of given) {
    yield* invalids(path.child(field), claim[field], dns1123SubdomainErrors(claim[field] ?? ''))
  }
}

/** A name that must be there. */
export function* validateName(
  name: string,
  reasonsOf: (name: string) => readonly string[],
  path: FieldPath,
): FieldErrors {
  if (name === '') yield required(path)
  else yield* invalids(path, name, reasonsOf(name))
}
