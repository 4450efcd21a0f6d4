import type { JwtSettings } from '../../apiserver/authentication/authentication-configuration.ts'
import type { AccessFlags } from './access-flags.ts'

/**
 * The `--oidc-*` flags as an AuthenticationConfiguration would say the same (its text, so that it is
 * validated alike); undefined where there are none. `authority`: the contents of `--oidc-ca-file`.
 */
export function oidcConfiguration(flags: AccessFlags, authority: string): string | undefined {
  const { oidcIssuerUrl: url, oidcClientId: audience } = flags
  if (url === undefined && audience === undefined) return undefined
  if (url === undefined || audience === undefined) {
    throw new Error('oidc-issuer-url and oidc-client-id must be specified together')
  }
  const { oidcUsernameClaim: claim = 'sub', oidcUsernamePrefix, oidcGroupsClaim = '' } = flags
  // Names of other claims than addresses are set apart from those of other sources.
  const usualPrefix = claim === 'email' ? '' : `${url}#`
  const given = oidcUsernamePrefix === '-' ? '' : oidcUsernamePrefix
  const jwt: JwtInput = {
    issuer: { url, audiences: [audience], certificateAuthority: authority },
    claimMappings: {
      username: { claim, prefix: given ?? usualPrefix },
      ...(oidcGroupsClaim !== '' && {
        groups: { claim: oidcGroupsClaim, prefix: flags.oidcGroupsPrefix ?? '' },
      }),
    },
    claimValidationRules: (flags.oidcRequiredClaim ?? []).map((pair) => {
      const [name = '', ...value] = pair.split('=')
      if (name === '' || value.length === 0) {
        throw new Error(`oidc-required-claim ${JSON.stringify(pair)} is not of the form key=value`)
      }
      return { claim: name, requiredValue: value.join('=') }
    }),
  }
  return JSON.stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    jwt: [jwt],
  })
}

interface JwtInput {
  readonly issuer: Partial<JwtSettings['issuer']>
  readonly claimMappings: object
  readonly claimValidationRules: readonly object[]
}
