import type { Registry } from 'prom-client'
import { ExternalKeys } from '../../apiserver/authentication/external-signer/external-keys.ts'
import type { ExternalSigner } from '../../apiserver/authentication/external-signer/external-signer.ts'
import { ExternalSignerMetrics } from '../../apiserver/authentication/external-signer/external-signer-metrics.ts'
import { ExternalTokenSigner } from '../../apiserver/authentication/external-signer/external-token-signer.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { formatDuration } from '../../machinery/duration.ts'
import type { BackgroundService } from '../control-plane-options.ts'
import type { ServiceAccountSettings } from './access-settings.ts'

export interface ExternalSignerContext {
  readonly clock: Clock
  readonly logger: Logger
  /** For its metrics. */
  readonly registry: Registry
  readonly openSigner: (path: string, metrics: ExternalSignerMetrics) => ExternalSigner
}

export interface OpenedSigner {
  /** Those that were given, with what the signer adds to them. */
  readonly settings: ServiceAccountSettings
  /** Follows the signer's keys. */
  readonly background: BackgroundService
}

const LEAST_EXPIRATION_SECONDS = 600
const ABSTRACT_NAME = /^@([a-zA-Z0-9_-]+\.)*[a-zA-Z0-9_-]+$/

/**
 * Asks the signer behind a socket for its keys and for how long its tokens may live, as upstream
 * does before it starts. Rejects where it does not answer within a minute, or asks for too little.
 */
export async function openExternalSigner(
  path: string,
  given: ServiceAccountSettings,
  { clock, logger, registry, openSigner }: ExternalSignerContext,
): Promise<OpenedSigner> {
  if (path.startsWith('@') && !ABSTRACT_NAME.test(path)) {
    const why = 'when prefixed with @ must be a valid abstract socket name'
    const flag = '`--service-account-signing-endpoint`'
    throw new Error(`invalid value ${JSON.stringify(path)} passed for ${flag}, ${why}`)
  }
  const metrics = new ExternalSignerMetrics(registry, clock)
  const signer = openSigner(path, metrics)
  const keys = new ExternalKeys({ signer, metrics, clock, logger })
  try {
    await keys.fill()
    const most = await signer.maxTokenExpirationSeconds()
    const settings = {
      ...given,
      ...lifetimesOf(given, most),
      external: { keys, signer: new ExternalTokenSigner(signer, keys, metrics) },
    }
    const run = async (_client: unknown, signal: AbortSignal) => {
      try {
        await keys.run(signal)
      } finally {
        signer.close()
      }
    }
    return { settings, background: { name: 'external signer', run } }
  } catch (cause) {
    signer.close()
    throw new Error('while setting up external-jwt-signer', { cause })
  }
}

/** What tokens may ask for, which is never more than the signer gives. */
function lifetimesOf({ maxExpirationSeconds: asked }: ServiceAccountSettings, most: number) {
  if (most < LEAST_EXPIRATION_SECONDS) {
    const what = `max token life supported by external-jwt-signer (${most}s)`
    throw new Error(`${what} is less than acceptable (min ${LEAST_EXPIRATION_SECONDS}s)`)
  }
  if (asked !== undefined && asked > most) {
    const than = 'the token expiration supported by service-account-signing-endpoint'
    const [longer, shorter] = [asked, most].map((seconds) => formatDuration(seconds * 1000))
    const what = `service-account-max-token-expiration cannot be set longer than ${than}`
    throw new Error(`${what}: ${longer} > ${shorter}`)
  }
  return { maxExpirationSeconds: asked ?? most, maxExtendedExpirationSeconds: most }
}
