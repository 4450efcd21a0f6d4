import { formatHumanDuration } from '../../machinery/duration.ts'
import type { KubeObject, PrinterColumn } from '../../machinery/kind.ts'
import { badRequest } from '../../machinery/status-error.ts'
import type { LongList } from '../long-list.ts'
import type { ShownResource } from '../registry/served-resource.ts'
import type { StoredObject } from '../registry/stored-object.ts'
import { type View, viewOf } from '../registry/view.ts'
import type { ServerRequest } from '../request.ts'
import type { MetaVersion } from './negotiate.ts'
import { partialMetadataNames } from './partial-metadata.ts'
import type { ListInfo } from './respond.ts'
import { CREATED, columnsOf, definitionOf } from './table-columns.ts'

/** How much of each object a row carries. */
type IncludeObject = 'Object' | 'Metadata' | 'None'

interface TableContext {
  /** Wall-clock milliseconds, for ages. */
  readonly now: number
  readonly version: MetaVersion
  readonly list?: ListInfo
}

/** Objects as rows of a `meta.k8s.io` Table, as kubectl prints them. */
export function tableOf(
  request: ServerRequest,
  resource: ShownResource,
  items: readonly StoredObject[],
  context: TableContext,
): unknown {
  const { head, items: rows } = tableList(request, resource, items, context)
  const isNone = items.length === 0 && columnsOf(resource.kind).at(-1)?.name === CREATED.name
  return { ...head, rows: isNone ? null : [...rows()] }
}

/** The same with rows that are made one after the other. */
export function tableList(
  request: ServerRequest,
  resource: ShownResource,
  items: readonly StoredObject[],
  { now, list, version }: TableContext,
): LongList {
  const include = readIncludeObject(request)
  const columns = columnsOf(resource.kind)
  const [only] = items
  const isStored = only !== undefined && only.revision > 0
  const context = { now, version }
  return {
    head: {
      kind: 'Table',
      apiVersion: `meta.k8s.io/${version}`,
      metadata: list ?? (isStored ? { resourceVersion: String(only.revision) } : {}),
      columnDefinitions: columns.map(definitionOf),
    },
    field: 'rows',
    length: items.length,
    *items() {
      for (const item of inRowOrder(resource, items)) {
        yield rowOf(resource, columns, item, include, context)
      }
    },
  }
}

function inRowOrder(
  { kind, view }: ShownResource,
  items: readonly StoredObject[],
): readonly StoredObject[] {
  const compare = kind.compareRows as ((a: unknown, b: unknown) => number) | undefined
  if (compare === undefined) return items
  return items.toSorted((a, b) => compare(view.value(a), view.value(b)))
}

/** Each object as a Table of one row; `hasHeaders` for the first event of a watch alone. */
export function tableView(
  request: ServerRequest,
  resource: ShownResource,
  hasHeaders: boolean,
  { now, version }: { readonly now: () => number; readonly version: MetaVersion },
): View {
  const include = readIncludeObject(request)
  const columns = columnsOf(resource.kind)
  const id = `table ${version} ${resource.kind.apiVersion} ${include} ${hasHeaders}`
  const view = viewOf(id, (stored) => ({
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: { resourceVersion: String(stored.revision) },
    columnDefinitions: hasHeaders ? columns.map(definitionOf) : null,
    rows: [rowOf(resource, columns, stored, include, { now: now(), version })],
  }))
  return { ...view, isOfMoment: true }
}

/**
 * Bookmarks as Tables: a row for an object of which nothing was set, with its metadata even where
 * rows carry none.
 */
export function tableBookmark(
  request: ServerRequest,
  resource: ShownResource,
  { now, version }: { readonly now: () => number; readonly version: MetaVersion },
): (object: KubeObject, isFirst: boolean) => KubeObject {
  const include = readIncludeObject(request) === 'Object' ? 'Object' : 'Metadata'
  const columns = columnsOf(resource.kind)
  return (object, isFirst) => {
    const { resourceVersion } = object.metadata
    const table = {
      kind: 'Table',
      apiVersion: `meta.k8s.io/${version}`,
      metadata: { resourceVersion },
      columnDefinitions: isFirst ? columns.map(definitionOf) : null,
      rows: [rowOfObject(columns.map(forgiving), object, include, { now: now(), version })],
    }
    return table as unknown as KubeObject
  }
}

/** Columns are made for objects with all that is required: of one without, they say nothing. */
function forgiving(column: PrinterColumn<KubeObject>): PrinterColumn<KubeObject> {
  return {
    ...column,
    of(object, context) {
      try {
        return column.of(object, context)
      } catch {
        return undefined
      }
    },
  }
}

function readIncludeObject({ query }: ServerRequest): IncludeObject {
  const value = query.get('includeObject') ?? ''
  if (value === '') return 'Metadata'
  if (value === 'Object' || value === 'Metadata' || value === 'None') return value
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: ` +
      "must be 'Metadata', 'Object', 'None', or empty",
  )
}

function rowOf(
  { view }: ShownResource,
  columns: readonly PrinterColumn<KubeObject>[],
  stored: StoredObject,
  include: IncludeObject,
  context: TableContext,
): unknown {
  return rowOfObject(columns, view.value(stored) as KubeObject, include, context)
}

function rowOfObject(
  columns: readonly PrinterColumn<KubeObject>[],
  object: KubeObject,
  include: IncludeObject,
  { now, version }: TableContext,
): unknown {
  const cells = columns.map((column) => cellOf(column, object, now))
  if (include === 'None') return { cells, object: null }
  if (include === 'Object') return { cells, object }
  const { metadata } = object
  return {
    cells,
    object: { ...partialMetadataNames(version), metadata },
  }
}

function cellOf(column: PrinterColumn<KubeObject>, object: KubeObject, now: number): unknown {
  const value = column.of(object, { now })
  if (column.isExact === true) return value ?? null
  if (column.type !== 'date') return value ?? ''
  if (typeof value !== 'string' || value === '') return '<unknown>'
  return column === CREATED ? value : formatHumanDuration(now - Date.parse(value))
}
