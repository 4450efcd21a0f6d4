import type { Clock } from '../../../base/clock.ts'
import type { Pod } from '../../../kinds/core/v1/pod.ts'
import { evaluate, formatReasons } from './evaluate.ts'
import { formatLevelVersion, type LevelVersion } from './policy.ts'

/** So many pods are looked at when a namespace becomes stricter, and for so long. */
const MOST_PODS = 3000
const MOST_TIME_MS = 1000

/** Which of the pods that a namespace has could not be made again under its new level. */
export function warningsOf(
  namespace: string,
  pods: readonly Pod[],
  enforce: LevelVersion,
  clock: Clock,
): string[] {
  const deadline = clock.monotonic() + MOST_TIME_MS
  const candidates = prioritized(pods).slice(0, MOST_PODS)
  const namesByWarning = new Map<string, string[]>()
  let checked = 0
  for (const { metadata, spec } of candidates) {
    const annotations = metadata.annotations ?? {}
    const warning = formatReasons(evaluate(enforce, { annotations, spec }))
    if (warning !== '') {
      namesByWarning.set(warning, [...(namesByWarning.get(warning) ?? []), metadata.name])
    }
    checked++
    if (clock.monotonic() > deadline) break
  }
  const warnings: string[] = []
  if (checked < pods.length) {
    const what = `the first ${checked} of ${pods.length} existing pods`
    warnings.push(`new PodSecurity enforce level only checked against ${what}`)
  }
  if (namesByWarning.size > 0) {
    const level = formatLevelVersion(enforce)
    const what = `violate the new PodSecurity enforce level "${level}"`
    warnings.push(`existing pods in namespace "${namespace}" ${what}`)
  }
  const lines = [...namesByWarning].map(([warning, names]) => `${summaryOf(names)}: ${warning}`)
  return [...warnings, ...lines.sort()]
}

/** One pod of each controller before their likes, which have the same faults. */
function prioritized(pods: readonly Pod[]): readonly Pod[] {
  const seen = new Set<string>()
  const first: Pod[] = []
  const further: Pod[] = []
  for (const pod of pods) {
    const uid = pod.metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid
    if (uid === undefined || !seen.has(uid)) first.push(pod)
    else further.push(pod)
    if (uid !== undefined) seen.add(uid)
  }
  return [...first, ...further]
}

/** `a (and 2 other pods)`. */
function summaryOf(names: readonly string[]): string {
  const [first = ''] = names.toSorted()
  const others = names.length - 1
  if (others === 0) return first
  return `${first} (and ${others} other ${others === 1 ? 'pod' : 'pods'})`
}
