import { formatTime } from '../../base/clock.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { Eviction } from '../../kinds/policy/v1/eviction.ts'
import { PodDisruptionBudget } from '../../kinds/policy/v1/pod-disruption-budget.ts'
import type { Kind } from '../../machinery/kind.ts'
import { selectorOf } from '../../machinery/label-selector.ts'
import type { DeleteOptions } from '../../machinery/meta-options.ts'
import { badRequest, isReason, notFound, StatusError } from '../../machinery/status-error.ts'
import { AdmissionChain } from '../admission/admission.ts'
import { checkPreconditions } from '../registry/plan-delete.ts'
import type { ServerRequest } from '../request.ts'
import { checkDeleteOptions, deleteOne } from '../verbs/delete.ts'
import type { SubresourceHandler, VerbContext } from '../verbs/dispatch.ts'
import { respondWithObject } from '../verbs/respond.ts'
import { notAllowed } from '../verbs/routes.ts'
import { attributesOf } from '../verbs/write-context.ts'
import { budgetFailure, tooManyRequests, withDisruption } from './disruption-budget.ts'
import { CREATED } from './pod-binding.ts'
import { withPodCondition } from './pod-condition.ts'
import { readCreation } from './read-creation.ts'

const NOBODY = new AdmissionChain([])
/** Clients of older versions still name it, though nothing else of it is served. */
const FORMER = ['policy/v1beta1']
/** How often a pod that changes all the time is tried. */
const MOST_ATTEMPTS = 20

/** POST to `pods/NAME/eviction`: a deletion that respects disruption budgets. */
export const podEviction: SubresourceHandler = async (request, resource, context) => {
  const { info } = request
  if (info.verb !== 'create') throw notAllowed()
  const { object: eviction, isDryRun } = await readCreation(request, resource, Eviction, FORMER)
  if (eviction.metadata.name !== info.name) {
    throw badRequest('name in URL does not match name in Eviction object')
  }
  const options = optionsOf(eviction, isDryRun)
  checkDeleteOptions(options)
  const attributes = {
    ...attributesOf(request, resource, 'CREATE', isDryRun),
    kind: Eviction as unknown as Kind,
    oldObject: undefined,
    object: eviction,
  }
  await context.admission.mutate(attributes)
  await context.admission.validate(attributes)
  await evict(request, context, options)
  return respondWithObject(CREATED, 201)
}

/** A dry run may be asked for in the URL, in the body, or in both alike. */
function optionsOf({ deleteOptions = {} }: Eviction, isDryRun: boolean): DeleteOptions {
  const { dryRun = [] } = deleteOptions
  if (!isDryRun) return deleteOptions
  if (dryRun.length > 0 && (dryRun.length > 1 || dryRun[0] !== 'All')) {
    const what = 'Non-matching dry-run options in request and content'
    throw new StatusError('', `${what}: [All] and [${dryRun.join(' ')}]`)
  }
  return { ...deleteOptions, dryRun: ['All'] }
}

async function evict(
  request: ServerRequest,
  context: VerbContext,
  options: DeleteOptions,
): Promise<void> {
  const { namespace, name } = request.info
  const { store } = context.resources.of(Pod)
  const namesVersion = options.preconditions?.resourceVersion !== undefined
  for (let attempt = 1; ; attempt++) {
    const pod = (await store.get(namespace, name)).object as Pod
    if (!canIgnoreBudgets(pod)) return evictWithin(request, context, pod, options)
    // One that has not begun may become ready meanwhile, and then a budget would count it.
    const mayChange = pod.status.phase === 'Pending' && !isBeingDeleted(pod) && !namesVersion
    try {
      return await markAndDelete(request, context, mayChange ? atVersionOf(pod, options) : options)
    } catch (error) {
      const mayRetry = isReason(error, 'Conflict') && !namesVersion
      if (!mayRetry || attempt === MOST_ATTEMPTS) throw error
    }
  }
}

