import {
  type RequestAuthenticator,
  type TokenAuthenticator,
  UnionTokenAuthenticator,
} from '../../apiserver/authentication/authenticator.ts'
import { BearerTokenAuthenticator } from '../../apiserver/authentication/bearer-token.ts'
import { BootstrapTokenAuthenticator } from '../../apiserver/authentication/bootstrap-token-authenticator.ts'
import { CertificateTrust } from '../../apiserver/authentication/certificate-trust.ts'
import { ClientCertificateAuthenticator } from '../../apiserver/authentication/client-certificate.ts'
import { RequestHeaderAuthenticator } from '../../apiserver/authentication/request-header.ts'
import type { Distribution } from '../../apiserver/endpoints/metric-series.ts'
import type { ResourceTable } from '../../apiserver/registry/resource-table.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { Secret } from '../../kinds/core/v1/secret.ts'
import type { AccessSettings } from './access-settings.ts'

export interface AuthenticatorContext {
  readonly resources: ResourceTable
  readonly clock: Clock
  readonly logger: Logger
  /** Of the certificates that clients show, for metrics. */
  readonly lifetimes: Distribution
  /** Of tokens for this API server. */
  readonly audiences: readonly string[]
  /** Those of service accounts. */
  readonly serviceAccounts: readonly TokenAuthenticator[]
  /** PEM of who signs client certificates; needed where TLS trusts front proxies too. */
  readonly clientAuthority?: string | undefined
}

/** All ways to prove who one is, in upstream's order; and those by token, for reviews of tokens. */
export function accessAuthenticators(
  { tokens, frontProxy }: AccessSettings,
  context: AuthenticatorContext,
): {
  readonly authenticators: readonly RequestAuthenticator[]
  readonly tokens: TokenAuthenticator
  /** Who signs clients' certificates and proxies', where TLS trusts both. */
  readonly trust?: { readonly clients: CertificateTrust; readonly proxies: CertificateTrust }
} {
  const { clock, audiences, clientAuthority, lifetimes } = context
  const all = new UnionTokenAuthenticator(
    [
      ...(tokens?.first ?? []),
      ...context.serviceAccounts,
      bootstrapTokens(context),
      ...(tokens?.last ?? []),
    ],
    audiences,
  )
  const bearer = new BearerTokenAuthenticator(all, audiences)
  if (frontProxy === undefined) {
    return {
      authenticators: [new ClientCertificateAuthenticator(clock, undefined, lifetimes), bearer],
      tokens: all,
    }
  }
  if (clientAuthority === undefined) throw new Error('front proxies need a client authority')
  const proxies = new CertificateTrust(frontProxy.authority, clock)
  const clients = new CertificateTrust(clientAuthority, clock)
  return {
    authenticators: [
      new RequestHeaderAuthenticator(proxies, frontProxy.names),
      new ClientCertificateAuthenticator(clock, clients, lifetimes),
      bearer,
    ],
    tokens: all,
    trust: { clients, proxies },
  }
}

function bootstrapTokens({ resources, clock, logger }: AuthenticatorContext) {
  return new BootstrapTokenAuthenticator({
    ...{ clock, logger },
    find: async (name) =>
      (await resources.store(Secret).find('kube-system', name))?.object as Secret | undefined,
  })
}
