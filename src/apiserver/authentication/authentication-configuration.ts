import { X509Certificate } from 'node:crypto'
import {
  duplicate,
  type FieldErrors,
  FieldPath,
  formatFieldError,
  invalid,
  required,
  tooMany,
} from '../../machinery/field-error.ts'
import { type Infer, s } from '../../machinery/schema.ts'
import { type ConfigurationSort, readConfiguration } from '../read-configuration.ts'
import { validateClaims } from './validate-claim-expressions.ts'

const PrefixedClaim = s.struct('apiserver.config.v1.PrefixedClaimOrExpression', {
  claim: s.string().default(''),
  prefix: s.string().optional().pointer(),
  expression: s.string().default(''),
})

const JwtAuthenticator = s.struct('apiserver.config.v1.JWTAuthenticator', {
  issuer: s
    .struct('apiserver.config.v1.Issuer', {
      url: s.string().default(''),
      discoveryURL: s.string().default(''),
      certificateAuthority: s.string().default(''),
      audiences: s.list(s.string()).default([]),
      audienceMatchPolicy: s.string().default(''),
      egressSelectorType: s.string().default(''),
    })
    .default({}),
  claimValidationRules: s
    .list(
      s.struct('apiserver.config.v1.ClaimValidationRule', {
        claim: s.string().default(''),
        requiredValue: s.string().default(''),
        expression: s.string().default(''),
        message: s.string().default(''),
      }),
    )
    .default([]),
  claimMappings: s
    .struct('apiserver.config.v1.ClaimMappings', {
      username: PrefixedClaim.default({}),
      groups: PrefixedClaim.default({}),
      uid: s
        .struct('apiserver.config.v1.ClaimOrExpression', {
          claim: s.string().default(''),
          expression: s.string().default(''),
        })
        .default({}),
      extra: s
        .list(
          s.struct('apiserver.config.v1.ExtraMapping', {
            key: s.string().default(''),
            valueExpression: s.string().default(''),
          }),
        )
        .default([]),
    })
    .default({}),
  userValidationRules: s
    .list(
      s.struct('apiserver.config.v1.UserValidationRule', {
        expression: s.string().default(''),
        message: s.string().default(''),
      }),
    )
    .default([]),
})

const AuthenticationConfiguration = s.struct('apiserver.config.v1.AuthenticationConfiguration', {
  jwt: s.list(JwtAuthenticator).default([]),
  anonymous: s
    .struct('apiserver.config.v1.AnonymousAuthConfig', {
      enabled: s.bool().default(false),
      conditions: s
        .list(s.struct('apiserver.config.v1.AnonymousAuthCondition', { path: s.string() }))
        .default([]),
    })
    .optional(),
})

/** An issuer of JSON Web Tokens and how its claims become a user. */
export type JwtSettings = Infer<typeof JwtAuthenticator>
/** What an AuthenticationConfiguration file says. */
export type AuthenticationConfiguration = Infer<typeof AuthenticationConfiguration>

const sort: ConfigurationSort<AuthenticationConfiguration> = {
  apiVersions: ['v1', 'v1beta1', 'v1alpha1'].map((one) => `apiserver.config.k8s.io/${one}`),
  kind: 'AuthenticationConfiguration',
  schema: AuthenticationConfiguration,
}

const MOST_ISSUERS = 64

/**
 * Reads an AuthenticationConfiguration file. Throws with all that is wrong with it. `ownIssuers`:
 * those of service accounts, which nobody else may be.
 */
export async function parseAuthenticationConfiguration(
  text: string,
  ownIssuers: readonly string[],
): Promise<AuthenticationConfiguration> {
  const configuration = await readConfiguration(text, sort)
  const errors = [...validate(configuration, ownIssuers)]
  if (errors.length > 0) throw new Error(errors.map(formatFieldError).join(', '))
  return configuration
}

