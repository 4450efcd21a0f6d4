import type { CustomResourceDefinition } from '../../../kinds/apiextensions/v1/custom-resource-definition.ts'
import type { CustomResourceDefinitionVersion } from '../../../kinds/apiextensions/v1/custom-resource-definition-version.ts'
import { compareVersions } from '../../../machinery/group-priority.ts'

/** What everybody is told who asks for a version that will go; '' for one that stays. */
export function deprecationOf(
  { spec }: CustomResourceDefinition,
  { name, deprecated, deprecationWarning }: CustomResourceDefinitionVersion,
): string {
  if (deprecated !== true) return ''
  if (deprecationWarning !== undefined) return deprecationWarning
  const { kind } = spec.names
  const text = `${spec.group}/${name} ${kind} is deprecated`
  const [newest] = spec.versions
    .filter((one) => one.served && one.deprecated !== true && compareVersions(one.name, name) < 0)
    .map((one) => one.name)
    .toSorted(compareVersions)
  return newest === undefined ? text : `${text}; use ${spec.group}/${newest} ${kind}`
}
