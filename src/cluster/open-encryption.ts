import { createHash } from 'node:crypto'
import { Counter, Gauge, Registry } from 'prom-client'
import { defaultConfiguration } from '../apiserver/encryption/default-configuration.ts'
import { Encryption, type TransformerSource } from '../apiserver/encryption/encryption.ts'
import { GrpcKeyService } from '../apiserver/encryption/kms/grpc-key-service.ts'
import { KmsMetrics } from '../apiserver/encryption/kms/kms-metrics.ts'
import type { KmsPorts } from '../apiserver/encryption/kms/kms-provider.ts'
import { ReloadableEncryption } from '../apiserver/encryption/reloadable-encryption.ts'
import { formatError } from '../base/logger.ts'
import type { KeyStore } from './certificates/cluster-certificates.ts'
import type { ServerOptions } from './cluster-options.ts'
import type { BackgroundService } from './control-plane-options.ts'
import { pollFiles } from './poll-file.ts'

/** An EncryptionConfiguration, beside the cluster's other keys. */
export const ENCRYPTION_FILE = 'encryption.yaml'

/** How values are stored, and what must go on for that. */
export interface OpenedEncryption {
  readonly encryption: TransformerSource
  /** Absent where nothing has to be asked of others. */
  readonly background?: BackgroundService
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
  if (path === undefined) {
    if (isReloaded) {
      const need = '"--encryption-provider-config-automatic-reload" must be set with'
      throw new Error(`${need} "--encryption-provider-config"`)
    }
    return { encryption: await Encryption.parse(await ownConfiguration(keys, options), random) }
  }
  const registry = new Registry()
  const kms = kmsPorts(options, registry, serverId)
  const text = Buffer.from(await files.readFile(path)).toString()
  const first = await Encryption.parse(text, random, kms)
  await first.check().catch((error) => {
    logger.error('a key management service is ill', { error: formatError(error) })
  })
  if (!isReloaded) {
    if (!first.usesServices) return { encryption: first }
    return { encryption: first, background: backgroundOf(first, registry) }
  }
  const encryption = new ReloadableEncryption(first, clock, logger)
  const reloads = new ReloadMetrics(registry, options, serverId)
  const background = backgroundOf(encryption, registry, async (signal) => {
    const onChange = async ([changed = '']: readonly string[]) => {
      try {
        await encryption.replace(await Encryption.parse(changed, random, kms))
        reloads.observe('success')
      } catch (error) {
        reloads.observe('failure')
        throw error
      }
    }
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

function backgroundOf(
  encryption: Encryption | ReloadableEncryption,
  registry: Registry,
  follow: (signal: AbortSignal) => Promise<void> = () => Promise.resolve(),
): BackgroundService {
  const paths = ['healthz', 'livez', 'readyz'] as const
  return {
    name: 'encryption',
    registry,
    checks: [{ name: 'kms-providers', paths, check: () => encryption.check() }],
    run: async (_client, signal) => {
      await Promise.all([encryption.run(signal), follow(signal)])
    },
  }
}

/** How often the configuration was replaced, under upstream's names. */
class ReloadMetrics {
  readonly #total: Counter
  readonly #last: Gauge
  readonly #server: string
  readonly #clock: ServerOptions['clock']

  constructor(registry: Registry, { clock }: ServerOptions, serverId: string) {
    const registers = [registry]
    const prefix = 'apiserver_encryption_config_controller_automatic_reload'
    const labelNames = ['status', 'apiserver_id_hash']
    this.#clock = clock
    this.#server = `sha256:${createHash('sha256').update(serverId).digest('hex')}`
    this.#total = new Counter({
      name: `${prefix}s_total`,
      help: 'How often the encryption configuration was read again, by the outcome.',
      ...{ labelNames, registers },
    })
    this.#last = new Gauge({
      name: `${prefix}_last_timestamp_seconds`,
      help: 'When that was, by the outcome.',
      ...{ labelNames, registers },
    })
  }

  observe(status: 'success' | 'failure'): void {
    const labels = { status, apiserver_id_hash: this.#server }
    this.#total.inc(labels)
    this.#last.set(labels, this.#clock.now() / 1000)
  }
}
