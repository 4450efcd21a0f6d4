import { randomSuffix } from '../../base/random.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { isReason, StatusError } from '../../machinery/status-error.ts'
import { UnknownOutcomeError } from '../../storage/storage.ts'
import type { AdmissionAttributes } from '../admission/admission.ts'
import { checkAdmitted, withFieldsTracked, withManagedFields } from '../apply/managed-fields.ts'
import type { ServedResource, ShownResource } from '../registry/served-resource.ts'
import { isTooLarge } from '../registry/storage-failure.ts'
import type { StoredObject } from '../registry/stored-object.ts'
import { prepareForCreate, withMetadata, withSystemFields } from '../registry/strategy.ts'
import { viewOf } from '../registry/view.ts'
import type { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import { checkFields } from './check-fields.ts'
import { withDistinctOwners } from './owner-references.ts'
import { isLargeWrite, nextTurn } from './pause-for-large.ts'
import { readObject } from './read-object.ts'
import { respondWith } from './respond.ts'
import { checkNew } from './validate.ts'
import { attributesOf, type WriteContext, withRequestNamespace } from './write-context.ts'
import { readWriteOptions } from './write-options.ts'

/** How often a generated name is tried before the client is told that none was free. */
const MOST_GENERATED_NAMES = 8
/** A generated name leaves room for its suffix. */
const LONGEST_GENERATED_BASE = 58

/** POST to a collection. */
export async function create(
  request: ServerRequest,
  resource: ServedResource,
  context: WriteContext,
): Promise<ServerResponse> {
  const { isDryRun, fieldValidation } = readWriteOptions(request, 'CreateOptions')
  const given = await readObject(request, resource.kind, fieldValidation)
  const placed = resource.toStored(withRequestNamespace(given, request, resource))
  const distinct = withDistinctOwners(withoutDeletion(placed), request, false)
  const now = context.clock.now()
  const isLarge = isLargeWrite(request)
  if (isLarge) await nextTurn()
  request.trace?.event('About to store object in database')
  const object = await withFieldsTracked(request, resource, undefined, distinct, now)
  if (isLarge) await nextTurn()
  const stored = await admitAndCreate(request, resource, context, object, isDryRun)
  request.trace?.event('Write to database call succeeded')
  const shown = isDryRun ? withVersionOf(object, resource) : resource
  return respondWith(request, shown, stored, 201, { now: context.clock.now() })
}

/** What is not stored has no version: upstream leaves the one that was sent, whatever it is. */
function withVersionOf({ metadata }: KubeObject, resource: ServedResource): ShownResource {
  const { resourceVersion = '' } = metadata
  if (resourceVersion === '') return resource
  const { kind, isStoredVersion, view } = resource
  const value = (stored: StoredObject) => {
    const object = view.value(stored) as KubeObject
    return withMetadata(object, { ...object.metadata, resourceVersion })
  }
  return { kind, isStoredVersion, view: viewOf(`${view.id} not stored`, value) }
}

/** Nobody creates what is being deleted, and so nobody owns that. */
function withoutDeletion(object: KubeObject): KubeObject {
  const { deletionTimestamp, deletionGracePeriodSeconds, ...metadata } = object.metadata
  const isNew = deletionTimestamp === undefined && deletionGracePeriodSeconds === undefined
  return isNew ? object : withMetadata(object, metadata)
}

/** What follows the decoding of a new object: admission, names, validation, storing. */
async function admitAndCreate(
  request: ServerRequest,
  resource: ServedResource,
  context: WriteContext,
  object: KubeObject,
  isDryRun: boolean,
): Promise<StoredObject> {
  const { name } = object.metadata
  const attributes = {
    ...attributesOf(request, resource, 'CREATE', isDryRun),
    name: name ?? '',
    oldObject: undefined,
  }
  const mutated = (await context.admission.mutate({ ...attributes, object })) ?? object
  const checked = checkAdmitted(request, mutated, object)
  const admitted = withDistinctOwners(checked, request, true)
  const { generateName = '' } = admitted.metadata
  const isGenerated = generateName !== '' && (admitted.metadata.name ?? '') === ''
  for (let attempt = 1; ; attempt++) {
    const named = isGenerated ? withGeneratedName(admitted, generateName, context) : admitted
    try {
      return await createNamed(resource, context, named, attributes)
    } catch (error) {
      if (!isGenerated || !isReason(error, 'AlreadyExists')) throw error
      if (attempt === MOST_GENERATED_NAMES) throw noNameFree(error as StatusError)
    }
  }
}

async function createNamed(
  resource: ServedResource,
  context: WriteContext,
  object: KubeObject,
  attributes: Omit<AdmissionAttributes, 'object'>,
): Promise<StoredObject> {
  const { store } = resource
  const { kind } = store
  const now = context.clock.now()
  const filled = withSystemFields(object, now, context.random)
  const hooks = context.hooksOf(resource)
  let prepared = prepareForCreate(kind, filled, { now, user: attributes.user })
  const preparation = await hooks?.beforeCreate?.(prepared, attributes.isDryRun)
  prepared = preparation?.object ?? prepared
  let isDone: boolean | undefined = false
  try {
    const isLarge = isLargeWrite(attributes.request)
    if (isLarge) await nextTurn()
    const judged = { ...attributes, name: prepared.metadata.name, object: prepared }
    const refusal = checkFields(context, judged, (first) =>
      checkNew(kind, prepared, resource.kind, first),
    )
    if (refusal !== undefined) await refusal
    for (const warning of kind.warningsOnCreate?.(prepared) ?? []) {
      attributes.request.addWarning(warning)
    }
    await context.admission.validate(judged)
    if (isLarge) await nextTurn()
    if (!attributes.isDryRun) checkUnversioned(object)
    let stored: StoredObject
    try {
      stored = await store.create(prepared, attributes.isDryRun, resource.kind)
    } catch (error) {
      if (!isTooLarge(error)) throw error
      stored = await store.create(withManagedFields(prepared, undefined), false, resource.kind)
    }
    isDone = !attributes.isDryRun
    return stored
  } catch (error) {
    if (error instanceof UnknownOutcomeError) isDone = undefined
    throw error
  } finally {
    if (preparation !== undefined) await preparation.finish(isDone)
  }
}

function withGeneratedName(object: KubeObject, base: string, { random }: WriteContext): KubeObject {
  const name = `${base.slice(0, LONGEST_GENERATED_BASE)}${randomSuffix(random)}`
  return withMetadata(object, { ...object.metadata, name })
}

function noNameFree({ message, details }: StatusError): StatusError {
  const why = `${message}, the server was not able to generate a unique name for the object`
  const retry = { ...details, retryAfterSeconds: 1 }
  return new StatusError('AlreadyExists', why, { details: retry })
}

/** As upstream's store, which a dry run does not reach: a version that is no number is none. */
function checkUnversioned({ metadata: { resourceVersion = '' } }: KubeObject): void {
  if (!/^\d+$/.test(resourceVersion) || Number(resourceVersion) === 0) return
  throw new StatusError('', 'resourceVersion should not be set on objects to be created')
}
