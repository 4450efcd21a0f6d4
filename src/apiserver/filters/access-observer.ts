/** `error`: an authorizer could not judge, and no other said yes. */
export type AuthorizationResult = 'allowed' | 'denied' | 'no-opinion' | 'error'

/** Is told of every proof and every decision, for metrics. */
export interface AccessObserver {
  /** The time, to be given back with the result. */
  start(): number
  /** The name of who has proven to be somebody. */
  authenticated(userName: string, startedAt: number): void
  /** `failure`: no proof was given; `error`: one that is not good. */
  unauthenticated(result: 'failure' | 'error', startedAt: number): void
  authorized(result: AuthorizationResult, startedAt: number): void
  /** One of the rights that it takes to act as somebody, in a mode such as `legacy`. */
  askedToImpersonate(mode: string, isAllowed: boolean, startedAt: number): void
  /** Acting as somebody; the mode is empty where none allows it. */
  impersonated(mode: string, isAllowed: boolean, startedAt: number): void
}
