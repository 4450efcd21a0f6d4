import { drain } from '../../base/slices.ts'
import type { Kind } from '../kind.ts'
import { addGroupVersion, type OpenApiSource, pathParts, sortedEntries } from './document-v3.ts'
import type { Operation } from './operation.ts'
import { Definitions, type Form, type GroupVersionKind, type Part } from './schema-object.ts'

/** What the kinds of one group version that were added at run time contribute to a document. */
export interface CustomPart {
  readonly paths: Part
  readonly definitions: Part
}

/** Paths and definitions of custom kinds, all of one group version, with all that they refer to. */
export function customPart(
  source: OpenApiSource,
  kinds: readonly [Kind, ...Kind[]],
  form: Form,
): CustomPart {
  const [{ group, version }] = kinds
  const all = { ...source, kinds: [...source.kinds, ...kinds] }
  const definitions = new Definitions(form, source.describe, all.kinds)
  const paths = new Map<string, readonly Operation[]>()
  const gvks = (kind: string): readonly GroupVersionKind[] => [
    { group: '', version: 'v1', kind },
    { group, version, kind },
  ]
  drain(addGroupVersion(all, definitions, { group, version }, gvks, paths))
  return { paths: drain(pathParts(paths, form)), definitions: sortedEntries(definitions.found) }
}

/** The OpenAPI 3.0 document of one group version that was added at run time. */
export function customDocumentV3(source: OpenApiSource, kinds: readonly [Kind, ...Kind[]]): Part {
  const { paths, definitions } = customPart(source, kinds, 'v3')
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' },
    paths,
    components: { schemas: definitions },
  }
}
