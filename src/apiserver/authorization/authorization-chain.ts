import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { PostReview } from '../review-webhook.ts'
import { AbacAuthorizer, type AbacPolicy } from './abac-authorizer.ts'
import type { PlainMode } from './authorization-configuration.ts'
import { type Authorizer, privilegedGroupAuthorizer, UnionAuthorizer } from './authorizer.ts'
import { type AuthorizerObserver, unobservedAuthorizers } from './authorizer-observer.ts'
import { alwaysAllow, alwaysDeny } from './constant-authorizers.ts'
import { ObservedAuthorizer } from './observed-authorizer.ts'
import { ReviewConditions } from './review-conditions.ts'
import { nodeRules, type RuleResolver, unionOfRules } from './rule-resolver.ts'
import { type WebhookAnswers, WebhookAuthorizer } from './webhook-authorizer.ts'

/** One step of the chain, with all that it needs. */
export type AuthorizerStep = { readonly name: string } & (
  | { readonly type: Exclude<PlainMode, 'ABAC'> }
  | { readonly type: 'ABAC'; readonly policies: readonly AbacPolicy[] }
  | ({
      readonly type: 'Webhook'
      readonly post: PostReview
      readonly matchConditions?: readonly string[]
    } & WebhookAnswers)
)

/** Upstream's installers choose these. */
export const DEFAULT_STEPS: readonly AuthorizerStep[] = [
  { type: 'Node', name: 'node' },
  { type: 'RBAC', name: 'rbac' },
]

export interface ChainOptions {
  readonly node: Authorizer
  readonly rbac: Authorizer & RuleResolver
  readonly clock: Clock
  readonly logger: Logger
  readonly observer?: AuthorizerObserver
}

/** The authorizers in their order, the privileged group before all, and the rules of them all. */
export function authorizationChain(
  steps: readonly AuthorizerStep[],
  options: ChainOptions,
): { readonly authorizer: UnionAuthorizer; readonly rules: RuleResolver } {
  const { observer = unobservedAuthorizers } = options
  const authorizers: Authorizer[] = [privilegedGroupAuthorizer]
  const resolvers: RuleResolver[] = []
  for (const step of steps) {
    const [authorizer, resolver] = authorizerOf(step, { ...options, observer })
    authorizers.push(new ObservedAuthorizer(authorizer, step, observer))
    resolvers.push(resolver)
  }
  return { authorizer: new UnionAuthorizer(authorizers), rules: unionOfRules(resolvers) }
}

function authorizerOf(
  step: AuthorizerStep,
  { node, rbac, clock, logger, observer }: Required<ChainOptions>,
): readonly [Authorizer, RuleResolver] {
  switch (step.type) {
    case 'Node':
      return [node, nodeRules]
    case 'RBAC':
      return [rbac, rbac]
    case 'AlwaysAllow':
      return [alwaysAllow, alwaysAllow]
    case 'AlwaysDeny':
      return [alwaysDeny, alwaysDeny]
    case 'ABAC': {
      const abac = new AbacAuthorizer(step.policies)
      return [abac, abac]
    }
    case 'Webhook': {
      const { type: _, matchConditions, ...settings } = step
      const ports = { clock, logger, observer }
      const conditions = matchConditions && new ReviewConditions(step.name, matchConditions, ports)
      const webhook = new WebhookAuthorizer({ ...settings, ...ports, conditions })
      return [webhook, webhook]
    }
  }
}
