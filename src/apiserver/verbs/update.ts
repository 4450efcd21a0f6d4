import { type FieldError, FieldPath, invalid } from '../../machinery/field-error.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import { conflict, invalidObject, notFound, StatusError } from '../../machinery/status-error.ts'
import { UnknownOutcomeError } from '../../storage/storage.ts'
import {
  checkAdmitted,
  withFieldsTracked,
  withManagedFields,
  withoutNewTimes,
} from '../apply/managed-fields.ts'
import type { Outcome, Change as StoreChange } from '../registry/object-store.ts'
import type { Preparation } from '../registry/registry-hooks.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import { isTooLarge } from '../registry/storage-failure.ts'
import type { StoredObject } from '../registry/stored-object.ts'
import { prepareForStatusUpdate, prepareForUpdate } from '../registry/strategy.ts'
import type { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import { checkFields } from './check-fields.ts'
import { prepareCreateOnUpdate } from './create-on-update.ts'
import { failedPrecondition } from './failed-precondition.ts'
import { withDistinctOwners } from './owner-references.ts'
import { isLargeWrite, nextTurn } from './pause-for-large.ts'
import { readObject } from './read-object.ts'
import { checkName } from './request-name.ts'
import { respondWith } from './respond.ts'
import { checkStatusUpdate, checkUpdate } from './validate.ts'
import { attributesOf, type WriteContext, withRequestNamespace } from './write-context.ts'
import { readWriteOptions } from './write-options.ts'

/** What a writer with an old version is told. */
export const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again'

/** Gives the new state of an object from its present one; asked again after a lost race. */
export type Updated = (current: KubeObject | undefined) => KubeObject | Promise<KubeObject>

/** How a subresource changes its object; the main resource and `status` need none. */
export interface UpdateRules {
  prepare(kind: Kind, given: KubeObject, old: KubeObject): KubeObject
  /** What is known beforehand comes `first`, where the rules are about a status. */
  check(kind: Kind, object: KubeObject, old: KubeObject, first?: readonly FieldError[]): void
  /** True for what may be created by a PUT or an apply. */
  readonly allowsCreate: boolean
}

/** PUT of an object, of its `status`, or by the rules of another subresource. */
export async function update(
  request: ServerRequest,
  resource: ServedResource,
  context: WriteContext,
  rules?: UpdateRules,
): Promise<ServerResponse> {
  const { isDryRun, fieldValidation } = readWriteOptions(request, 'UpdateOptions')
  const given = await readObject(request, resource.kind, fieldValidation)
  const here = withRequestNamespace(given, request, resource)
  checkName(given, request.info.name)
  const placed = resource.toStored(here)
  const object = withDistinctOwners(placed, request, false)
  request.trace?.event('About to store object in database')
  const outcome = await admitAndUpdate(
    request,
    resource,
    context,
    { updated: () => object, isDryRun },
    rules,
  )
  request.trace?.event('Write to database call succeeded')
  const code = outcome.type === 'created' ? 201 : 200
  return respondWith(request, resource, outcome.stored, code, { now: context.clock.now() })
}

/** What a request wants of one object. */
export interface Change {
  readonly updated: Updated
  /** An apply may create. */
  readonly isApply?: boolean
  /** `updated` says who owns the fields: it is known before the object is. */
  readonly hasManagedFields?: boolean
  readonly isDryRun: boolean
}

/** What follows once it is known how to get from an object's present state to the new one. */
export async function admitAndUpdate(
  request: ServerRequest,
  resource: ServedResource,
  context: WriteContext,
  { updated, isApply = false, hasManagedFields = isApply, isDryRun }: Change,
  rules: UpdateRules = rulesFor(request, resource, context),
): Promise<Outcome> {
  const { store } = resource
  const { name, namespace } = request.info
  const attributes = attributesOf(request, resource, 'UPDATE', isDryRun)
  const hooks = context.hooksOf(resource)
  let finish: Preparation['finish'] | undefined
  const settle = async (isDone: boolean | undefined) => {
    const done = finish
    finish = undefined
    await done?.(isDone)
  }

  const decide = async (current: StoredObject | undefined): Promise<StoreChange> => {
    if (finish !== undefined) await settle(false)
    const old = current?.object
    const mayCreate = rules.allowsCreate || (isApply && request.info.subresource === '')
    if (old === undefined && !mayCreate) throw notFound(resource.kind, name)
    const isLarge = isLargeWrite(request, current)
    const wanted = await updated(old)
    if (isLarge) await nextTurn()
    const given = hasManagedFields
      ? wanted
      : await withFieldsTracked(request, resource, old, wanted, context.clock.now())
    if (isLarge) await nextTurn()
    const mutated = await context.admission.mutate({
      ...attributes,
      operation: old === undefined ? 'CREATE' : 'UPDATE',
      object: given,
      oldObject: old,
    })
    const checked = mutated === undefined ? given : checkAdmitted(request, mutated, given)
    const object = withDistinctOwners(checked, request, true)
    if (old === undefined) {
      if (!isApply) checkUid(resource, object, '', isDryRun)
      checkIsVersion(object.metadata.resourceVersion ?? '')
      const prepared = await prepareCreateOnUpdate(request, resource, context, object, attributes)
      finish = prepared.finish
      return { type: 'put', object: prepared.object }
    }
    if (request.method === 'PUT') checkUid(resource, object, old.metadata.uid, isDryRun)
    checkVersion(resource, object, old)
    let prepared = rules.prepare(store.kind, object, old)
    const preparation = await hooks?.beforeUpdate?.(prepared, old, isDryRun)
    finish = preparation?.finish
    prepared = preparation?.object ?? prepared
    if (isLarge) await nextTurn()
    const judged = { ...attributes, object: prepared, oldObject: old }
    const refusal = checkFields(context, judged, (first) =>
      rules.check(store.kind, prepared, old, first),
    )
    if (refusal !== undefined) await refusal
    if (isLarge) await nextTurn()
    for (const warning of warningsOf(request, store.kind, prepared, old)) {
      request.addWarning(warning)
    }
    await context.admission.validate(judged)
    if (isEmptied(prepared, old)) return { type: 'delete', shown: prepared }
    return { type: 'put', object: withoutNewTimes(store.asStored(prepared, isDryRun), old) }
  }

  let isDone: boolean | undefined = false
  try {
    const namespaceOfKey = store.isNamespaced ? namespace : ''
    let outcome: Outcome
    try {
      outcome = await store.change(namespaceOfKey, name, decide, isDryRun)
    } catch (error) {
      if (isApply || !isTooLarge(error)) throw error
      const slim = async (current?: StoredObject) => withoutOwners(await decide(current))
      outcome = await store.change(namespaceOfKey, name, slim, isDryRun)
    }
    isDone = !isDryRun
    if (outcome.type === 'deleted' && isDone) await hooks?.afterDelete?.(outcome.stored.object)
    return outcome
  } catch (error) {
    if (error instanceof UnknownOutcomeError) isDone = undefined
    throw error
  } finally {
    if (finish !== undefined) await settle(isDone)
  }
}

function withoutOwners(change: StoreChange): StoreChange {
  if (change.type === 'delete') return change
  return { type: 'put', object: withManagedFields(change.object, undefined) }
}

const NO_WARNINGS: readonly string[] = []

/** Those who write a status hear of no more than the rules that were not kept before. */
function warningsOf(
  { info }: ServerRequest,
  kind: Kind,
  object: KubeObject,
  old: KubeObject,
): Iterable<string> {
  if (info.subresource === 'status') return kind.custom?.ratchetedWarnings(object) ?? NO_WARNINGS
  return kind.warningsOnUpdate?.(object, old) ?? NO_WARNINGS
}

function rulesFor(
  request: ServerRequest,
  { store, kind: version }: ServedResource,
  { clock }: WriteContext,
): UpdateRules {
  const isStatus = request.info.subresource === 'status'
  const prepare = isStatus ? prepareForStatusUpdate : prepareForUpdate
  return {
    prepare: (kind, given, old) => prepare(kind, given, old, { now: clock.now() }),
    check: isStatus
      ? checkStatusUpdate
      : (kind, object, old) => checkUpdate(kind, object, old, version),
    // Of its status, too: upstream's rules for a status embed those of the object.
    allowsCreate: store.kind.allowsCreateOnUpdate === true,
  }
}

function checkIsVersion(resourceVersion: string): void {
  if (resourceVersion === '' || /^[0-9]+$/.test(resourceVersion)) return
  const why = `strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`
  throw new StatusError('', why)
}

/** Optimistic concurrency: a writer that names a version must name the present one. */
function checkVersion({ kind, store }: ServedResource, object: KubeObject, old: KubeObject): void {
  const { resourceVersion = '', name } = object.metadata
  checkIsVersion(resourceVersion)
  if (resourceVersion === '' || resourceVersion === '0') {
    if (store.kind.allowsUnconditionalUpdate !== false) return
    const path = FieldPath.root.child('metadata', 'resourceVersion')
    const error = invalid(path, 0, 'must be specified for an update')
    throw invalidObject({ group: kind.group, kind: kind.plural }, name, [error])
  }
  if (resourceVersion !== old.metadata.resourceVersion) throw conflict(kind, name, MODIFIED)
}

/** Who replaces an object may say which one it was, should there be another of its name. */
function checkUid(
  { kind, store }: ServedResource,
  { metadata }: KubeObject,
  actual: string,
  isDryRun: boolean,
): void {
  const { uid: wanted = '' } = metadata
  if (wanted === '' || wanted === actual) return
  throw failedPrecondition(store, kind, metadata, isDryRun, { what: 'UID', wanted, actual })
}

/** An object whose deletion has begun goes with its last finalizer. */
function isEmptied({ metadata, ...rest }: KubeObject, { metadata: old }: KubeObject): boolean {
  if ((metadata.finalizers ?? []).length > 0 || old.deletionTimestamp === undefined) return false
  const { spec } = rest as { readonly spec?: { readonly finalizers?: readonly string[] } }
  const isNamespace = rest.kind === 'Namespace' && rest.apiVersion === 'v1'
  if (isNamespace && (spec?.finalizers ?? []).length > 0) return false
  return (old.deletionGracePeriodSeconds ?? 0) === 0
}
