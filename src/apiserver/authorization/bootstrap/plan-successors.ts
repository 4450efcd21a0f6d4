import type { ClusterRole } from '../../../kinds/rbac/v1/cluster-role.ts'
import type { ClusterRoleBinding } from '../../../kinds/rbac/v1/cluster-role-binding.ts'
import type { ObjectMeta } from '../../../machinery/object-meta.ts'

/** Roles that aggregate today, and where the rules went that they held themselves before. */
const AGGREGATED_ROLES = [
  ['admin', 'system:aggregate-to-admin'],
  ['edit', 'system:aggregate-to-edit'],
  ['view', 'system:aggregate-to-view'],
] as const

/** Bindings that were split, and the one that took a part of each over. */
const SPLIT_BINDINGS = [['system:discovery', 'system:public-info-viewer']] as const

/** What there is of a kind, by name. */
type Existing<T> = ReadonlyMap<string, T>

/**
 * The roles that an older cluster lacks since its own became aggregated ones: copies of those, so
 * that the rules an administrator has put into them stay (upstream's `primeAggregatedClusterRoles`).
 */
export function planAggregatedRoles(existing: Existing<ClusterRole>) {
  return AGGREGATED_ROLES.flatMap(([oldName, newName]) => {
    const role = existing.get(oldName)
    if (role === undefined || role.aggregationRule !== undefined || existing.has(newName)) return []
    return [{ metadata: copiedMetadata(role.metadata, newName), rules: role.rules }]
  })
}

/**
 * The bindings that an older cluster lacks since one was split: for the subjects that an
 * administrator has left in the old one, not for the default ones, which may be more (upstream's
 * `primeSplitClusterRoleBindings`).
 */
export function planSplitBindings<W extends { readonly metadata: { readonly name: string } }>(
  existing: Existing<ClusterRoleBinding>,
  wanted: readonly W[],
) {
  return SPLIT_BINDINGS.flatMap(([oldName, newName]) => {
    const binding = existing.get(oldName)
    const template = wanted.find(({ metadata }) => metadata.name === newName)
    if (binding === undefined || template === undefined || existing.has(newName)) return []
    const metadata = copiedMetadata(binding.metadata, newName)
    return [{ ...template, metadata, subjects: binding.subjects }]
  })
}

function copiedMetadata({ labels, annotations }: ObjectMeta, name: string) {
  return { name, labels, annotations }
}
