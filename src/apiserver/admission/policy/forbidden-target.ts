import { forbiddenError, type StatusError } from '../../../machinery/status-error.ts'
import type { AdmissionTarget } from '../dynamic/admission-target.ts'

/** The 403 of admission: what is new and has no name yet goes by its generateName, or `Unknown`. */
export function forbiddenTarget(
  { resource, name, attributes }: AdmissionTarget,
  why: string,
): StatusError {
  const { group, resource: plural } = resource
  const { metadata } = attributes.object ?? {}
  const shown = name || metadata?.name || metadata?.generateName || 'Unknown'
  return forbiddenError({ group, plural }, shown, why)
}
