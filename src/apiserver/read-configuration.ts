import { decodeValue } from '../machinery/decode.ts'
import type { Schema } from '../machinery/schema.ts'

/** What a configuration file must be. */
export interface ConfigurationSort<T> {
  /** The first is the one that is written. */
  readonly apiVersions: readonly string[]
  readonly kind: string
  /** Of the fields beside kind and apiVersion. */
  readonly schema: Schema<T, unknown>
}

/**
 * Reads the YAML or JSON text of a configuration file strictly, as upstream's components do: an
 * unknown or doubled field is an error, since a slip there would weaken what it configures.
 */
export async function readConfiguration<T>(text: string, sort: ConfigurationSort<T>): Promise<T> {
  // Most starts read no file, and the YAML reader takes a while to load.
  const { decodeYaml } = await import('../machinery/codec/yaml.ts')
  const document = decodeYaml(text, { findDuplicates: true })
  const { kind, apiVersion, ...fields } = asObject(document.value)
  if (kind !== sort.kind || !sort.apiVersions.includes(String(apiVersion))) {
    const found = `${String(kind)} of ${String(apiVersion)}`
    throw new Error(`expected ${sort.kind} of ${sort.apiVersions.join(' or ')}, got ${found}`)
  }
  const { value, problems } = decodeValue(sort.schema.node, fields)
  const all = [...document.problems, ...problems]
  if (all.length > 0) throw new Error(`strict decoding error: ${all.join(', ')}`)
  return value as T
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('the configuration is no object')
  }
  return value as Record<string, unknown>
}
