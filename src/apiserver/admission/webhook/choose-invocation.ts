import type { ServedResource } from '../../registry/served-resource.ts'
import type { MatchedNames } from '../dynamic/admission-request.ts'
import { type AdmissionTarget, equivalentsOf } from '../dynamic/admission-target.ts'
import { matchesRule } from '../dynamic/rule-matching.ts'
import type { HookSpec } from './webhook-source.ts'

/** The names under which a webhook is told of a write, and the version it wants to see. */
export interface Invocation extends MatchedNames {
  readonly served: ServedResource | undefined
}

/**
 * How a webhook's rules name a write: as the client did, else (match policy Equivalent) by the
 * first rule that names the same objects in another version. Undefined where none does.
 */
export function chooseInvocation(
  { rules = [], matchPolicy }: HookSpec,
  target: AdmissionTarget,
): Invocation | undefined {
  if (rules.some((rule) => matchesRule(rule, target, target.resource))) return target
  if (matchPolicy === 'Exact') return undefined
  const equivalents = equivalentsOf(target)
  for (const rule of rules) {
    const found = equivalents.find(({ resource }) => matchesRule(rule, target, resource))
    if (found !== undefined) return found
  }
  return undefined
}
