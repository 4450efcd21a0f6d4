import type { Sliced } from '../../base/slices.ts'
import { compareGroups } from '../group-priority.ts'
import { groupDocument, groupsDocument, groupVersionDocument } from './discovery-paths.ts'
import {
  addGroupVersion,
  BEARER_TOKEN,
  type OpenApiSource,
  pathParts,
  sortedEntries,
} from './document-v3.ts'
import { INFO } from './names.ts'
import type { Operation } from './operation.ts'
import { Definitions, type GroupVersionKind, type Part } from './schema-object.ts'
import { SERVER_PATHS, serverOperations } from './server-paths.ts'

/** The Swagger 2.0 document of all that is served. */
export function* documentV2(source: OpenApiSource): Sliced<Part> {
  const definitions = new Definitions('v2', source.describe, source.kinds)
  const paths = new Map<string, readonly Operation[]>()
  const versions = groupVersionsOf(source)
  const gvks = (kind: string): readonly GroupVersionKind[] =>
    versions.map(({ group, version }) => ({ group, version, kind }))
  for (const groupVersion of versions) {
    yield* addGroupVersion(source, definitions, groupVersion, gvks, paths)
    addAll(paths, groupVersionDocument(groupVersion, definitions))
  }
  for (const group of new Set(versions.map(({ group }) => group))) {
    addAll(paths, groupDocument(group, definitions))
  }
  addAll(paths, groupsDocument(definitions))
  addAll(
    paths,
    SERVER_PATHS.map((served) => serverOperations(served, definitions)),
  )
  return {
    swagger: '2.0',
    info: INFO,
    paths: yield* pathParts(paths, 'v2'),
    definitions: sortedEntries(definitions.found),
    securityDefinitions: { BearerToken: BEARER_TOKEN },
    security: [{ BearerToken: [] }],
  }
}

function addAll(
  paths: Map<string, readonly Operation[]>,
  more: Iterable<readonly [string, readonly Operation[]]>,
): void {
  for (const [path, operations] of more) paths.set(path, operations)
}

function groupVersionsOf({ kinds }: OpenApiSource) {
  const known = new Map<string, { readonly group: string; readonly version: string }>()
  for (const { group, version, apiVersion, plural } of kinds) {
    if (plural !== '') known.set(apiVersion, { group, version })
  }
  return [...known.values()].toSorted((a, b) => {
    return a.group === b.group ? (a.version < b.version ? -1 : 1) : compareGroups(a.group, b.group)
  })
}
