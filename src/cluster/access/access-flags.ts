/** The flags of upstream's API server that say who may come in, in the CLI's spelling. */
export interface AccessFlags {
  readonly anonymousAuth?: boolean
  readonly apiAudiences?: readonly string[]
  readonly authenticationConfig?: string
  readonly authenticationTokenWebhookCacheTtl?: string
  readonly authenticationTokenWebhookConfigFile?: string
  readonly authenticationTokenWebhookVersion?: string
  readonly authorizationConfig?: string
  readonly authorizationMode?: readonly string[]
  readonly authorizationPolicyFile?: string
  readonly authorizationWebhookCacheAuthorizedTtl?: string
  readonly authorizationWebhookCacheUnauthorizedTtl?: string
  readonly authorizationWebhookConfigFile?: string
  readonly authorizationWebhookVersion?: string
  readonly clusterSigningDuration?: string
  readonly oidcCaFile?: string
  readonly oidcClientId?: string
  readonly oidcGroupsClaim?: string
  readonly oidcGroupsPrefix?: string
  readonly oidcIssuerUrl?: string
  /** `key=value`. */
  readonly oidcRequiredClaim?: readonly string[]
  readonly oidcSigningAlgs?: readonly string[]
  readonly oidcUsernameClaim?: string
  readonly oidcUsernamePrefix?: string
  readonly proxyClientCertFile?: string
  readonly proxyClientKeyFile?: string
  readonly requestheaderAllowedNames?: readonly string[]
  readonly requestheaderClientCaFile?: string
  readonly requestheaderExtraHeadersPrefix?: readonly string[]
  readonly requestheaderGroupHeaders?: readonly string[]
  readonly requestheaderUidHeaders?: readonly string[]
  readonly requestheaderUsernameHeaders?: readonly string[]
  readonly serviceAccountExtendTokenExpiration?: boolean
  readonly serviceAccountIssuer?: readonly string[]
  readonly serviceAccountJwksUri?: string
  readonly serviceAccountKeyFile?: readonly string[]
  readonly serviceAccountMaxTokenExpiration?: string
  readonly serviceAccountSigningEndpoint?: string
  readonly tokenAuthFile?: string
}
