/**
 * Where a group stands in discovery: higher comes first. The numbers are those of upstream's
 * APIServices (`groupPriorityMinimum`), since `kubectl` resolves short names in this order.
 */
export const GROUP_PRIORITIES: Readonly<Record<string, number>> = {
  'apiregistration.k8s.io': 20_000,
  '': 18_000,
  apps: 17_800,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'admissionregistration.k8s.io': 16_700,
  'apiextensions.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
  'resource.k8s.io': 16_200,
  'flowcontrol.apiserver.k8s.io': 16_100,
  'internal.apiserver.k8s.io': 16_000,
  'storagemigration.k8s.io': 15_800,
}

/** What a group of custom resources gets. */
export const CUSTOM_GROUP_PRIORITY = 1000

/** Orders groups as discovery lists them: by priority, then by name. */
export function compareGroups(a: string, b: string): number {
  const byPriority = priorityOf(b) - priorityOf(a)
  return byPriority !== 0 ? byPriority : compareText(a, b)
}

/**
 * Orders versions from the most to the least stable, as upstream's version priority does: v2, v1,
 * v1beta2, v1beta1, v1alpha1; what is no such version comes last, by name.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rankOf(a), rankOf(b)]
  if (left === undefined || right === undefined) {
    if (left === right) return compareText(a, b)
    return left === undefined ? 1 : -1
  }
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? 0
    if (value !== other) return other - value
  }
  return 0
}

function priorityOf(group: string): number {
  return GROUP_PRIORITIES[group] ?? CUSTOM_GROUP_PRIORITY
}

/** Stability, major and minor number, each the higher the earlier. */
function rankOf(version: string): readonly number[] | undefined {
  const match = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version)
  if (match === null) return undefined
  const [, major, stage, minor] = match
  const stability = stage === undefined ? 2 : stage === 'beta' ? 1 : 0
  return [stability, Number(major), Number(minor ?? 0)]
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
