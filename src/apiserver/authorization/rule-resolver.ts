import type { PolicyRule } from '../../kinds/rbac/v1/policy-rule.ts'
import type { UserInfo } from '../request.ts'
import { nodeNameOf } from './node/node-identity.ts'

/** What somebody may do in a namespace, as far as it can be written as rules. */
export interface ResolvedRules {
  readonly rules: readonly PolicyRule[]
  /** What kept others from being found. */
  readonly errors: readonly string[]
  /** More may be allowed than is said. */
  readonly isIncomplete?: true
}

/** Lists what an authorizer allows somebody; for SelfSubjectRulesReview. */
export interface RuleResolver {
  rulesFor(user: UserInfo, namespace: string): ResolvedRules
}

/** What a node may do depends on its pods, and is no list of rules. */
export const nodeRules: RuleResolver = {
  rulesFor: (user) =>
    nodeNameOf(user) === undefined
      ? { rules: [], errors: [] }
      : {
          rules: [],
          errors: ['node authorizer does not support user rule resolution'],
          isIncomplete: true,
        },
}

/** All that all of them allow. */
export function unionOfRules(resolvers: readonly RuleResolver[]): RuleResolver {
  return {
    rulesFor(user, namespace) {
      const found = resolvers.map((resolver) => resolver.rulesFor(user, namespace))
      return {
        rules: found.flatMap(({ rules }) => rules),
        errors: found.flatMap(({ errors }) => errors),
        ...(found.some(({ isIncomplete }) => isIncomplete) && { isIncomplete: true }),
      }
    },
  }
}
