import type { Activation } from '../../../cel/compile.ts'
import type { Namespace } from '../../../kinds/core/v1/namespace.ts'
import { admissionRequest, type MatchedNames } from '../dynamic/admission-request.ts'
import type { AdmissionTarget } from '../dynamic/admission-target.ts'
import type { VersionedObjects } from '../dynamic/object-view.ts'
import type { Authorization } from './authorization.ts'

/** What expressions about one write see. */
export interface EvaluationInput {
  readonly target: AdmissionTarget
  readonly matched: MatchedNames
  readonly objects: VersionedObjects
  readonly authorization: Authorization
  /** null where there are none. */
  readonly params?: unknown
  /** Of what has one. */
  readonly namespace?: Namespace | undefined
}

/** The variables of expressions, but for composed ones and the authorizer. */
export function admissionValues(input: EvaluationInput): Activation {
  const { target, matched, objects, params, namespace } = input
  return {
    object: objects.object ?? null,
    oldObject: objects.oldObject ?? null,
    params: params ?? null,
    request: admissionRequest(target, matched),
    namespaceObject: namespace === undefined ? null : shownNamespace(namespace),
  }
}

/** Without who owns it and who has written it. */
function shownNamespace({ metadata, spec, status }: Namespace): object {
  const { managedFields: _, ownerReferences: __, ...shown } = metadata
  return { metadata: shown, spec, status }
}
