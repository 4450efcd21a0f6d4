import { forbiddenError, type StatusError } from '../../../machinery/status-error.ts'
import type { AdmissionAttributes } from '../../admission/admission.ts'

/** The 403 of an admission plugin. */
export function refuse(
  { kind, request, name }: Pick<AdmissionAttributes, 'kind' | 'request' | 'name'>,
  why: string,
): StatusError {
  const { group, resource } = request.info
  const plural = resource === '' ? kind.plural : resource
  return forbiddenError({ group, plural }, name, why)
}
