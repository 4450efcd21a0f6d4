import { Registry } from 'prom-client'
import {
  type AuthenticationConfiguration,
  parseAuthenticationConfiguration,
} from '../../apiserver/authentication/authentication-configuration.ts'
import type { TokenAuthenticator } from '../../apiserver/authentication/authenticator.ts'
import { GrpcExternalSigner } from '../../apiserver/authentication/external-signer/external-signer.ts'
import { JwtAuthenticator } from '../../apiserver/authentication/jwt-authenticator.ts'
import { JwtMetrics } from '../../apiserver/authentication/jwt-metrics.ts'
import { ReloadableTokens } from '../../apiserver/authentication/reloadable-tokens.ts'
import { DEFAULT_REQUEST_HEADERS } from '../../apiserver/authentication/request-header.ts'
import {
  parseTokenFile,
  TokenFileAuthenticator,
} from '../../apiserver/authentication/token-file.ts'
import { TokenWebhookAuthenticator } from '../../apiserver/authentication/token-webhook.ts'
import {
  anonymousOnPublicPaths,
  type MayBeAnonymous,
} from '../../apiserver/filters/authenticate.ts'
import type { PostReview } from '../../apiserver/review-webhook.ts'
import { type Clock, pause } from '../../base/clock.ts'
import type { FileSystem } from '../../base/file-system.ts'
import type { SendRequest } from '../../base/http-backend.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { Random } from '../../base/random.ts'
import { parseDuration } from '../../machinery/duration.ts'
import type { BackgroundService } from '../control-plane-options.ts'
import { readWebhookTarget } from '../webhook-target.ts'
import type { AccessFlags } from './access-flags.ts'
import { accessReload } from './access-reload.ts'
import type {
  AccessReload,
  AccessSettings,
  FrontProxySettings,
  ServiceAccountSettings,
  TokenSources,
} from './access-settings.ts'
import { fetchTextBy } from './fetch-text.ts'
import { oidcConfiguration } from './oidc-flags.ts'
import { openExternalSigner } from './open-external-signer.ts'
import { postReviewTo } from './post-review.ts'
import { readAuthorizers } from './read-authorizers.ts'
import { readServiceAccounts } from './read-service-accounts.ts'

/** What is needed to read the files that flags name, and to ask the servers that they name. */
export interface AccessContext {
  /** Of this API server, for metrics. */
  readonly serverId: string
  readonly files: FileSystem
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly send: SendRequest
  /** By what the egress configuration says of a network; undefined where it says nothing. */
  readonly sendTo?: (network: 'cluster' | 'controlplane') => SendRequest | undefined
  /** That of `--service-account-signing-key-file`. */
  readonly signingKeyFile?: string | undefined
}

const WEBHOOK_TIMEOUT_MS = 30_000
const READY_TIMEOUT_MS = 60_000
const READY_INTERVAL_MS = 10_000

/** What the flags and the files that they name say; throws an error that names what is wrong. */
export async function readAccess(
  flags: AccessFlags,
  context: AccessContext,
): Promise<AccessSettings> {
  const registry = new Registry()
  const { settings: serviceAccounts, background } = await openServiceAccounts(
    flags,
    context,
    registry,
  )
  const configuration = await readAuthentication(flags, serviceAccounts, context)
  const authorizers = await readAuthorizers(flags, context)
  const frontProxy = await readFrontProxy(flags, context)
  const withAccounts = { ...context, registry, serviceAccounts }
  const anonymous = { rule: anonymousRule(flags, configuration) }
  const jwtMetrics = new JwtMetrics(registry, context.clock, context.serverId)
  const observed = (one: JwtAuthenticator) => jwtMetrics.observed(one)
  let issuers = jwtAuthenticators(flags, configuration, context)
  const jwt = new ReloadableTokens(issuers.map(observed))
  const reload = await accessReload(flags, withAccounts, async (changed, signal) => {
    const rule = anonymousRule(flags, changed)
    const next = jwtAuthenticators(flags, changed, context)
    const tokens = next.map(observed)
    await whenReady(next, context.clock, signal)
    jwt.replace(tokens)
    anonymous.rule = rule
    const kept = new Set(next.map(({ issuer }) => issuer))
    for (const { issuer } of issuers) if (!kept.has(issuer)) jwtMetrics.forget(issuer)
    issuers = next
  })
  const first = issuers
  const following: AccessReload = {
    async run(onAuthorizers, signal) {
      const isInForce = () => issuers === first
      const reading = discover(first, isInForce, context, signal)
      await Promise.all([reload?.run(onAuthorizers, signal), reading])
    },
  }
  const mayBeAnonymous = (path: string) => (anonymous.rule ?? anonymousOnPublicPaths)(path)
  return {
    serviceAccounts,
    tokens: await readTokens(flags, jwt, withAccounts),
    ...{ mayBeAnonymous, registry, background },
    ...((reload !== undefined || first.length > 0) && { reload: following }),
    ...(authorizers !== undefined && { authorizers }),
    ...(frontProxy !== undefined && { frontProxy }),
  }
}