function* validate(
  { jwt, anonymous }: AuthenticationConfiguration,
  ownIssuers: readonly string[],
): FieldErrors {
  const root = FieldPath.root.child('jwt')
  if (jwt.length > MOST_ISSUERS) yield tooMany(root, jwt.length, MOST_ISSUERS)
  const [urls, discoveryUrls] = [new Set<string>(), new Set<string>()]
  for (const [index, one] of jwt.entries()) {
    const path = root.index(index)
    yield* validateIssuer(one, ownIssuers, path.child('issuer'))
    yield* validateClaims(one, path)
    const { url, discoveryURL } = one.issuer
    if (urls.has(url)) yield duplicate(path.child('issuer', 'url'), url)
    urls.add(url)
    if (discoveryURL === '') continue
    if (discoveryUrls.has(discoveryURL)) {
      yield duplicate(path.child('issuer', 'discoveryURL'), discoveryURL)
    }
    discoveryUrls.add(discoveryURL)
  }
  if (anonymous !== undefined && !anonymous.enabled && anonymous.conditions.length > 0) {
    const why = 'enabled should be set to true when conditions are defined'
    yield invalid(FieldPath.root.child('anonymous', 'conditions'), anonymous.conditions, why)
  }
}

function* validateIssuer(
  { issuer }: JwtSettings,
  ownIssuers: readonly string[],
  path: FieldPath,
): FieldErrors {
  const { url, discoveryURL, audiences, audienceMatchPolicy, certificateAuthority } = issuer
  if (url === '') yield required(path.child('url'))
  else yield* validateUrl(url, ownIssuers, path.child('url'))
  if (discoveryURL !== '') {
    const trim = (text: string) => text.replace(/\/+$/, '')
    if (trim(url) === trim(discoveryURL)) {
      yield invalid(
        path.child('discoveryURL'),
        discoveryURL,
        'discoveryURL must be different from URL',
      )
    }
    yield* validateUrl(discoveryURL, [], path.child('discoveryURL'))
  }
  yield* validateAudiences(audiences, audienceMatchPolicy, path)
  if (certificateAuthority !== '' && !isCertificate(certificateAuthority)) {
    const why = 'data does not contain any valid RSA or ECDSA certificates'
    yield invalid(path.child('certificateAuthority'), '<omitted>', why)
  }
  if (!['', 'controlplane', 'cluster'].includes(issuer.egressSelectorType)) {
    const why = 'egress selector must be either controlplane or cluster'
    yield invalid(path.child('egressSelectorType'), issuer.egressSelectorType, why)
  }
}

function* validateUrl(text: string, disallowed: readonly string[], path: FieldPath): FieldErrors {
  if (disallowed.includes(text)) {
    const list = `[${disallowed.join(' ')}]`
    yield invalid(path, text, `URL must not overlap with disallowed issuers: ${list}`)
  }
  if (!URL.canParse(text)) {
    yield invalid(path, text, `parse ${JSON.stringify(text)}: invalid URI for request`)
    return
  }
  const { protocol, username, password, search, hash } = new URL(text)
  if (protocol !== 'https:') yield invalid(path, text, 'URL scheme must be https')
  if (username !== '' || password !== '') {
    yield invalid(path, text, 'URL must not contain a username or password')
  }
  if (search !== '') yield invalid(path, text, 'URL must not contain a query')
  if (hash !== '') yield invalid(path, text, 'URL must not contain a fragment')
}

function* validateAudiences(
  audiences: readonly string[],
  policy: string,
  path: FieldPath,
): FieldErrors {
  const at = path.child('audiences')
  if (audiences.length === 0) yield required(at, `at least one ${at} is required`)
  for (const [index, audience] of audiences.entries()) {
    if (audience === '') yield required(at.index(index))
    if (audiences.indexOf(audience) < index) yield duplicate(at.index(index), audience)
  }
  const policyPath = path.child('audienceMatchPolicy')
  if (audiences.length > 1 && policy !== 'MatchAny') {
    const why = 'audienceMatchPolicy must be MatchAny for multiple audiences'
    yield invalid(policyPath, policy, why)
  }
  if (audiences.length === 1 && policy !== '' && policy !== 'MatchAny') {
    const why = 'audienceMatchPolicy must be empty or MatchAny for single audience'
    yield invalid(policyPath, policy, why)
  }
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem)
    return true
  } catch {
    return false
  }
}
