import { forbiddenError, StatusError } from '../../machinery/status-error.ts'
import type { Attributes } from './authorizer.ts'

/** The 403 for what no authorizer allows, in upstream's words. */
export function forbidden(attributes: Attributes, reason: string): StatusError {
  const refusal = escapeMarkup(describeRefusal(attributes))
  const why = reason === '' ? refusal : `${refusal}: ${reason}`
  const { group, resource, name } = attributes
  if (resource === '') return new StatusError('Forbidden', `forbidden: ${why}`, { details: {} })
  return forbiddenError({ group, plural: resource }, name, why)
}

function describeRefusal(attributes: Attributes): string {
  const { user, verb, path, group, resource, subresource, namespace } = attributes
  const subject = `User ${quote(user.name)} cannot ${verb}`
  if (!attributes.isResourceRequest) return `${subject} path ${quote(path)}`
  const what = subresource === '' ? resource : `${resource}/${subresource}`
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${quote(namespace)}`
  return `${subject} resource ${quote(what)} in API group ${quote(group)} ${where}`
}

function quote(text: string): string {
  return JSON.stringify(text)
}

/** Paths and names come from the client, and a browser might take them for HTML. */
export function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
