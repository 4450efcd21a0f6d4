import type { Kind } from '../../machinery/kind.ts'
import { conflict, type StatusError } from '../../machinery/status-error.ts'
import type { ObjectStore } from '../registry/object-store.ts'

/** What a request wants an object to be, and what it is. */
export interface Precondition {
  readonly what: 'UID' | 'ResourceVersion'
  readonly wanted: string
  readonly actual: string
}

/** Why an object is not the one that is wanted, in upstream's words. */
export function preconditionText({ what, wanted, actual }: Precondition): string {
  return `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${actual}`
}

/** 409 with all that upstream's store says of it; the store of a dry run knows no prefix. */
export function failedPrecondition(
  store: ObjectStore,
  kind: Kind,
  { namespace = '', name }: { readonly namespace?: string | undefined; readonly name: string },
  isDryRun: boolean,
  precondition: Precondition,
): StatusError {
  const key = store.keyOf(namespace, name)
  const where = `Key: ${isDryRun ? key.replace('/registry', '') : key}, ResourceVersion: 0`
  const error = `StorageError: invalid object, Code: 4, ${where}`
  return conflict(kind, name, `${error}, AdditionalErrorMsg: ${preconditionText(precondition)}`)
}