/** How service accounts prove who they are, and what follows whoever signs their tokens. */
async function openServiceAccounts(
  flags: AccessFlags,
  context: AccessContext,
  registry: Registry,
): Promise<{
  readonly settings: ServiceAccountSettings
  readonly background: readonly BackgroundService[]
}> {
  const read = (path: string) => readFlagFile(path, context)
  const settings = await readServiceAccounts(flags, read, context.signingKeyFile)
  const { serviceAccountSigningEndpoint: endpoint } = flags
  if (endpoint === undefined) return { settings, background: [] }
  const opened = await openExternalSigner(endpoint, settings, {
    ...{ ...context, registry },
    openSigner: (path, metrics) => new GrpcExternalSigner(path, context.clock, metrics),
  })
  return { settings: opened.settings, background: [opened.background] }
}

/** The text of a file that a flag names. */
export async function readFlagFile(path: string, { files }: AccessContext): Promise<string> {
  if ((await files.stat(path)) === undefined) throw new Error(`${path} does not exist`)
  return Buffer.from(await files.readFile(path)).toString()
}

/** Posts reviews to the server of a kubeconfig file. */
export async function webhookOf(
  path: string,
  timeoutMs: number,
  { files, send: direct, sendTo, clock, random }: AccessContext,
): Promise<PostReview> {
  const target = await readWebhookTarget(path, files)
  if (target === undefined) throw new Error(`${path} does not exist`)
  const send = sendTo?.('controlplane') ?? direct
  return postReviewTo(target, { send, clock, random, timeoutMs })
}

async function readAuthentication(
  flags: AccessFlags,
  { issuers }: ServiceAccountSettings,
  context: AccessContext,
): Promise<AuthenticationConfiguration> {
  const { authenticationConfig: path, oidcCaFile } = flags
  const authority = oidcCaFile === undefined ? '' : await readFlagFile(oidcCaFile, context)
  const fromFlags = oidcConfiguration(flags, authority)
  if (path === undefined && fromFlags === undefined) return { jwt: [] }
  if (path !== undefined && fromFlags !== undefined) {
    throw new Error('authentication-config file and oidc-* flags are mutually exclusive')
  }
  const text = path === undefined ? (fromFlags ?? '') : await readFlagFile(path, context)
  try {
    return await parseAuthenticationConfiguration(text, issuers)
  } catch (cause) {
    const what = path === undefined ? 'oidc flags' : `authentication-config ${path}`
    throw new Error(what, { cause })
  }
}

function jwtAuthenticators(
  flags: AccessFlags,
  { jwt }: AuthenticationConfiguration,
  context: AccessContext,
): readonly JwtAuthenticator[] {
  const { clock } = context
  const isByFlags = flags.oidcIssuerUrl !== undefined
  const algorithms = isByFlags ? (flags.oidcSigningAlgs ?? ['RS256']) : undefined
  return jwt.map((settings) => {
    const send = sendToIssuer(settings.issuer.egressSelectorType, context)
    return new JwtAuthenticator(settings, fetchTextBy(send, clock), clock, algorithms)
  })
}

/** Issuers are reached directly unless they say otherwise. Throws upstream's error. */
function sendToIssuer(type: string, { send, sendTo }: AccessContext): SendRequest {
  if (type !== 'cluster' && type !== 'controlplane') return send
  const configured = sendTo?.(type)
  if (configured !== undefined) return configured
  throw new Error(`oidc: egress lookup for "${type}" is not configured`)
}

