import type { Registry } from 'prom-client'
import type { TokenAuthenticator } from '../../apiserver/authentication/authenticator.ts'
import type { RequestHeaderNames } from '../../apiserver/authentication/request-header.ts'
import type { TokenSigner } from '../../apiserver/authentication/signing-keys.ts'
import type { TokenKeys } from '../../apiserver/authentication/token-keys.ts'
import type { AuthorizerStep } from '../../apiserver/authorization/authorization-chain.ts'

import type { MayBeAnonymous } from '../../apiserver/filters/authenticate.ts'
import { CLUSTER_DOMAIN } from '../cluster-options.ts'
import type { BackgroundService } from '../control-plane-options.ts'

/** Who may come in and what they may do: what flags and files of the API server have said. */
export interface AccessSettings {
  /** In their order; Node and RBAC when absent. */
  readonly authorizers?: readonly AuthorizerStep[]
  /** Beside those of service accounts and bootstrap tokens, in their order. */
  readonly tokens?: TokenSources
  readonly frontProxy?: FrontProxySettings
  /** `DEFAULT_SERVICE_ACCOUNTS` when absent. */
  readonly serviceAccounts?: ServiceAccountSettings
  /** Only on the paths of health and version when absent. */
  readonly mayBeAnonymous?: MayBeAnonymous
  /** Reads files again that change, and issuers' keys at first; absent where there are none. */
  readonly reload?: AccessReload
  /** What goes on for it as long as the server runs. */
  readonly background?: readonly BackgroundService[]
  /** What `/metrics` shows of all this. */
  readonly registry?: Registry
}

/** What follows the files that say who may come in, and what they may do. */
export interface AccessReload {
  /** Tells of other authorizers; resolves when the signal aborts. */
  run(onAuthorizers: (steps: readonly AuthorizerStep[]) => void, signal: AbortSignal): Promise<void>
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

/** How service accounts prove who they are. */
export interface ServiceAccountSettings {
  /** The first issues new tokens; those of the others are still taken. */
  readonly issuers: readonly [string, ...string[]]
  /** Of tokens for this API server. */
  readonly audiences: readonly string[]
  /** Where relying parties find the keys; on this server when absent. */
  readonly jwksUri?: string | undefined
  /** PEM of keys whose tokens are taken beside those of the cluster's own. */
  readonly moreKeys: readonly string[]
  readonly maxExpirationSeconds?: number | undefined
  readonly extendsExpiration?: boolean | undefined
  /** Of tokens that live on for programs that keep theirs: a year when absent. */
  readonly maxExtendedExpirationSeconds?: number | undefined
  /** Who signs tokens in place of this server, and by which keys they are believed then. */
  readonly external?: { readonly keys: TokenKeys; readonly signer: TokenSigner } | undefined
}

/** The issuer that relying parties within the cluster can reach. */
const ISSUER = `https://kubernetes.default.svc.${CLUSTER_DOMAIN}`

export const DEFAULT_SERVICE_ACCOUNTS: ServiceAccountSettings = {
  issuers: [ISSUER],
  audiences: [ISSUER],
  moreKeys: [],
}
