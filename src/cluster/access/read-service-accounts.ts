import { parseDuration } from '../../machinery/duration.ts'
import type { AccessFlags } from './access-flags.ts'
import { DEFAULT_SERVICE_ACCOUNTS, type ServiceAccountSettings } from './access-settings.ts'

const LEAST_EXPIRATION_SECONDS = 3600
const MOST_EXPIRATION_SECONDS = 2 ** 32

/** What the `--service-account-*` flags say; throws upstream's errors for what cannot be. */
export async function readServiceAccounts(
  flags: AccessFlags,
  read: (path: string) => Promise<string>,
  signingKeyFile?: string,
): Promise<ServiceAccountSettings> {
  const [first, ...more] = flags.serviceAccountIssuer ?? DEFAULT_SERVICE_ACCOUNTS.issuers
  if (first === undefined) throw new Error('service-account-issuer is a required flag')
  const issuers = [first, ...more] as const
  for (const [index, issuer] of issuers.entries()) checkIssuer(issuer, index, issuers)
  checkJwksUri(flags.serviceAccountJwksUri)
  checkSigner(flags, signingKeyFile)
  return {
    issuers: [first, ...more],
    audiences: flags.apiAudiences ?? issuers,
    jwksUri: flags.serviceAccountJwksUri,
    moreKeys: await Promise.all((flags.serviceAccountKeyFile ?? []).map(read)),
    maxExpirationSeconds: maxExpiration(flags.serviceAccountMaxTokenExpiration),
    extendsExpiration: flags.serviceAccountExtendTokenExpiration,
  }
}

function checkIssuer(issuer: string, index: number, all: readonly string[]): void {
  if (issuer === '') throw new Error('service-account-issuer should not be an empty string')
  if (all.indexOf(issuer) < index) {
    throw new Error(`service-account-issuer ${JSON.stringify(issuer)} is already specified`)
  }
  // Whatever looks like a URL must be one.
  if (issuer.includes(':') && !URL.canParse(issuer)) {
    throw new Error(`service-account-issuer contained a ':' but was not a valid URL: ${issuer}`)
  }
}

function checkJwksUri(uri: string | undefined): void {
  if (uri === undefined) return
  if (!URL.canParse(uri)) throw new Error(`service-account-jwks-uri must be a valid URL: ${uri}`)
  const { protocol } = new URL(uri)
  if (protocol !== 'https:') {
    throw new Error(`service-account-jwks-uri requires https scheme, parsed as: ${uri}`)
  }
}

/** Whoever signs elsewhere believes no key of this server. */
function checkSigner(
  { serviceAccountSigningEndpoint: endpoint, serviceAccountKeyFile: keyFiles = [] }: AccessFlags,
  signingKeyFile: string | undefined,
): void {
  if (endpoint === undefined || (signingKeyFile === undefined && keyFiles.length === 0)) return
  throw new Error(
    "can't set `--service-account-signing-key-file` and/or `--service-account-key-file` with " +
      '`--service-account-signing-endpoint` (They are mutually exclusive)',
  )
}

function maxExpiration(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const seconds = parseDuration(text) / 1000
  if (seconds < LEAST_EXPIRATION_SECONDS || seconds > MOST_EXPIRATION_SECONDS) {
    throw new Error(
      'the service-account-max-token-expiration must be between 1 hour and 2^32 seconds',
    )
  }
  return Math.floor(seconds)
}
