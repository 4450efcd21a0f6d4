import type { KubeObject } from '../../machinery/kind.ts'
import type { OwnerReference } from '../../machinery/object-meta.ts'
import { withMetadata } from '../registry/strategy.ts'
import type { ServerRequest } from '../request.ts'

/** The object with each owner named once; the client is warned of what it has named again. */
export function withDistinctOwners(
  object: KubeObject,
  request: ServerRequest,
  isAdmitted: boolean,
): KubeObject {
  const { ownerReferences = [] } = object.metadata
  if (ownerReferences.length < 2) return object
  const distinct: OwnerReference[] = []
  const repeated: string[] = []
  const known = new Set<string>()
  for (const reference of ownerReferences) {
    const { apiVersion, kind, name, uid, controller, blockOwnerDeletion } = reference
    known.add(JSON.stringify([apiVersion, kind, name, uid, controller, blockOwnerDeletion]))
    if (known.size > distinct.length) distinct.push(reference)
    else repeated.push(uid)
  }
  if (repeated.length === 0) return object
  const when = isAdmitted ? ' after mutating admission happens' : ''
  request.addWarning(
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner ` +
      'references in 1.20+, and may reject such requests as early as 1.24; please fix your ' +
      `requests; duplicate UID(s) observed: ${repeated.join(', ')}`,
  )
  return withMetadata(object, { ...object.metadata, ownerReferences: distinct })
}
