import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/logger.ts'
import type { Random } from '../../../base/random.ts'
import type { KmsConfiguration } from '../encryption-configuration.ts'
import type { KeyService } from './key-service.ts'
import type { KmsMetrics } from './kms-metrics.ts'
import { KmsProbe } from './kms-probe.ts'
import { KmsTransformer } from './kms-transformer.ts'
import { timeoutMsOf } from './validate-kms.ts'

/** What it takes to reach key management services. */
export interface KmsPorts {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics?: KmsMetrics | undefined
  openService(name: string, endpoint: string, timeoutMs: number): KeyService
}

/** One key management service of a configuration. */
export interface KmsProvider {
  readonly service: KeyService
  readonly probe: KmsProbe
  readonly transformer: KmsTransformer
  readonly timeoutMs: number
}

/** Of a configuration that was found valid; nothing is asked yet. */
export function openKmsProvider(
  configuration: KmsConfiguration,
  random: Random,
  { clock, logger, metrics, openService }: KmsPorts,
): KmsProvider {
  const { name, endpoint } = configuration
  const timeoutMs = timeoutMsOf(configuration) ?? 0
  const service = openService(name, endpoint, timeoutMs)
  const ports = { name, service, metrics, clock, random }
  const probe = new KmsProbe({ ...ports, logger })
  return { service, probe, timeoutMs, transformer: new KmsTransformer({ ...ports, probe }) }
}
