import { knownFormat } from '../schema/formats.ts'
import type { CustomResourceDefinition } from './custom-resource-definition.ts'
import { someSchema } from './schema-walk.ts'

/** Formats that nobody knows are not checked. */
export function* unknownFormatWarnings(definition: CustomResourceDefinition): Iterable<string> {
  for (const format of unknownFormatsOf(definition)) yield warningOf(format)
}

/** Only of formats that the definition did not name before. */
export function* newUnknownFormatWarnings(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition,
): Iterable<string> {
  const known = unknownFormatsOf(old)
  for (const format of unknownFormatsOf(definition)) {
    if (!known.has(format)) yield warningOf(format)
  }
}

function warningOf(format: string): string {
  return `unrecognized format ${JSON.stringify(format)}`
}

function unknownFormatsOf({ spec }: CustomResourceDefinition): ReadonlySet<string> {
  const formats = new Set<string>()
  for (const { schema } of spec.versions) {
    someSchema(schema?.openAPIV3Schema, ({ type, format = '' }) => {
      if (format !== '' && knownFormat(type, format) === undefined) formats.add(format)
      return false
    })
  }
  return formats
}