async function evictWithin(
  request: ServerRequest,
  context: VerbContext,
  pod: Pod,
  options: DeleteOptions,
): Promise<void> {
  const isDryRun = options.dryRun?.includes('All') ?? false
  const budget = await takeDisruption(context, pod, isDryRun)
  if (budget === undefined) return markAndDelete(request, context, options)
  // It may go for being unhealthy: then it must still be so when it goes.
  try {
    await markAndDelete(request, context, atVersionOf(pod, options))
  } catch (error) {
    const hasOwn = options.preconditions?.resourceVersion !== undefined
    if (!isReason(error, 'Conflict') || hasOwn) throw error
    throw tooManyRequests(budget)
  }
}

function atVersionOf({ metadata }: Pod, options: DeleteOptions): DeleteOptions {
  const { resourceVersion } = metadata
  return { ...options, preconditions: { resourceVersion, ...options.preconditions } }
}

/** One that has ended, has not begun or is going disturbs nobody. */
function canIgnoreBudgets(pod: Pod): boolean {
  const phase = pod.status.phase ?? ''
  return ['Succeeded', 'Failed', 'Pending'].includes(phase) || isBeingDeleted(pod)
}

function isBeingDeleted({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined
}

/**
 * Takes one disruption from the budget that covers the pod. Answers the budget's name where the
 * pod may go for being unhealthy, and undefined otherwise; 429 where none is left.
 */
async function takeDisruption(
  { resources, clock }: VerbContext,
  pod: Pod,
  isDryRun: boolean,
): Promise<string | undefined> {
  const { namespace, name, labels } = pod.metadata
  const { store } = resources.of(PodDisruptionBudget)
  await store.cache.fresh()
  const budgets = store.cache
    .list({ namespace, name: '' })
    .map(({ object }) => object as PodDisruptionBudget)
    .filter(({ spec }) => selectorOf(spec.selector).matches(labels))
  const [budget, ...others] = budgets
  if (budget === undefined) return undefined
  if (others.length > 0) {
    const message =
      'This pod has more than one PodDisruptionBudget, ' +
      'which the eviction subresource does not support.'
    throw new StatusError('', message, { code: 500 })
  }
  if (!isReady(pod) && mayGoUnhealthy(budget)) return budget.metadata.name
  await store.change(
    namespace,
    budget.metadata.name,
    (current) => {
      if (current === undefined) throw notFound(PodDisruptionBudget, budget.metadata.name)
      const found = current.object as PodDisruptionBudget
      const failure = budgetFailure(found)
      if (failure !== undefined) throw failure
      return { type: 'put', object: withDisruption(found, name, formatTime(clock.now())) }
    },
    isDryRun,
  )
  return undefined
}

function isReady({ status }: Pod): boolean {
  return (status.conditions ?? []).some((one) => one.type === 'Ready' && one.status === 'True')
}

function mayGoUnhealthy({ spec, status }: PodDisruptionBudget): boolean {
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  return status.currentHealthy >= status.desiredHealthy && status.desiredHealthy > 0
}

async function markAndDelete(
  request: ServerRequest,
  context: VerbContext,
  options: DeleteOptions,
): Promise<void> {
  const { namespace, name } = request.info
  const pods = context.resources.of(Pod)
  const condition = {
    type: 'DisruptionTarget',
    status: 'True' as const,
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  }
  const { stored } = await pods.store.change(
    namespace,
    name,
    (current) => {
      if (current === undefined) throw notFound(Pod, name)
      const pod = current.object as Pod
      checkPreconditions(pods.store.kind, pod, options)
      const status = withPodCondition(pod.status, condition, formatTime(context.clock.now()))
      return { type: 'put', object: { ...pod, status } }
    },
    options.dryRun?.includes('All') ?? false,
  )
  const { resourceVersion } = options.preconditions ?? {}
  const preconditions = {
    ...options.preconditions,
    ...(resourceVersion !== undefined && { resourceVersion: String(stored.revision) }),
  }
  // The eviction was admitted; nobody is asked about the deletion that it is.
  const admitted = { ...context, admission: NOBODY }
  await deleteOne(request, pods, admitted, { namespace, name }, { ...options, preconditions })
}
