import type { Kind, StoredAs } from './kind.ts'

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
