import type { Kind, KubeObject, PrinterColumn, StoredAs } from './kind.ts'

/**
 * For a version that has the same fields as the stored one: only `apiVersion` changes. `kind` is
 * the stored one, `servedApiVersion` what the client asked for.
 */
export function storedUnderVersion(kind: () => Kind, servedApiVersion: string): StoredAs {
  return {
    kind,
    toStored: (object) => ({ ...object, apiVersion: kind().apiVersion }),
    fromStored: (object) => ({ ...object, apiVersion: servedApiVersion }),
  }
}

/** The columns of the stored kind for a version that has other fields: each object is converted. */
export function columnsOfStored<T extends KubeObject>(
  { toStored }: StoredAs,
  columns: readonly PrinterColumn<T>[],
): readonly PrinterColumn<KubeObject>[] {
  return columns.map((column) => ({
    ...column,
    of: (object, context) => column.of(toStored(object) as T, context),
  }))
}
