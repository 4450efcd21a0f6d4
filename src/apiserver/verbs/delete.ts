import { DecodeError, decodeValue } from '../../machinery/decode.ts'
import { type FieldError, FieldPath, invalid, notSupported } from '../../machinery/field-error.ts'
import { isJsonObject } from '../../machinery/json-value.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import { DeleteOptions } from '../../machinery/meta-options.ts'
import {
  badRequest,
  forbiddenError,
  invalidObject,
  isReason,
  notFound,
} from '../../machinery/status-error.ts'
import type { Change, Outcome } from '../registry/object-store.ts'
import { planDelete } from '../registry/plan-delete.ts'
import { planNamespaceDelete } from '../registry/plan-namespace-delete.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import type { StoredObject } from '../registry/stored-object.ts'
import type { ServerRequest } from '../request.ts'
import { isTrue } from '../request-info.ts'
import type { ServerResponse } from '../response.ts'
import { readBodyNames } from './body-names.ts'
import {
  deleteUnreadable,
  refuseForCollection,
  validateIgnoreReadError,
} from './delete-unreadable.ts'
import { listPage, readListOptions } from './list.ts'
import { readQueryInteger } from './query-integer.ts'
import { readValue } from './read-object.ts'
import { readSelection } from './read-selection.ts'
import { respondWith, respondWithList, respondWithObject } from './respond.ts'
import { attributesOf, type WriteContext } from './write-context.ts'
import { checkDryRun } from './write-options.ts'

/** How many objects of a collection are deleted at the same time. */
const DELETIONS_AT_ONCE = 16

/** DELETE of one object. */
export async function deleteObject(
  request: ServerRequest,
  resource: ServedResource,
  context: WriteContext,
): Promise<ServerResponse> {
  const options = await readDeleteOptions(request)
  if (options.ignoreStoreReadErrorWithClusterBreakingPotential === true) {
    return deleteUnreadable(request, resource, context)
  }
  warnOfOrphans(request, resource, options)
  const { namespace, name } = request.info
  const refusal = resource.store.kind.refusesDeletion?.(name)
  if (refusal !== undefined) throw forbiddenError(resource.kind, name, refusal)
  const key = { namespace: resource.store.isNamespaced ? namespace : '', name }
  request.trace?.event('About to delete object from database')
  const { type, stored } = await deleteOne(request, resource, context, key, options)
  request.trace?.event('Object deleted from database')
  const isGone = type === 'deleted'
  // Upstream says so to those alone who ask in the old way.
  const code = !isGone && options.orphanDependents === false ? 202 : 200
  const { kind } = resource.store
  if (isGone && !returnsDeleted(kind)) {
    return respondWithObject(successStatus(resource, stored.object))
  }
  return respondWith(request, resource, stored, code, { now: context.clock.now() })
}

/** DELETE of a collection: the answer lists what was selected. */
export async function deleteCollection(
  request: ServerRequest,
  resource: ServedResource,
  context: WriteContext,
): Promise<ServerResponse> {
  // What is wrong with the selection is told before what is wrong with the options.
  readListOptions(request)
  readSelection(request, resource)
  const options = await readDeleteOptions(request)
  refuseForCollection(options)
  warnOfOrphans(request, resource, options)
  const { items, info } = await listPage(request, resource, true)
  const left = items.values()
  const work = async (): Promise<void> => {
    for (const { object } of left) {
      const { namespace = '', name } = object.metadata
      try {
        await deleteOne(request, resource, context, { namespace, name }, options)
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error // Somebody else was faster.
      }
    }
  }
  // Several at a time, since a store on disk commits them together. A failure is told at the end.
  const outcomes = await Promise.allSettled(Array.from({ length: DELETIONS_AT_ONCE }, work))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  return respondWithList(request, resource, items, info, { now: context.clock.now() })
}

/** Jobs leave their pods behind, which few expect. */
function warnOfOrphans(
  request: ServerRequest,
  { kind }: ServedResource,
  { orphanDependents, propagationPolicy }: DeleteOptions,
): void {
  if (kind.plural !== 'jobs' || kind.group !== 'batch') return
  if (orphanDependents !== undefined || propagationPolicy !== undefined) return
  request.addWarning(
    'child pods are preserved by default when jobs are deleted; set ' +
      'propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress ' +
      'this warning',
  )
}

