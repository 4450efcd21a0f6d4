import type { Check, PodParts, Revision, Violation } from './check.ts'
import { podSecurityChecks } from './checks.ts'
import type { LevelVersion } from './policy.ts'

/** The last version that changed a rule: later ones, and `latest`, say the same. */
const NEWEST = Math.max(
  ...podSecurityChecks.flatMap(({ revisions }) => revisions.map(({ since }) => since)),
)

/** Baseline first, then by id: the order of the violations in a message. */
const ordered = podSecurityChecks.toSorted((a, b) => {
  if (a.level !== b.level) return a.level === 'baseline' ? -1 : 1
  return a.id < b.id ? -1 : 1
})

const rulesByPolicy = new Map<string, readonly Revision[]>()

/** What of a pod the policy does not allow. */
export function evaluate(policy: LevelVersion, pod: PodParts): readonly Violation[] {
  if (policy.level === 'privileged') return []
  return rulesOf(policy).flatMap((rule) => rule.find(pod) ?? [])
}

/** `reason (detail), reason (detail)`: for the author of one pod. */
export function formatDetails(violations: readonly Violation[]): string {
  return violations
    .map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`))
    .join(', ')
}

/** `reason, reason`: what several pods may have in common. */
export function formatReasons(violations: readonly Violation[]): string {
  return violations.map(({ reason }) => reason).join(', ')
}

function rulesOf({ level, version }: LevelVersion): readonly Revision[] {
  const minor = version === 'latest' ? NEWEST : Math.min(version, NEWEST)
  const key = `${level}:${minor}`
  let rules = rulesByPolicy.get(key)
  if (rules === undefined) {
    rules = selectRules(level === 'restricted', minor)
    rulesByPolicy.set(key, rules)
  }
  return rules
}

function selectRules(isRestricted: boolean, minor: number): readonly Revision[] {
  const inForce = ordered
    .filter(({ level }) => isRestricted || level === 'baseline')
    .flatMap((check) => {
      const rule = revisionAt(check, minor)
      return rule === undefined ? [] : [{ id: check.id, rule }]
    })
  const overridden = new Set(inForce.flatMap(({ rule }) => rule.overrides ?? []))
  return inForce.filter(({ id }) => !overridden.has(id)).map(({ rule }) => rule)
}

function revisionAt({ revisions }: Check, minor: number): Revision | undefined {
  return revisions.findLast(({ since }) => since <= minor)
}
