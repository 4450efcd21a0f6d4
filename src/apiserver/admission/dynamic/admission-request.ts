import type { UserInfo } from '../../request.ts'
import type { AdmissionTarget, GroupVersionKind } from './admission-target.ts'
import { operationOptions } from './operation-options.ts'
import type { GroupVersionResource } from './rule-matching.ts'

/** What was matched: the requested names, or equivalent ones of another version. */
export interface MatchedNames {
  readonly resource: GroupVersionResource
  readonly kind: GroupVersionKind
}

/**
 * `admission.k8s.io` AdmissionRequest without uid and objects, in upstream's order of fields: what
 * webhooks are sent, and what expressions see as `request`.
 */
export function admissionRequest(target: AdmissionTarget, matched: MatchedNames) {
  const { attributes, subresource, name, namespace, operation } = target
  const options = operationOptions(attributes)
  return {
    kind: groupVersionKind(matched.kind),
    resource: { ...matched.resource },
    ...(subresource !== '' && { subResource: subresource }),
    requestKind: groupVersionKind(target.kind),
    requestResource: { ...target.resource },
    ...(subresource !== '' && { requestSubResource: subresource }),
    ...(name !== '' && { name }),
    ...(namespace !== '' && { namespace }),
    operation,
    userInfo: shownUser(attributes.user),
    dryRun: attributes.isDryRun,
    options,
  }
}

/** Only the names: a kind knows far more. */
function groupVersionKind({ group, version, kind }: GroupVersionKind): GroupVersionKind {
  return { group, version, kind }
}

function shownUser({ name, uid = '', groups, extra = {} }: UserInfo) {
  return {
    username: name,
    ...(uid !== '' && { uid }),
    ...(groups.length > 0 && { groups }),
    ...(Object.keys(extra).length > 0 && { extra }),
  }
}
