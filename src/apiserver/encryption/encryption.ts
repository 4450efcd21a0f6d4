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
} from './encryption-configuration.ts'
import { formatGroupResource, type GroupResource, parseGroupResource } from './group-resource.ts'
import { secretbox } from './secretbox.ts'
import { validateConfiguration } from './validate-configuration.ts'
import {
  identity,
  type PrefixedTransformer,
  prefixTransformers,
  type ValueTransformer,
} from './value-transformer.ts'

type FromKey = (key: Uint8Array, random: Random) => ValueTransformer

/** Which resources are stored encrypted, and by what. */
export class Encryption {
  readonly #transformers: ReadonlyMap<string, ValueTransformer>

  /** Throws an Error for a configuration that is not valid. */
  constructor(configuration: EncryptionConfiguration, random: Random) {
    const errors = [...validateConfiguration(configuration)]
    if (errors.length > 0) throw new Error(errors.map(formatFieldError).join(', '))
    this.#transformers = transformersOf(configuration.resources, random)
  }

  /** Of the text of an EncryptionConfiguration. */
  static async parse(text: string, random: Random): Promise<Encryption> {
    try {
      return new Encryption(await readConfiguration(text, encryptionConfigurationSort), random)
    } catch (cause) {
      throw new Error('the encryption configuration cannot be used', { cause })
    }
  }

  /** How the values of a kind are stored; undefined where they are stored as they are. */
  transformerOf({ group, plural }: Pick<Kind, 'group' | 'plural'>): ValueTransformer | undefined {
    const all = this.#transformers
    return (
      all.get(formatGroupResource({ group, resource: plural })) ??
      all.get(formatGroupResource({ group, resource: '*' })) ??
      all.get('*.*')
    )
  }
}

/** A resource that several rules name has the providers of all of them, in their order. */
function transformersOf(
  rules: readonly EncryptionRule[],
  random: Random,
): Map<string, ValueTransformer> {
  const byResource = new Map<string, PrefixedTransformer[]>()
  for (const { resources, providers } of rules) {
    const made = providers.map((provider) => providerOf(provider, random))
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
  const entries = [...byResource].map(
    ([id, made]) => [id, prefixTransformers('no matching prefix found', made)] as const,
  )
  return new Map(entries)
}

function maskOf({ group }: GroupResource, earlier: ReadonlyMap<string, unknown>) {
  const anyOfGroup = formatGroupResource({ group, resource: '*' })
  return [anyOfGroup, '*.*'].find((mask) => earlier.has(mask))
}

function providerOf(provider: EncryptionProvider, random: Random): PrefixedTransformer {
  const { aesgcm, aescbc, secretbox: box } = provider
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
