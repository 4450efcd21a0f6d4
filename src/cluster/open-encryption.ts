import { Registry } from 'prom-client'
import { defaultConfiguration } from '../apiserver/encryption/default-configuration.ts'
import { Encryption, type TransformerSource } from '../apiserver/encryption/encryption.ts'
import { GrpcKeyService } from '../apiserver/encryption/kms/grpc-key-service.ts'
import { KmsMetrics } from '../apiserver/encryption/kms/kms-metrics.ts'
import type { KmsPorts } from '../apiserver/encryption/kms/kms-provider.ts'
import { ReloadableEncryption } from '../apiserver/encryption/reloadable-encryption.ts'
import { TransformationMetrics } from '../apiserver/encryption/transformation-metrics.ts'
import type { HealthCheck } from '../apiserver/endpoints/health-endpoints.ts'
import { formatError } from '../base/logger.ts'
import type { KeyStore } from './certificates/cluster-certificates.ts'
import type { ServerOptions } from './cluster-options.ts'
import type { BackgroundService } from './control-plane-options.ts'
import { stateCheck } from './health-checks.ts'
import { pollFiles } from './poll-file.ts'
import { ReloadMetrics } from './reload-metrics.ts'

/** An EncryptionConfiguration, beside the cluster's other keys. */
const ENCRYPTION_FILE = 'encryption.yaml'
/** By which upstream's server is asked whether it follows its configuration. */
const RELOAD_HOOK = 'poststarthook/start-encryption-provider-config-automatic-reload'

/** How values are stored, and what must go on for that. */
export interface OpenedEncryption {
  readonly encryption: TransformerSource
  readonly background: BackgroundService
}

/**
 * How this cluster encrypts what it stores. Its first start makes a key of its own for Secrets;
 * whoever wants something else, or a new key, edits the file. Key management services are asked
 * once before anything is served; that one is ill is no reason not to start.
 */
export async function openEncryption(
  keys: KeyStore,
  options: ServerOptions,
  serverId: string,
): Promise<OpenedEncryption> {
  const { random, files, clock, logger, security = {} } = options
  const { encryptionProviderConfig: path, encryptionProviderConfigAutomaticReload } = security
  const isReloaded = encryptionProviderConfigAutomaticReload === true
  const registry = new Registry()
  const metrics = new TransformationMetrics(registry, clock)
  if (path === undefined) {
    if (isReloaded) {
      const need = '"--encryption-provider-config-automatic-reload" must be set with'
      throw new Error(`${need} "--encryption-provider-config"`)
    }
    const own = await ownConfiguration(keys, options)
    const encryption = await Encryption.parse(own, random, undefined, metrics)
    return { encryption, background: metricsAlone(registry) }
  }
  const kms = kmsPorts(options, registry, serverId)
  const text = Buffer.from(await files.readFile(path)).toString()
  const first = await Encryption.parse(text, random, kms, metrics)
  await first.check().catch((error) => {
    logger.error('a key management service is ill', { error: formatError(error) })
  })
  if (!isReloaded) {
    if (!first.usesServices) return { encryption: first, background: metricsAlone(registry) }
    return { encryption: first, background: backgroundOf(first, registry) }
  }
  const encryption = new ReloadableEncryption(first, clock, logger)
  const reloads = new ReloadMetrics(registry, 'encryption', text, clock, serverId)
  let isFollowed = false
  const hook = stateCheck(RELOAD_HOOK, ['healthz', 'livez', 'readyz'], () =>
    isFollowed ? undefined : 'not finished',
  )
  const background = backgroundOf(encryption, registry, [hook], async (signal) => {
    isFollowed = true
    const onChange = ([changed = '']: readonly string[]) =>
      reloads.observe(changed, async () => {
        await encryption.replace(await Encryption.parse(changed, random, kms, metrics))
      })
    await pollFiles([path], [text], onChange, options, signal)
  })
  return { encryption, background }
}

async function ownConfiguration(keys: KeyStore, { random }: ServerOptions): Promise<string> {
  const kept = await keys.read(ENCRYPTION_FILE)
  if (kept !== undefined) return kept
  const made = defaultConfiguration(random)
  await keys.write(ENCRYPTION_FILE, made)
  return made
}

function kmsPorts(
  { clock, logger }: ServerOptions,
  registry: Registry,
  serverId: string,
): KmsPorts {
  const metrics = new KmsMetrics(registry, clock, serverId)
  return {
    ...{ clock, logger, metrics },
    openService: (name, endpoint, timeoutMs) =>
      new GrpcKeyService({ name, endpoint, timeoutMs, clock, metrics }),
  }
}

function metricsAlone(registry: Registry): BackgroundService {
  return { name: 'encryption', registry, run: () => Promise.resolve() }
}

function backgroundOf(
  encryption: Encryption | ReloadableEncryption,
  registry: Registry,
  further: readonly HealthCheck[] = [],
  follow: (signal: AbortSignal) => Promise<void> = () => Promise.resolve(),
): BackgroundService {
  // A service that is ill is no reason to start this server again.
  const paths = ['healthz', 'readyz'] as const
  return {
    name: 'encryption',
    registry,
    checks: [...further, { name: 'kms-providers', paths, check: () => encryption.check() }],
    run: async (_client, signal) => {
      await Promise.all([encryption.run(signal), follow(signal)])
    },
  }
}
