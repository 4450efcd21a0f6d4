import type { MatchedNames } from './admission-request.ts'
import type { AdmissionTarget } from './admission-target.ts'
import type { VersionedObjects } from './object-view.ts'

/** What has conditions: a webhook, or a policy. */
export interface Conditional {
  readonly name: string
  readonly failurePolicy?: string | undefined
  readonly matchConditions?:
    | readonly { readonly name: string; readonly expression: string }[]
    | undefined
}

/** Whose conditions they are, in the words of upstream's metrics. */
export interface ConditionOwner {
  readonly kind: 'webhook' | 'policy'
  readonly type: 'admit' | 'validating' | 'validate'
}

/** What conditions are about. */
export interface ConditionInput {
  readonly target: AdmissionTarget
  readonly matched: MatchedNames
  readonly objects: VersionedObjects
  /** The value of `params`; webhooks have none. */
  readonly params?: unknown
}

/** Whether all conditions hold; `error` where that cannot be known and the policy is to fail. */
export interface ConditionOutcome {
  readonly matches: boolean
  readonly error?: Error
}

/** Evaluates matchConditions. The specification is immutable: it is compiled once. */
export interface MatchConditions {
  match(
    spec: Conditional,
    owner: ConditionOwner,
    input: ConditionInput,
  ): ConditionOutcome | Promise<ConditionOutcome>
}
