import type { KubeObject } from '../../machinery/kind.ts'
import type { ObjectMeta } from '../../machinery/object-meta.ts'
import { internalError } from '../../machinery/status-error.ts'
import type { AdmissionAttributes } from '../admission/admission.ts'
import { attributesOf } from '../authorization/authorizer.ts'
import { forbidden } from '../authorization/forbidden.ts'
import type { Preparation } from '../registry/registry-hooks.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import { prepareForCreate, withMetadata, withSystemFields } from '../registry/strategy.ts'
import type { ServerRequest } from '../request.ts'
import { checkFields } from './check-fields.ts'
import { checkNew } from './validate.ts'
import type { WriteContext } from './write-context.ts'

/** What a PUT (or an apply) of an object that does not exist stores. */
export async function prepareCreateOnUpdate(
  request: ServerRequest,
  resource: ServedResource,
  context: WriteContext,
  object: KubeObject,
  attributes: Omit<AdmissionAttributes, 'object' | 'oldObject'>,
): Promise<Preparation> {
  const { kind } = resource.store
  const now = context.clock.now()
  const filled = withMarks(withSystemFields(object, now, context.random), object.metadata)
  const prepared = prepareForCreate(kind, filled, { now, user: attributes.user })
  // Nothing is allotted to what comes to be by a write to its status, as upstream's store for it.
  const hooks = request.info.subresource === '' ? context.hooksOf(resource) : undefined
  const preparation = await hooks?.beforeCreate?.(prepared, attributes.isDryRun)
  const complete = preparation?.object ?? prepared
  const created = { operation: 'CREATE', object: complete, oldObject: undefined } as const
  const judged = { ...attributes, ...created }
  try {
    const refusal = checkFields(context, judged, (first) =>
      checkNew(kind, complete, resource.kind, first),
    )
    if (refusal !== undefined) await refusal
    for (const warning of kind.warningsOnCreate?.(complete) ?? []) request.addWarning(warning)
    await checkMayCreate(request, context)
    await context.admission.validate(judged)
  } catch (error) {
    await preparation?.finish(false)
    throw error
  }
  return { object: complete, finish: async (isDone) => preparation?.finish(isDone) }
}

/** Whoever creates by a POST loses marks of a deletion, others keep them (as upstream). */
function withMarks(
  object: KubeObject,
  { deletionTimestamp, deletionGracePeriodSeconds }: ObjectMeta,
): KubeObject {
  if (deletionTimestamp === undefined && deletionGracePeriodSeconds === undefined) return object
  return withMetadata(object, {
    ...object.metadata,
    deletionTimestamp,
    deletionGracePeriodSeconds,
  })
}

/**
 * The right to replace or to apply is none to create: whoever makes an object by such a request
 * needs both. It is asked where upstream asks, after validation.
 */
async function checkMayCreate(request: ServerRequest, { authorizer }: WriteContext): Promise<void> {
  if (authorizer === undefined || request.user === undefined) {
    throw internalError('no authorizer provided, unable to authorize a create on update')
  }
  const wanted = { ...attributesOf(request, request.user), verb: 'create' }
  const { verdict, reason, error } = await authorizer.authorize(wanted)
  if (verdict === 'Allow') return
  if (error !== undefined) throw internalError(error)
  throw forbidden(wanted, reason)
}
