import { Scale } from '../../kinds/autoscaling/v1/scale.ts'
import { FieldPath, invalid } from '../../machinery/field-error.ts'
import type { Kind, KubeObject, ScaleAccess } from '../../machinery/kind.ts'
import { badRequest, conflict, invalidObject, notFound } from '../../machinery/status-error.ts'
import type { Outcome } from '../registry/object-store.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import type { ServerRequest } from '../request.ts'
import { noSuchPath, notAllowed, type SubresourceHandler } from '../verbs/dispatch.ts'
import { decodePatched, readPatchOf } from '../verbs/patch.ts'
import { readObject } from '../verbs/read-object.ts'
import { respondWithObject } from '../verbs/respond.ts'
import { admitAndUpdate } from '../verbs/update.ts'
import type { WriteContext } from '../verbs/write-context.ts'
import { readWriteOptions } from '../verbs/write-options.ts'

const SCALE = Scale as unknown as Kind

/** `scale` of every kind that has replicas: how many there are and shall be. */
export const scale: SubresourceHandler = async (request, resource, context) => {
  const access = resource.store.kind.scale as ScaleAccess<KubeObject> | undefined
  if (access === undefined) throw noSuchPath()
  const { verb, namespace, name } = request.info
  if (verb === 'get') {
    const { object } = await resource.store.get(namespace, name)
    return respondWithObject(scaleOf(object, access))
  }
  if (verb !== 'update' && verb !== 'patch') throw notAllowed()
  const change = verb === 'update' ? await readUpdate(request) : await readPatchedScale(request)
  const { stored } = await writeScale(request, resource, context, access, change)
  return respondWithObject(scaleOf(stored.object, access))
}

type ScaleChange = (current: Scale) => Scale

async function readUpdate(request: ServerRequest): Promise<ScaleChange> {
  const { fieldValidation } = readWriteOptions(request, 'UpdateOptions')
  const given = (await readObject(request, SCALE, fieldValidation)) as Scale
  const { name = '' } = given.metadata
  if (name !== request.info.name) {
    const inUrl = request.info.name
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${inUrl})`,
    )
  }
  return () => given
}

async function readPatchedScale(request: ServerRequest): Promise<ScaleChange> {
  const options = readWriteOptions(request, 'PatchOptions')
  const apply = await readPatchOf(request, SCALE, options)
  return (current) => decodePatched(request, SCALE, apply(current), options) as Scale
}

function writeScale(
  request: ServerRequest,
  resource: ServedResource,
  context: WriteContext,
  access: ScaleAccess<KubeObject>,
  change: ScaleChange,
): Promise<Outcome> {
  const isDryRun = request.query.getAll('dryRun').includes('All')
  const { kind } = resource.store
  const updated = (current: KubeObject | undefined): KubeObject => {
    if (current === undefined) throw notFound(resource.kind, request.info.name)
    const wanted = change(scaleOf(current, access))
    checkScale(wanted)
    const { resourceVersion = '' } = wanted.metadata
    if (resourceVersion !== '' && resourceVersion !== current.metadata.resourceVersion) {
      const why =
        'the object has been modified; please apply your changes to the latest version and try again'
      throw conflict(kind, current.metadata.name, why)
    }
    return access.withReplicas(current, wanted.spec.replicas)
  }
  return admitAndUpdate(request, resource, context, { updated, isDryRun })
}

function checkScale({ metadata, spec }: Scale): void {
  if (spec.replicas >= 0) return
  const path = FieldPath.root.child('spec', 'replicas')
  const error = invalid(path, spec.replicas, 'must be greater than or equal to 0')
  throw invalidObject(Scale, metadata.name, [error])
}

function scaleOf(object: KubeObject, access: ScaleAccess<KubeObject>): Scale {
  const { name, namespace = '', uid, resourceVersion, creationTimestamp } = object.metadata
  const selector = access.selector(object)
  return {
    kind: 'Scale',
    apiVersion: Scale.apiVersion,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: access.replicas(object) },
    status: {
      replicas: access.statusReplicas(object),
      ...(selector !== '' && { selector }),
    },
  }
}
