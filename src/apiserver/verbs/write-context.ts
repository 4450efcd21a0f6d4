import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { badRequest } from '../../machinery/status-error.ts'
import type { AdmissionAttributes, AdmissionChain, Operation } from '../admission/admission.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import type { RegistryHooks } from '../registry/registry-hooks.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import type { ServerRequest } from '../request.ts'

/** What every verb that writes needs. */
export interface WriteContext {
  readonly clock: Clock
  readonly random: Random
  readonly admission: AdmissionChain
  /** For what needs a right beside that to the request itself; refused when absent. */
  readonly authorizer?: Authorizer | undefined
  /** What a resource does beside storing, such as allocating addresses. */
  hooksOf(resource: ServedResource): RegistryHooks | undefined
}

/** An anonymous caller has been given a name by authentication: nobody writes without one. */
export function attributesOf(
  request: ServerRequest,
  { store }: ServedResource,
  operation: Operation,
  isDryRun: boolean,
): Omit<AdmissionAttributes, 'object' | 'oldObject'> {
  const { user, info } = request
  if (user === undefined) throw new Error('a write reached its verb without authentication')
  return {
    operation,
    kind: store.kind,
    subresource: info.subresource,
    namespace: store.isNamespaced ? info.namespace : '',
    name: info.name,
    isDryRun,
    user,
    request,
  }
}

/**
 * The namespace of the request fills in the object's; two that differ are a mistake. At cluster
 * scope there is none.
 */
export function withRequestNamespace(
  object: KubeObject,
  request: ServerRequest,
  { store }: ServedResource,
): KubeObject {
  const { namespace: given, ...metadata } = object.metadata
  const namespace = store.isNamespaced ? request.info.namespace : ''
  if (given === namespace) return object
  if (given !== undefined && given !== '' && namespace !== '') {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    )
  }
  const placed = namespace === '' ? metadata : { ...metadata, namespace }
  return { ...object, metadata: placed }
}
