import { Scale } from '../../kinds/autoscaling/v1/scale.ts'
import { fromScaleManagers, toScaleManagers } from '../../machinery/apply/scale-managers.ts'
import { decodeObject } from '../../machinery/decode.ts'
import { FieldPath, invalid } from '../../machinery/field-error.ts'
import type { Kind, KubeObject, ScaleAccess } from '../../machinery/kind.ts'
import {
  conflict,
  invalidObject,
  notFound,
  type StatusError,
} from '../../machinery/status-error.ts'
import { withManagedFields } from '../apply/managed-fields.ts'
import { replicasPathsOf, scaleManager } from '../apply/scale-managers.ts'
import { writerOf } from '../apply/writer.ts'
import type { Outcome } from '../registry/object-store.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import type { ServerRequest } from '../request.ts'
import { applyOptions, isApply, readConfiguration } from '../verbs/apply.ts'
import type { SubresourceHandler } from '../verbs/dispatch.ts'
import { failedPrecondition, preconditionText } from '../verbs/failed-precondition.ts'
import { checkAcceptable } from '../verbs/negotiate.ts'
import { readObject } from '../verbs/read-object.ts'
import { readPatchOf } from '../verbs/read-patch.ts'
import { checkName } from '../verbs/request-name.ts'
import { respondWithValue } from '../verbs/respond.ts'
import { noSuchPath, notAllowed } from '../verbs/routes.ts'
import { admitAndUpdate, MODIFIED } from '../verbs/update.ts'
import { type WriteContext, withRequestNamespace } from '../verbs/write-context.ts'
import { readWriteOptions } from '../verbs/write-options.ts'
import { scaleOf } from './scale-view.ts'

const SCALE = Scale as unknown as Kind

/** `scale` of every kind that has replicas: how many there are and shall be. */
export const scale: SubresourceHandler = async (request, resource, context) => {
  const access = resource.store.kind.scale as ScaleAccess<KubeObject> | undefined
  if (access === undefined) throw noSuchPath()
  const { verb, namespace, name } = request.info
  // Of a custom resource even the scale has no protobuf form.
  checkAcceptable(request, resource.kind.custom === undefined ? SCALE : resource.kind)
  if (verb === 'get') {
    const { object } = await resource.store.get(namespace, name)
    access.checkShown?.(object)
    return respondWithValue(request, SCALE, scaleOf(object, access), { now: context.clock.now() })
  }
  if (verb !== 'update' && verb !== 'patch') throw notAllowed()
  const read = verb === 'update' ? readUpdate : isApply(request) ? readAppliedScale : readPatched
  const change = await read(request, context, resource)
  const { stored } = await writeScale(request, resource, context, access, change)
  const changed = scaleOf(stored.object, access)
  return respondWithValue(request, SCALE, changed, { now: context.clock.now() })
}

type ScaleChange = (current: Scale) => Scale

async function readUpdate(
  request: ServerRequest,
  context: WriteContext,
  resource: ServedResource,
): Promise<ScaleChange> {
  const { fieldValidation } = readWriteOptions(request, 'UpdateOptions')
  const given = (await readObject(request, SCALE, fieldValidation)) as Scale
  withRequestNamespace(given, request, resource)
  checkName(given, request.info.name)
  return (current) => tracked(request, context, current, given)
}

async function readPatched(request: ServerRequest, context: WriteContext): Promise<ScaleChange> {
  const options = readWriteOptions(request, 'PatchOptions')
  const patch = await readPatchOf(request, SCALE, options)
  return (current) => {
    const after = patch(current) as Scale
    checkName(after, request.info.name)
    return tracked(request, context, current, after)
  }
}

async function readAppliedScale(
  request: ServerRequest,
  context: WriteContext,
): Promise<ScaleChange> {
  const options = readWriteOptions(request, 'PatchOptions')
  const config = await readConfiguration(request, options)
  return (current) => {
    const applied = scaleManager.apply(current, config, applyOptions(options, context))
    const { value } = decodeObject(SCALE, applied.object)
    checkName(value, request.info.name)
    return withManagedFields(value, applied.managedFields) as Scale
  }
}

function tracked(
  request: ServerRequest,
  { clock }: WriteContext,
  current: Scale,
  given: Scale,
): Scale {
  const managed = scaleManager.afterUpdate(current, given, writerOf(request, clock.now()))
  return withManagedFields(given, managed) as Scale
}

function writeScale(
  request: ServerRequest,
  resource: ServedResource,
  context: WriteContext,
  access: ScaleAccess<KubeObject>,
  changeOf: ScaleChange,
): Promise<Outcome> {
  const isDryRun = request.query.getAll('dryRun').includes('All')
  const { kind } = resource.store
  const updated = (current: KubeObject | undefined): KubeObject => {
    if (current === undefined) throw notFound(resource.kind, request.info.name)
    const paths = replicasPathsOf(resource)
    const before = current.metadata.managedFields
    const scale = withManagedFields(scaleOf(current, access), toScaleManagers(before, paths))
    const wanted = changeOf(scale as Scale)
    const scaled = access.withReplicas(current, wanted.spec.replicas ?? 0)
    // Custom resources have a rule of their own for what their scale says.
    if (kind.custom === undefined) checkScale(wanted)
    const { resourceVersion = '', uid = '' } = wanted.metadata
    if (uid !== '' && uid !== current.metadata.uid) {
      throw wrongUid(request, resource, current, { uid, isDryRun })
    }
    if (resourceVersion !== '' && resourceVersion !== current.metadata.resourceVersion) {
      throw conflict(kind, current.metadata.name, MODIFIED)
    }
    const { managedFields } = wanted.metadata
    const { apiVersion } = resource.kind
    return withManagedFields(scaled, fromScaleManagers(managedFields, before, paths, apiVersion))
  }
  const change = { updated, hasManagedFields: true, isDryRun }
  return admitAndUpdate(request, resource, context, change)
}

/** The store refuses what replaces another object; a patch is refused before it gets there. */
function wrongUid(
  { method }: ServerRequest,
  { store }: ServedResource,
  { metadata }: KubeObject,
  { uid, isDryRun }: { readonly uid: string; readonly isDryRun: boolean },
): StatusError {
  const precondition = { what: 'UID', wanted: uid, actual: metadata.uid } as const
  const { group, plural } = store.kind
  if (method === 'PUT') {
    return failedPrecondition(store, store.kind, metadata, isDryRun, precondition)
  }
  const scale = { group, plural: `${plural}/scale` }
  return conflict(scale, metadata.name, preconditionText(precondition))
}

function checkScale({ metadata, spec }: Scale): void {
  const { replicas = 0 } = spec
  if (replicas >= 0) return
  const path = FieldPath.root.child('spec', 'replicas')
  const error = invalid(path, replicas, 'must be greater than or equal to 0')
  throw invalidObject(Scale, metadata.name, [error])
}
