import type { Kind, KubeObject, PrinterColumn } from '../../machinery/kind.ts'

const NAME: PrinterColumn<KubeObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  of: ({ metadata }) => metadata.name,
}
/** When the object was made: the second column of kinds that name none. */
export const CREATED: PrinterColumn<KubeObject> = {
  name: 'Created At',
  type: 'date',
  of: ({ metadata }) => metadata.creationTimestamp,
}

/** A kind's columns, the name first where it has no other place; without any: its creation. */
export function columnsOf(kind: Pick<Kind, 'columns'>): readonly PrinterColumn<KubeObject>[] {
  const own = kind.columns as readonly PrinterColumn<KubeObject>[] | undefined
  if (own === undefined) return [NAME, CREATED]
  return own.some(({ name }) => name === NAME.name) ? own : [NAME, ...own]
}

/** A column as `columnDefinitions` of a Table names it. */
export function definitionOf(column: PrinterColumn<KubeObject>) {
  const { name, type, format, description, wide, isExact, priority } = column
  return {
    name,
    type: type === 'date' && isExact !== true && column !== CREATED ? 'string' : type,
    format: format ?? '',
    description: description ?? '',
    priority: priority ?? (wide === true ? 1 : 0),
  }
}
