import type { ClusterRole } from '../../../kinds/rbac/v1/cluster-role.ts'
import type { PolicyRule } from '../../../kinds/rbac/v1/policy-rule.ts'
import type { RoleRef, Subject } from '../../../kinds/rbac/v1/subject.ts'
import { deepEqual } from '../../../machinery/deep-equal.ts'
import { uncoveredRules } from '../rule-covering.ts'
import { AUTOUPDATE_ANNOTATION } from './bootstrap-policy.ts'

type Texts = Readonly<Record<string, string>>

interface Metadata {
  readonly labels?: Texts | undefined
  readonly annotations?: Texts | undefined
}

type AggregationRule = ClusterRole['aggregationRule']

/** What of a role the bootstrap sees to. */
export interface RoleState {
  readonly metadata: Metadata
  readonly rules?: readonly PolicyRule[] | null | undefined
  readonly aggregationRule?: AggregationRule
}

/** What of a binding the bootstrap sees to. */
export interface BindingState {
  readonly metadata: Metadata
  readonly roleRef: RoleRef
  readonly subjects?: readonly Subject[] | undefined
}

/**
 * The fields of an existing role that must change, or undefined: missing rules, labels and
 * annotations are added and nothing is taken away, except an aggregation that is no longer wanted.
 * A role whose autoupdate annotation says "false" belongs to its administrator.
 */
export function planRole(existing: RoleState, wanted: RoleState): Partial<RoleState> | undefined {
  if (isProtected(existing)) return undefined
  const metadata = mergeMetadata(existing.metadata, wanted.metadata)
  const missing = uncoveredRules(existing.rules ?? [], wanted.rules ?? [])
  const rules = missing.length === 0 ? existing.rules : [...(existing.rules ?? []), ...missing]
  const aggregationRule = mergeAggregation(existing.aggregationRule, wanted.aggregationRule)
  const isSame =
    metadata === existing.metadata &&
    rules === existing.rules &&
    deepEqual(aggregationRule, existing.aggregationRule)
  return isSame ? undefined : { metadata, rules, aggregationRule }
}

/** As `planRole`, for a binding; another role cannot be written into one, so it is made anew. */
export function planBinding(
  existing: BindingState,
  wanted: BindingState,
): Partial<BindingState> | 'recreate' | undefined {
  if (isProtected(existing)) return undefined
  if (!deepEqual(existing.roleRef, wanted.roleRef)) return 'recreate'
  const metadata = mergeMetadata(existing.metadata, wanted.metadata)
  const held = existing.subjects ?? []
  const missing = (wanted.subjects ?? []).filter(
    (subject) => !held.some((one) => isSameSubject(one, subject)),
  )
  if (missing.length === 0 && metadata === existing.metadata) return undefined
  return { metadata, subjects: [...held, ...missing] }
}

function isProtected({ metadata }: { readonly metadata: Metadata }): boolean {
  return metadata.annotations?.[AUTOUPDATE_ANNOTATION] === 'false'
}

/** What an administrator has set stays; the same value where nothing is missing. */
function mergeMetadata(existing: Metadata, wanted: Metadata): Metadata {
  const labels = { ...wanted.labels, ...existing.labels }
  const annotations = { ...wanted.annotations, ...existing.annotations }
  const isSame =
    deepEqual(labels, existing.labels ?? {}) && deepEqual(annotations, existing.annotations ?? {})
  return isSame ? existing : { ...existing, labels, annotations }
}

function mergeAggregation(existing: AggregationRule, wanted: AggregationRule): AggregationRule {
  if (wanted === undefined) return undefined
  const held = existing?.clusterRoleSelectors ?? []
  const missing = (wanted.clusterRoleSelectors ?? []).filter(
    (selector) => !held.some((one) => deepEqual(one, selector)),
  )
  if (existing !== undefined && missing.length === 0) return existing
  return { ...existing, clusterRoleSelectors: [...held, ...missing] }
}

function isSameSubject(a: Subject, b: Subject): boolean {
  const isAccount = a.kind === 'ServiceAccount'
  return (
    a.kind === b.kind &&
    a.name === b.name &&
    (!isAccount || a.namespace === b.namespace) &&
    (a.apiGroup ?? '') === (b.apiGroup ?? '')
  )
}
