import type { JsonSchema } from '../../cel/declare-schema.ts'
import type { Client } from '../../client/client.ts'
import { builtInKinds } from '../../kinds/index.ts'
import { isReason } from '../../machinery/status-error.ts'
import { schemaOfNode } from './schema-of-node.ts'
import type { NamedResource } from './types-to-check.ts'

export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

interface Document {
  readonly components?: { readonly schemas?: Readonly<Record<string, PublishedSchema>> }
}

/** A schema as OpenAPI publishes it: parts of it may stand elsewhere in the document. */
type PublishedSchema = JsonSchema & {
  readonly $ref?: string
  readonly allOf?: readonly PublishedSchema[]
  readonly 'x-kubernetes-group-version-kind'?: readonly GroupVersionKind[]
}

/** What is known of kinds: the built-in ones by themselves, others by what the API publishes. */
export class KindSchemas {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  /** The kinds of a resource, by plural or singular name; none where it is not served. */
  async kindsOf({ group, version, resource }: NamedResource): Promise<readonly GroupVersionKind[]> {
    const builtIn = builtInKinds.filter(
      (kind) =>
        (group === '' || kind.group === group) &&
        kind.version === version &&
        (kind.plural === resource || kind.singular === resource),
    )
    if (builtIn.length > 0 || group === '') return builtIn
    const list = await this.#find(`/apis/${group}/${version}`)
    const { resources = [] } = (list ?? {}) as { readonly resources?: readonly Resource[] }
    return resources
      .filter(({ name, singularName }) => name === resource || singularName === resource)
      .map(({ kind }) => ({ group, version, kind }))
  }

  /** The schema of a kind; undefined where nobody publishes one. */
  async schemaOf({ group, version, kind }: GroupVersionKind): Promise<JsonSchema | undefined> {
    const builtIn = builtInKinds.find(
      (one) => one.group === group && one.version === version && one.kind === kind,
    )
    if (builtIn !== undefined) return schemaOfNode(builtIn.schema)
    const document = (await this.#find(`/openapi/v3/apis/${group}/${version}`)) as
      | Document
      | undefined
    const schemas = document?.components?.schemas ?? {}
    const found = Object.values(schemas).find((schema) =>
      schema['x-kubernetes-group-version-kind']?.some(
        (one) => one.group === group && one.version === version && one.kind === kind,
      ),
    )
    return found && withoutReferences(found, schemas, [])
  }

  async #find(path: string): Promise<unknown> {
    try {
      return await this.#client.raw('GET', path)
    } catch (error) {
      if (isReason(error, 'NotFound')) return undefined
      throw error
    }
  }
}

interface Resource {
  readonly name: string
  readonly singularName?: string
  readonly kind: string
}

const REFERENCE = '#/components/schemas/'

/** The schema with what it refers to in place; one that contains itself ends there. */
function withoutReferences(
  given: PublishedSchema,
  schemas: Readonly<Record<string, PublishedSchema>>,
  above: readonly string[],
): JsonSchema {
  const reference = given.$ref ?? given.allOf?.find(({ $ref }) => $ref !== undefined)?.$ref
  const name = reference?.startsWith(REFERENCE) ? reference.slice(REFERENCE.length) : undefined
  if (name !== undefined && above.includes(name)) return { type: 'object' }
  const schema = name === undefined ? given : (schemas[name] ?? {})
  const inner = name === undefined ? above : [...above, name]
  const { properties, additionalProperties, items } = schema
  const resolve = (one: JsonSchema) => withoutReferences(one, schemas, inner)
  return {
    ...schema,
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, value]) => [key, resolve(value)]),
      ),
    }),
    ...(typeof additionalProperties === 'object' && {
      additionalProperties: resolve(additionalProperties),
    }),
    ...(items !== undefined && !('length' in items) && { items: resolve(items as JsonSchema) }),
  }
}