/** Deletes one object, or marks it for those who must finish first. */
export async function deleteOne(
  request: ServerRequest,
  resource: ServedResource,
  context: WriteContext,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  options: DeleteOptions,
): Promise<Outcome> {
  const { store } = resource
  const isDryRun = options.dryRun?.includes('All') ?? false
  const attributes = {
    ...attributesOf(request, resource, 'DELETE', isDryRun),
    namespace,
    name,
    object: undefined,
    options,
  }
  const decide = async (current: StoredObject | undefined): Promise<Change> => {
    if (current === undefined) throw notFound(resource.kind, name)
    const { object } = current
    await context.admission.mutate({ ...attributes, oldObject: object })
    await context.admission.validate({ ...attributes, oldObject: object })
    const { kind } = store
    const planFor = isNamespace(kind) ? planNamespaceDelete : planDelete
    const plan = planFor(kind, object, options, context.clock.now())
    if (plan.type === 'delete') return plan
    return { type: 'put', object: plan.type === 'mark' ? plan.object : object }
  }
  const outcome = await store.change(namespace, name, decide, isDryRun)
  if (outcome.type === 'deleted' && !isDryRun) {
    const after = context.hooksOf(resource)?.afterDelete?.(outcome.stored.object)
    if (after !== undefined) await after
  }
  return outcome
}

/** Options stand in the body, or in the query of a request without one. */
async function readDeleteOptions(request: ServerRequest): Promise<DeleteOptions> {
  const value = await readValue(request, DeleteOptions.node)
  if (request.object === undefined && value !== undefined) checkOptionsKind(value)
  const { query } = request
  const options = isJsonObject(value) ? decodeOptions(value) : optionsOfQuery(query)
  checkDeleteOptions(options)
  return options
}

/** 422 with all that is wrong with the options of a deletion. */
export function checkDeleteOptions(options: DeleteOptions): void {
  const errors = [...optionErrors(options)]
  if (errors.length === 0) return
  throw invalidObject({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors)
}

function decodeOptions(value: object): DeleteOptions {
  try {
    return decodeValue(DeleteOptions.node, value).value as DeleteOptions
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw badRequest(error.message)
  }
}

/** Where upstream registers the options of requests, which its message names. */
const OPTIONS_SCHEME = 'k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27'

/** They may be of any version: clients have sent them with that of what they delete. */
function checkOptionsKind(value: unknown): void {
  const expected = { apiVersion: 'meta.k8s.io/v1', kind: 'DeleteOptions' }
  const { apiVersion, kind } = readBodyNames(expected, value, badRequest)
  if (kind === expected.kind) return
  const what = `no kind ${JSON.stringify(kind)} is registered for version`
  throw badRequest(
    `${what} ${JSON.stringify(apiVersion)} in scheme ${JSON.stringify(OPTIONS_SCHEME)}`,
  )
}

function optionsOfQuery(query: URLSearchParams): DeleteOptions {
  const grace = readQueryInteger(query, 'gracePeriodSeconds')
  const policy = query.get('propagationPolicy')
  const orphan = query.get('orphanDependents')
  const dryRun = query.getAll('dryRun')
  const ignore = query.get('ignoreStoreReadErrorWithClusterBreakingPotential')
  const uid = query.get('uid') ?? ''
  const resourceVersion = query.get('resourceVersion') ?? ''
  const hasPreconditions = uid !== '' || resourceVersion !== ''
  return {
    ...(grace !== undefined && { gracePeriodSeconds: grace }),
    ...(policy !== null && { propagationPolicy: policy }),
    ...(hasPreconditions && {
      preconditions: {
        ...(uid !== '' && { uid }),
        ...(resourceVersion !== '' && { resourceVersion }),
      },
    }),
    ...(orphan !== null && { orphanDependents: isTrue(orphan) }),
    ...(dryRun.length > 0 && { dryRun }),
    ...(ignore !== null &&
      isTrue(ignore) && { ignoreStoreReadErrorWithClusterBreakingPotential: true }),
  }
}

function* optionErrors(options: DeleteOptions): Iterable<FieldError> {
  const { orphanDependents, propagationPolicy, dryRun = [] } = options
  const path = FieldPath.root.child('propagationPolicy')
  if (orphanDependents !== undefined && propagationPolicy !== undefined) {
    const why = 'orphanDependents and deletionPropagation cannot be both set'
    yield invalid(path, propagationPolicy, why)
  }
  const known = ['Foreground', 'Background', 'Orphan']
  if (propagationPolicy !== undefined && !known.includes(propagationPolicy)) {
    yield notSupported(path, propagationPolicy, [...known, 'nil'])
  }
  yield* checkDryRun(dryRun)
  yield* validateIgnoreReadError(options)
}

/** Namespaces too, although their OpenAPI says otherwise, as upstream's does. */
function returnsDeleted(kind: Kind): boolean {
  return kind.returnsDeletedObject === true || isNamespace(kind)
}

function isNamespace({ group, kind }: Kind): boolean {
  return group === '' && kind === 'Namespace'
}

function successStatus({ kind }: ServedResource, { metadata }: KubeObject): unknown {
  const { group, plural } = kind
  const { name, uid } = metadata
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(group !== '' && { group }), kind: plural, uid },
  }
}
