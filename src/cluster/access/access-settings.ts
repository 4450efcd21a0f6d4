import type { TokenAuthenticator } from '../../apiserver/authentication/authenticator.ts'
import type { RequestHeaderNames } from '../../apiserver/authentication/request-header.ts'
import type { AuthorizerStep } from '../../apiserver/authorization/authorization-chain.ts'

import type { MayBeAnonymous } from '../../apiserver/filters/authenticate.ts'

/** Who may come in and what they may do: what flags and files of the API server have said. */
export interface AccessSettings {
  /** In their order; Node and RBAC when absent. */
  readonly authorizers?: readonly AuthorizerStep[]
  /** Beside those of service accounts and bootstrap tokens, in their order. */
  readonly tokens?: TokenSources
  readonly frontProxy?: FrontProxySettings
  /** Only on the paths of health and version when absent. */
  readonly mayBeAnonymous?: MayBeAnonymous
}

/** Further sorts of bearer tokens, those before the service accounts' and those after them. */
export interface TokenSources {
  readonly first: readonly TokenAuthenticator[]
  readonly last: readonly TokenAuthenticator[]
}

/** A proxy that authenticates users in front of the API server. */
export interface FrontProxySettings {
  /** PEM bundle of those who sign the proxies' certificates. */
  readonly authority: string
  readonly names: RequestHeaderNames
}
