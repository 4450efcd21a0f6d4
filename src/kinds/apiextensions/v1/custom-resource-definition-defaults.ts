import type { CustomResourceDefinition } from './custom-resource-definition.ts'

/** Names follow from the kind, and what is stored from the versions. */
export function setDefinitionDefaults(
  definition: CustomResourceDefinition,
): CustomResourceDefinition {
  const { spec, status } = definition
  const { names } = spec
  const { singular, listKind } = names as Partial<typeof names>
  const hasNames = Boolean(singular) && (Boolean(listKind) || names.kind === '')
  const stored = spec.versions.find(({ storage }) => storage)?.name
  const { storedVersions = [] } = status
  const lacksStored = storedVersions.length === 0 && stored !== undefined
  if (hasNames && !lacksStored) return definition
  return {
    ...definition,
    spec: hasNames
      ? spec
      : {
          ...spec,
          names: {
            ...names,
            singular: singular || names.kind.toLowerCase(),
            listKind: listKind || (names.kind === '' ? '' : `${names.kind}List`),
          },
        },
    status: lacksStored ? { ...status, storedVersions: [stored] } : status,
  }
}
