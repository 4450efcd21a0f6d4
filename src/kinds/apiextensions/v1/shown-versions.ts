import type { CustomResourceDefinitionVersion } from './custom-resource-definition-version.ts'

/** Versions as upstream's texts show them: the fields of its Go type, without what is large. */
export function shownVersions(
  versions: readonly CustomResourceDefinitionVersion[],
): readonly Readonly<Record<string, unknown>>[] {
  return versions.map(({ name, served, storage, deprecated, deprecationWarning }) => ({
    Name: name,
    Served: served,
    Storage: storage,
    Deprecated: deprecated ?? false,
    DeprecationWarning: deprecationWarning ?? null,
    Schema: null,
    Subresources: null,
    AdditionalPrinterColumns: null,
    SelectableFields: null,
  }))
}
