import { qualifiedNameErrors } from '../../../machinery/names.ts'
import type { ServerRequest } from '../../request.ts'

/** From which level of the audit policy on a fact is logged. */
export type AnnotationLevel = 'Metadata' | 'Request'

/**
 * Adds a fact for the audit log under a key `DNS-SUBDOMAIN/NAME`. What breaks that form, or would
 * say something else than what was said before, is left out, as upstream does.
 */
export function addAuditAnnotation(
  request: ServerRequest,
  key: string,
  value: string,
  level: AnnotationLevel = 'Metadata',
): void {
  if (key.split('/').length !== 2 || qualifiedNameErrors(key).length > 0) return
  if (level === 'Request') request.bodyAuditAnnotations ??= new Map()
  const annotations = level === 'Request' ? request.bodyAuditAnnotations : request.auditAnnotations
  if (annotations?.has(key) === false) annotations.set(key, value)
}

/** A value in JSON as Go writes it, which escapes what HTML could misread. */
export function annotationJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
