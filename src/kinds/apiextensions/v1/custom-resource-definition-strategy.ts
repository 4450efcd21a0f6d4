import type { CustomResourceDefinition } from './custom-resource-definition.ts'

/** The version in which objects are stored from now on is one of those that may be found. */
export function keepStoredVersions(definition: CustomResourceDefinition): CustomResourceDefinition {
  const { spec, status } = definition
  const { storedVersions = [] } = status
  const stored = spec.versions.find(({ storage }) => storage)?.name
  if (stored === undefined || storedVersions.includes(stored)) return definition
  return { ...definition, status: { ...status, storedVersions: [...storedVersions, stored] } }
}
