import { formatPathValue, JsonPath } from '../../../kinds/apiextensions/json-path/json-path.ts'
import type { CustomResourceDefinitionVersion } from '../../../kinds/apiextensions/v1/custom-resource-definition-version.ts'
import type { KubeObject, SelectableField } from '../../../machinery/kind.ts'

/** How the fields that selectors may name are read; '' for one that is absent. */
export function selectableFieldsOf({
  selectableFields = [],
}: CustomResourceDefinitionVersion): Readonly<Record<string, SelectableField<KubeObject>>> {
  const entries = selectableFields.map(({ jsonPath }): [string, SelectableField<KubeObject>] => {
    const path = new JsonPath(jsonPath)
    return [jsonPath.replace(/^\./, ''), (object) => textOf(path.find(object)[0])]
  })
  return Object.fromEntries(entries)
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : formatPathValue(value)
}
