import type { PolicyRule } from '../../kinds/rbac/v1/policy-rule.ts'
import type { Authorizer, Decision } from './authorizer.ts'
import type { RuleResolver } from './rule-resolver.ts'

const ALLOWED: Decision = { verdict: 'Allow', reason: '' }
const NEVER: Decision = { verdict: 'NoOpinion', reason: 'Everything is forbidden.' }
const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

/** Mode `AlwaysAllow`: for clusters in which everybody is trusted. */
export const alwaysAllow: Authorizer & RuleResolver = {
  authorize: () => ALLOWED,
  rulesFor: () => ({ rules: EVERYTHING, errors: [] }),
}

/** Mode `AlwaysDeny`: for tests. Others in the chain may still allow. */
export const alwaysDeny: Authorizer & RuleResolver = {
  authorize: () => NEVER,
  rulesFor: () => ({ rules: [], errors: [] }),
}
