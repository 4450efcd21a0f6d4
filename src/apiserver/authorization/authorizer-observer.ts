/** What came of a question to a webhook. */
export type WebhookResult = 'success' | 'timeout' | 'error'

/** Is told what authorizers do, by their names in the configuration, for metrics. */
export interface AuthorizerObserver {
  /** An authorizer had an opinion. */
  decided(type: string, name: string, decision: 'allowed' | 'denied'): void
  asked(name: string, result: WebhookResult, durationMs: number): void
  /** Without an answer, the next authorizer was asked. */
  failedOpen(name: string, result: WebhookResult): void
  conditionsEvaluated(name: string, durationMs: number): void
  conditionsFailed(name: string): void
  conditionsExcluded(name: string): void
}

/** Where nobody measures. */
export const unobservedAuthorizers: AuthorizerObserver = {
  decided() {},
  asked() {},
  failedOpen() {},
  conditionsEvaluated() {},
  conditionsFailed() {},
  conditionsExcluded() {},
}