/**
 * Resolves when all issuers have said where their keys are: tokens that are good now stay so where
 * a changed configuration is wrong. Rejects with what fails after a minute.
 */
async function whenReady(
  authenticators: readonly JwtAuthenticator[],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const end = clock.monotonic() + READY_TIMEOUT_MS
  for (;;) {
    try {
      await Promise.all(authenticators.map((one) => one.ready()))
      return
    } catch (error) {
      const isOver = clock.monotonic() + READY_INTERVAL_MS > end
      if (isOver || !(await pause(clock, READY_INTERVAL_MS, signal))) throw error
    }
  }
}

/**
 * Asks issuers where their keys are before the first token comes, and says so where one cannot be
 * reached; it is asked again then, as upstream does, until there is another configuration.
 */
async function discover(
  authenticators: readonly JwtAuthenticator[],
  isInForce: () => boolean,
  { clock, logger }: AccessContext,
  signal: AbortSignal,
): Promise<void> {
  const read = async (one: JwtAuthenticator) => {
    do {
      try {
        return await one.ready()
      } catch (error) {
        const { issuer } = one
        logger.error('an issuer does not say where its keys are', {
          issuer,
          error: formatError(error),
        })
      }
    } while ((await pause(clock, READY_INTERVAL_MS, signal)) && isInForce())
  }
  await Promise.all(authenticators.map(read))
}

async function readTokens(
  flags: AccessFlags,
  jwt: TokenAuthenticator,
  context: AccessContext & { readonly serviceAccounts: ServiceAccountSettings },
): Promise<TokenSources> {
  const { clock, logger, serviceAccounts } = context
  const { audiences } = serviceAccounts
  const first: TokenAuthenticator[] = []
  if (flags.tokenAuthFile !== undefined) {
    const text = await readFlagFile(flags.tokenAuthFile, context)
    first.push(new TokenFileAuthenticator(parseTokenFile(text, flags.tokenAuthFile, logger)))
  }
  const last: TokenAuthenticator[] = [jwt]
  const path = flags.authenticationTokenWebhookConfigFile
  if (path !== undefined) {
    last.push(
      new TokenWebhookAuthenticator({
        ...{ clock, logger, audiences },
        post: await webhookOf(path, WEBHOOK_TIMEOUT_MS, context),
        version: flags.authenticationTokenWebhookVersion ?? 'v1beta1',
        ttlMs: parseDuration(flags.authenticationTokenWebhookCacheTtl ?? '2m'),
      }),
    )
  }
  return { first, last }
}

async function readFrontProxy(
  flags: AccessFlags,
  context: AccessContext,
): Promise<FrontProxySettings | undefined> {
  const path = flags.requestheaderClientCaFile
  if (path === undefined) return undefined
  const usual = DEFAULT_REQUEST_HEADERS
  return {
    authority: await readFlagFile(path, context),
    names: {
      allowedNames: flags.requestheaderAllowedNames ?? [],
      usernameHeaders: flags.requestheaderUsernameHeaders ?? usual.usernameHeaders,
      // A proxy that does not know of these would pass on what its callers say.
      uidHeaders: flags.requestheaderUidHeaders ?? [],
      groupHeaders: flags.requestheaderGroupHeaders ?? usual.groupHeaders,
      extraHeaderPrefixes: flags.requestheaderExtraHeadersPrefix ?? usual.extraHeaderPrefixes,
    },
  }
}

function anonymousRule(
  { anonymousAuth }: AccessFlags,
  { anonymous }: AuthenticationConfiguration,
): MayBeAnonymous | undefined {
  if (anonymous === undefined) return anonymousAuth === undefined ? undefined : () => anonymousAuth
  if (anonymousAuth !== undefined) {
    throw new Error('anonymous-auth and anonymous of authentication-config are mutually exclusive')
  }
  if (!anonymous.enabled) return () => false
  const paths = new Set(anonymous.conditions.map(({ path }) => path))
  return paths.size === 0 ? () => true : (path) => paths.has(path)
}
