import { Pod } from '../../kinds/core/v1/pod.ts'
import { forbiddenError, type StatusError } from '../../machinery/status-error.ts'
import type { AdmissionAttributes } from './admission.ts'

/** The pod of a write to the pods themselves; undefined for all other writes. */
export function podOf({ kind, subresource, object }: AdmissionAttributes): Pod | undefined {
  if (kind.group !== Pod.group || kind.plural !== Pod.plural || subresource !== '') return undefined
  return object as Pod | undefined
}

/** 403 in upstream's words: a new object is named by its `generateName` until it has a name. */
export function refuse({ kind, object, name }: AdmissionAttributes, why: string): StatusError {
  const { name: own = '', generateName = '' } = object?.metadata ?? {}
  return forbiddenError(kind, name || own || generateName || 'Unknown', why)
}
