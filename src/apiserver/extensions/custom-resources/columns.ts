import { formatPathValue, JsonPath } from '../../../kinds/apiextensions/json-path/json-path.ts'
import { JsonPathError } from '../../../kinds/apiextensions/json-path/parse-json-path.ts'
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionVersion,
} from '../../../kinds/apiextensions/v1/custom-resource-definition-version.ts'
import { formatHumanDuration } from '../../../machinery/duration.ts'
import type { ColumnType, KubeObject, PrinterColumn } from '../../../machinery/kind.ts'
import type { ObjectMeta } from '../../../machinery/object-meta.ts'
import { parseTime, TimeSyntaxError } from '../../../machinery/time.ts'

const NAME: PrinterColumn<KubeObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  isExact: true,
  // Bookmarks have none.
  of: ({ metadata }) => (metadata as Partial<ObjectMeta>).name ?? '',
}
/** What is shown where a definition names no columns. */
const AGE: CustomResourceColumnDefinition = {
  name: 'Age',
  type: 'date',
  description: 'The time at which the server stored the object first.',
  jsonPath: '.metadata.creationTimestamp',
}

/** The columns that a definition has for a version: the name, then its own, or else the age. */
export function columnsOf({
  additionalPrinterColumns: own = [],
}: CustomResourceDefinitionVersion): readonly PrinterColumn<KubeObject>[] {
  const columns: PrinterColumn<KubeObject>[] = [NAME]
  try {
    for (const column of own.length === 0 ? [AGE] : own) columns.push(columnOf(column))
  } catch (error) {
    // Upstream shows those before the first that cannot be read.
    if (!(error instanceof JsonPathError)) throw error
  }
  return columns
}

function columnOf(column: CustomResourceColumnDefinition): PrinterColumn<KubeObject> {
  const { name, type, format = '', description = '', priority = 0, jsonPath } = column
  const path = new JsonPath(jsonPath)
  const usual = `Custom resource definition column (in JSONPath format): ${jsonPath}`
  return {
    ...{ name, format, priority, type: type as ColumnType },
    description: description === '' ? usual : description,
    isExact: true,
    of: (object, { now }) => cellOf(type, firstOf(path, object), now),
  }
}

/** Undefined for nothing, and for what the path does not fit. */
function firstOf(path: JsonPath, object: KubeObject): unknown {
  try {
    return path.find(object)[0]
  } catch (error) {
    if (error instanceof JsonPathError) return undefined
    throw error
  }
}

function cellOf(type: string, value: unknown, now: number): string | number | boolean | undefined {
  if (value === undefined) return undefined
  if (type === 'string') return formatPathValue(value)
  switch (typeof value) {
    case 'number':
      return type === 'integer' ? Math.trunc(value) : type === 'number' ? value : undefined
    case 'bigint':
      return type === 'integer' || type === 'number' ? Number(value) : undefined
    case 'boolean':
      return type === 'boolean' ? value : undefined
    case 'string':
      return type === 'date' ? ageOf(value, now) : undefined
    default:
      return undefined
  }
}

function ageOf(text: string, now: number): string {
  if (text === '' || text === 'null') return '<unknown>'
  try {
    return formatHumanDuration(now - parseTime(text))
  } catch (error) {
    if (error instanceof TimeSyntaxError) return '<invalid>'
    throw error
  }
}
