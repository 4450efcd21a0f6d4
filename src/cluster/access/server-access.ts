import type { Registry } from 'prom-client'
import { certificateLifetimes } from '../../apiserver/authentication/certificate-metrics.ts'
import { labelSecret } from '../../apiserver/authentication/label-secret.ts'
import { LegacyTokenAuthenticator } from '../../apiserver/authentication/legacy-token-authenticator.ts'
import { ServiceAccountAuthenticator } from '../../apiserver/authentication/service-account-authenticator.ts'
import { SigningKey, VerifyingKey } from '../../apiserver/authentication/signing-keys.ts'
import { FixedKeys, type TokenKeys } from '../../apiserver/authentication/token-keys.ts'
import type { TokenIssuerOptions } from '../../apiserver/authentication/token-request.ts'
import { addTokenMetrics, TokenUses } from '../../apiserver/authentication/token-uses.ts'
import {
  authorizationChain,
  DEFAULT_STEPS,
} from '../../apiserver/authorization/authorization-chain.ts'
import type { Authorizer } from '../../apiserver/authorization/authorizer.ts'
import { AuthorizerMetrics } from '../../apiserver/authorization/authorizer-metrics.ts'
import type { NodeAuthorizer } from '../../apiserver/authorization/node/node-authorizer.ts'
import type { RbacAuthorizer } from '../../apiserver/authorization/rbac-authorizer.ts'
import { ReloadableAuthorizer } from '../../apiserver/authorization/reloadable-authorizer.ts'
import type { RuleResolver } from '../../apiserver/authorization/rule-resolver.ts'
import type { ResourceTable } from '../../apiserver/registry/resource-table.ts'
import type { ControlPlaneOptions } from '../control-plane-options.ts'
import { findTokenObject } from '../find-token-object.ts'
import { DEFAULT_SERVICE_ACCOUNTS } from './access-settings.ts'
import { accessAuthenticators } from './authenticators.ts'

export interface ServerAccessParts {
  readonly resources: ResourceTable
  readonly rbac: RbacAuthorizer
  readonly nodes: NodeAuthorizer
  readonly registry: Registry
}

type Authenticators = ReturnType<typeof accessAuthenticators>

/** Who is let in, and who may do what. */
export interface ServerAccess extends Authenticators {
  readonly authorizer: Authorizer
  readonly rules: RuleResolver
  /** Of tokens for this API server. */
  readonly audiences: readonly string[]
  readonly issuer: TokenIssuerOptions
  /** By which tokens of service accounts are believed. */
  readonly tokenKeys: TokenKeys
  /** Follows the files that access is configured by; absent where there are none to follow. */
  readonly reload?: (signal: AbortSignal) => Promise<void>
}

/** Puts together what the options say of access. Throws where a key cannot be read. */
export function serverAccess(options: ControlPlaneOptions, parts: ServerAccessParts): ServerAccess {
  const { access = {}, clock, random, logger, serviceAccountKey, clientAuthority } = options
  const { serviceAccounts = DEFAULT_SERVICE_ACCOUNTS } = access
  const { audiences, issuers, moreKeys, external } = serviceAccounts
  const { resources } = parts
  const own = () => [serviceAccountKey, ...moreKeys].map((pem) => new VerifyingKey(pem))
  const tokenKeys = external?.keys ?? new FixedKeys(own())
  const uses = new TokenUses()
  addTokenMetrics(parts.registry, uses)
  const trust = { clock, keys: tokenKeys, find: findTokenObject(resources), uses }
  const label = labelSecret(resources, logger)
  return {
    ...accessAuthenticators(access, {
      ...{ resources, clock, logger, clientAuthority, audiences },
      lifetimes: certificateLifetimes(parts.registry),
      serviceAccounts: [
        new LegacyTokenAuthenticator({ ...trust, audiences, label }),
        new ServiceAccountAuthenticator({ ...trust, issuers }),
      ],
    }),
    ...authorization(options, parts),
    ...{ audiences, tokenKeys },
    issuer: {
      ...{ ...serviceAccounts, clock, random },
      key: external?.signer ?? new SigningKey(serviceAccountKey),
      issuer: issuers[0],
    },
  }
}

function authorization(
  { access = {}, clock, logger }: ControlPlaneOptions,
  { rbac, nodes, registry }: ServerAccessParts,
): Pick<ServerAccess, 'authorizer' | 'rules' | 'reload'> {
  const observer = new AuthorizerMetrics(registry)
  const chain = { clock, logger, node: nodes, rbac, observer }
  const first = authorizationChain(access.authorizers ?? DEFAULT_STEPS, chain)
  const { reload } = access
  if (reload === undefined) return first
  const reloadable = new ReloadableAuthorizer(first)
  return {
    authorizer: reloadable,
    rules: reloadable,
    reload: (signal) =>
      reload.run((steps) => reloadable.replace(authorizationChain(steps, chain)), signal),
  }
}
