import type { Sliced } from '../../base/slices.ts'
import type { Kind, Subresource } from '../kind.ts'
import { resolveNode, type Schema, type StructNode } from '../schema.ts'
import type { Describe } from './descriptions.ts'
import { groupVersionDocument } from './discovery-paths.ts'
import { KindDefinitions } from './kind-definitions.ts'
import { kindPaths } from './kind-paths.ts'
import { INFO } from './names.ts'
import { type Operation, pathPart } from './operation.ts'
import type { Parameter } from './parameters.ts'
import { Definitions, type Form, type GroupVersionKind, type Part } from './schema-object.ts'

/** What the documents are made from. */
export interface OpenApiSource {
  /** Every kind that is served, and those that only a subresource uses. */
  readonly kinds: readonly Kind[]
  /** Options of subresources by their kind's name, such as PodExecOptions. */
  readonly options: Readonly<Record<string, Schema<unknown, unknown>>>
  /** What `kubectl explain` says. */
  readonly describe: Describe
}

/** The part of a document that one group version contributes, in either form; a kind in a slice. */
export function* addGroupVersion(
  source: OpenApiSource,
  definitions: Definitions,
  groupVersion: { readonly group: string; readonly version: string },
  gvks: (kind: string) => readonly GroupVersionKind[],
  paths: Map<string, readonly Operation[]>,
): Sliced<void> {
  const kindDefinitions = new KindDefinitions(definitions, gvks)
  const isHere = ({ group, version }: Kind) =>
    group === groupVersion.group && version === groupVersion.version
  for (const kind of source.kinds.filter((one) => isHere(one) && one.plural !== '')) {
    yield
    const found = kindPaths({
      kind,
      definitions: kindDefinitions,
      kindOf: (subresource) => kindOf(source, kind, subresource),
      optionsOf: (subresource) => optionsOf(source, kind, subresource),
    })
    for (const [path, operations] of found) paths.set(path, operations)
  }
}

function kindOf({ kinds }: OpenApiSource, parent: Kind, subresource: Subresource) {
  const { kind, group = parent.group, version = parent.version } = subresource
  if (kind === undefined) return undefined
  return kinds.find((one) => one.kind === kind && one.group === group && one.version === version)
}

/** What is a struct or a time in the options cannot stand in a query. */
function optionsOf(
  { options }: OpenApiSource,
  parent: Kind,
  { name, kind }: Subresource,
): readonly Parameter[] | undefined {
  const schema =
    options[kind ?? `${parent.kind}${name.slice(0, 1).toUpperCase()}${name.slice(1)}Options`]
  if (schema === undefined) return undefined
  const { fields } = schema.node as StructNode
  return Object.entries(fields).flatMap(([field, { node }]): readonly Parameter[] => {
    if (field === 'kind' || field === 'apiVersion') return []
    const resolved = resolveNode(node)
    const scalar = resolved.type === 'list' ? resolveNode(resolved.items) : resolved
    if (scalar.type !== 'scalar') return []
    const type = QUERY_TYPES[scalar.format]
    return type === undefined
      ? []
      : [{ name: field, in: 'query', type, description: `The ${field} of ${name}.` }]
  })
}

const QUERY_TYPES: Readonly<Record<string, Parameter['type']>> = {
  string: 'string',
  boolean: 'boolean',
  int32: 'integer',
  int64: 'integer',
}

/** The OpenAPI 3.0 document of one group version. */
export function* documentV3(
  source: OpenApiSource,
  groupVersion: { readonly group: string; readonly version: string },
): Sliced<Part> {
  const definitions = new Definitions('v3', source.describe, source.kinds)
  const paths = new Map<string, readonly Operation[]>()
  // A type that all groups share is said to belong to the core group and to this one.
  const gvks = (kind: string): readonly GroupVersionKind[] => {
    const core = { group: '', version: 'v1', kind }
    return groupVersion.group === '' ? [core] : [core, { ...groupVersion, kind }]
  }
  yield* addGroupVersion(source, definitions, groupVersion, gvks, paths)
  for (const [path, operations] of groupVersionDocument(groupVersion, definitions)) {
    paths.set(path, operations)
  }
  return {
    openapi: '3.0.0',
    info: INFO,
    paths: yield* pathParts(paths, 'v3'),
    components: {
      schemas: sortedEntries(definitions.found),
      securitySchemes: { BearerToken: BEARER_TOKEN },
    },
  }
}

export const BEARER_TOKEN = {
  description: 'A bearer token.',
  type: 'apiKey',
  name: 'authorization',
  in: 'header',
}

/** So many paths are made before others may go on. */
const PATHS_AT_ONCE = 20

/** Paths in order, in the form of the document. */
export function* pathParts(
  paths: ReadonlyMap<string, readonly Operation[]>,
  form: Form,
): Sliced<Part> {
  const parts = new Map<string, Part>()
  for (const [path, operations] of paths) {
    if (parts.size % PATHS_AT_ONCE === 0) yield
    parts.set(path, pathPart(operations, form))
  }
  return sortedEntries(parts)
}

/** An object with its keys in order. */
export function sortedEntries<T>(entries: ReadonlyMap<string, T>): Readonly<Record<string, T>> {
  return Object.fromEntries([...entries].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
