import type { StatusReason } from '../../../../machinery/status-error.ts'

/** What one validation of a policy has come to. */
export type Decision =
  | { readonly type: 'admit' }
  /** It met an error, which its failure policy forgives. */
  | { readonly type: 'forgiven'; readonly message: string }
  | {
      readonly type: 'deny'
      readonly message: string
      /** '' where it could not be evaluated; then the client is told `Invalid`. */
      readonly reason: StatusReason
    }

/** What one annotation has come to: a value to publish, or nothing. */
export interface PublishedAnnotation {
  readonly key: string
  readonly value: string
}

/** What a policy says of a write, with one binding and parameter. */
export interface PolicyResult {
  readonly decisions: readonly Decision[]
  readonly annotations: readonly PublishedAnnotation[]
  /** Annotations that could not be evaluated, where the failure policy is to fail. */
  readonly annotationErrors: readonly string[]
}

/** Why a decision was made, in the words of upstream's metrics. */
export function errorTypeOf(decision: Decision): string {
  if (decision.type === 'admit') return 'no_error'
  return errorTypeOfMessage(decision.message)
}

/** The `error_type` of metrics for a failure with this message; upstream reads the text, too. */
export function errorTypeOfMessage(message: string): string {
  if (message.startsWith('compilation')) return 'compile_error'
  const isOut = message.startsWith('validation failed due to running out of cost budget')
  return isOut ? 'out_of_budget' : 'invalid_error'
}
