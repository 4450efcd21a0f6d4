import type { Random } from '../../base/random.ts'
import { formatFieldError } from '../../machinery/field-error.ts'
import type { Kind } from '../../machinery/kind.ts'
import { readConfiguration } from '../read-configuration.ts'
import { aesCbc, aesGcm } from './aes.ts'
import {
  type EncryptionConfiguration,
  type EncryptionKey,
  type EncryptionProvider,
  type EncryptionRule,
  encryptionConfigurationSort,
  type KmsConfiguration,
} from './encryption-configuration.ts'
import { formatGroupResource, type GroupResource, parseGroupResource } from './group-resource.ts'
import { type KmsPorts, type KmsProvider, openKmsProvider } from './kms/kms-provider.ts'
import { secretbox } from './secretbox.ts'
import type { TransformationMetrics } from './transformation-metrics.ts'
import { validateConfiguration } from './validate-configuration.ts'
import {
  identity,
  type PrefixedTransformer,
  prefixTransformers,
  type ValueTransformer,
} from './value-transformer.ts'

type OpenService = (configuration: KmsConfiguration) => ValueTransformer
type FromKey = (key: Uint8Array, random: Random) => ValueTransformer

/** Says how the values of a kind are stored. */
export interface TransformerSource {
  /** Undefined where they are stored as they are. */
  transformerOf(kind: Pick<Kind, 'group' | 'plural'>): ValueTransformer | undefined
}

/** Which resources are stored encrypted, and by what. */
export class Encryption implements TransformerSource {
  readonly #providers: ReadonlyMap<string, readonly PrefixedTransformer[]>
  readonly #metrics: TransformationMetrics | undefined
  /** Of the kinds that have been asked for. */
  readonly #made = new Map<string, ValueTransformer | undefined>()
  readonly #services: readonly KmsProvider[]

  /**
   * Throws an Error for a configuration that is not valid, or one with key management services
   * where there is no `kms` to reach them.
   */
  constructor(
    configuration: EncryptionConfiguration,
    random: Random,
    kms?: KmsPorts,
    metrics?: TransformationMetrics,
  ) {
    const errors = [...validateConfiguration(configuration)]
    if (errors.length > 0) throw new Error(errors.map(formatFieldError).join(', '))
    const services: KmsProvider[] = []
    const open = (one: KmsConfiguration) => {
      if (kms === undefined) throw new Error(`nothing can reach the service ${one.name}`)
      const provider = openKmsProvider(one, random, kms)
      services.push(provider)
      return provider.transformer
    }
    this.#providers = providersOf(configuration.resources, random, open)
    this.#services = services
    this.#metrics = metrics
  }

  /** Of the text of an EncryptionConfiguration. */
  static async parse(
    text: string,
    random: Random,
    kms?: KmsPorts,
    metrics?: TransformationMetrics,
  ): Promise<Encryption> {
    try {
      const configuration = await readConfiguration(text, encryptionConfigurationSort)
      return new Encryption(configuration, random, kms, metrics)
    } catch (cause) {
      throw new Error('the encryption configuration cannot be used', { cause })
    }
  }

  /** Whether there are key management services: then their state must be known before writing. */
  get usesServices(): boolean {
    return this.#services.length > 0
  }

  /** How long their calls may take, all together. */
  get serviceTimeoutMs(): number {
    return this.#services.reduce((sum, { timeoutMs }) => sum + timeoutMs, 0)
  }

  /** Rejects where a key management service is not well; upstream counts them by their rules. */
  async check(): Promise<void> {
    const outcomes = await Promise.allSettled(this.#services.map(({ probe }) => probe.check()))
    const errors = outcomes.flatMap((one, index) => {
      if (one.status === 'fulfilled') return []
      return [`kms-provider-${index}: ${one.reason.message}`]
    })
    const [first] = errors
    if (first === undefined) return
    throw new Error(errors.length === 1 ? first : `[${errors.join(', ')}]`)
  }

  /** Keeps an eye on the key management services until the signal aborts, then lets go of them. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#services.map(({ probe }) => probe.run(signal)))
    for (const { service } of this.#services) service.close()
  }

  transformerOf({ group, plural }: Pick<Kind, 'group' | 'plural'>): ValueTransformer | undefined {
    const id = formatGroupResource({ group, resource: plural })
    if (!this.#made.has(id)) {
      const all = this.#providers
      const anyOfGroup = formatGroupResource({ group, resource: '*' })
      const found = all.get(id) ?? all.get(anyOfGroup) ?? all.get('*.*')
      const observe = this.#metrics?.of(id)
      const made = found && prefixTransformers('no matching prefix found', found, observe)
      this.#made.set(id, made)
    }
    return this.#made.get(id)
  }
}

/** A resource that several rules name has the providers of all of them, in their order. */
function providersOf(
  rules: readonly EncryptionRule[],
  random: Random,
  open: OpenService,
): Map<string, readonly PrefixedTransformer[]> {
  const byResource = new Map<string, PrefixedTransformer[]>()
  for (const { resources, providers } of rules) {
    const made = providers.map((provider) => providerOf(provider, random, open))
    for (const name of resources) {
      const resource = parseGroupResource(name)
      const mask = maskOf(resource, byResource)
      if (mask !== undefined) {
        const masked = JSON.stringify(formatGroupResource(resource))
        throw new Error(`resource ${masked} is masked by earlier rule ${JSON.stringify(mask)}`)
      }
      const id = formatGroupResource(resource)
      byResource.set(id, [...(byResource.get(id) ?? []), ...made])
    }
  }
  return byResource
}

function maskOf({ group }: GroupResource, earlier: ReadonlyMap<string, unknown>) {
  const anyOfGroup = formatGroupResource({ group, resource: '*' })
  return [anyOfGroup, '*.*'].find((mask) => earlier.has(mask))
}

function providerOf(
  provider: EncryptionProvider,
  random: Random,
  open: OpenService,
): PrefixedTransformer {
  const { aesgcm, aescbc, secretbox: box, kms } = provider
  if (kms !== undefined) return { prefix: `k8s:enc:kms:v2:${kms.name}:`, transformer: open(kms) }
  if (aesgcm !== undefined) return keyed('aesgcm', 'AES', aesgcm.keys, aesGcm, random)
  if (aescbc !== undefined) return keyed('aescbc', 'AES', aescbc.keys, aesCbc, random)
  if (box !== undefined) return keyed('secretbox', 'Secretbox', box.keys, secretbox, random)
  return { prefix: '', transformer: identity }
}

function keyed(
  id: string,
  sort: string,
  keys: readonly EncryptionKey[],
  make: FromKey,
  random: Random,
): PrefixedTransformer {
  const byKey = keys.map(({ name, secret }) => ({
    prefix: `${name}:`,
    transformer: make(Buffer.from(secret, 'base64'), random),
  }))
  const noMatch = `no matching key was found for the provided ${sort} transformer`
  return { prefix: `k8s:enc:${id}:v1:`, transformer: prefixTransformers(noMatch, byKey) }
}
