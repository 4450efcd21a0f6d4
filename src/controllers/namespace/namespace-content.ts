import type { Clock } from '../../base/clock.ts'
import { formatError } from '../../base/logger.ts'
import type { Client } from '../../client/client.ts'
import { discoverResources, type ServedResource, supports } from '../../client/discovery.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { isReason } from '../../machinery/status-error.ts'
import { isPodFinished, timeOf } from '../runtime/pods.ts'
import type { Emptying } from './namespace-conditions.ts'

/** How long finalizers are taken to need. */
const FINALIZER_SECONDS = 15

/** What is left of one resource in a namespace. */
interface Remainder {
  readonly name: string
  readonly count: number
  readonly finalizers: readonly string[]
  readonly estimateSeconds: number
  readonly error?: string
}

export interface EmptyingResult extends Emptying {
  /** After how long the rest should be gone; 0 when there is no rest. */
  readonly estimateSeconds: number
}

/**
 * Deletes all that is in a namespace: its pods first, and everything else once these are gone,
 * so that what guards pods (network policies above all) does not go before them.
 */
export async function emptyNamespace(
  client: Client,
  clock: Clock,
  namespace: KubeObject,
): Promise<EmptyingResult> {
  const { resources, failures } = await discoverResources(client)
  const discoveryFailures = Array.from(failures, ([group, error]) => `${group}: ${error}`)
  const { name } = namespace.metadata
  const deletable = resources.filter(
    (resource) => resource.kind.scope === 'Namespaced' && supports(resource, 'delete', 'list'),
  )
  const isPods = ({ kind }: ServedResource) => kind.group === '' && kind.plural === 'pods'
  const graceSeconds = await podGraceSeconds(client, clock, namespace)
  const pods = await Promise.all(
    deletable.filter(isPods).map((one) => empty(client, one, name, graceSeconds)),
  )
  if (pods.some(({ count }) => count > 0)) return summary(discoveryFailures, pods, false)
  const others = await Promise.all(
    deletable.filter((one) => !isPods(one)).map((one) => empty(client, one, name, 0)),
  )
  return summary(discoveryFailures, [...pods, ...others], true)
}

function summary(
  discoveryFailures: readonly string[],
  remainders: readonly Remainder[],
  isWhole: boolean,
): EmptyingResult {
  const remaining = new Map<string, number>()
  const finalizers = new Map<string, number>()
  for (const { name, count, finalizers: names } of remainders) {
    if (count > 0) remaining.set(name, count)
    for (const finalizer of names) finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1)
  }
  return {
    discoveryFailures,
    errors: remainders.flatMap(({ error }) => error ?? []),
    totals: isWhole ? { remaining, finalizers } : undefined,
    estimateSeconds: Math.max(0, ...remainders.map(({ estimateSeconds }) => estimateSeconds)),
  }
}

/** A resource that is not served any more holds nothing. */
async function empty(
  client: Client,
  { kind, verbs }: ServedResource,
  namespace: string,
  graceSeconds: number,
): Promise<Remainder> {
  const name = `${kind.plural}.${kind.group}`
  const nothing = { name, count: 0, finalizers: [], estimateSeconds: 0 }
  try {
    if ((await client.list(kind, { namespace, limit: 1 })).items.length === 0) return nothing
    const propagationPolicy = 'Background'
    if (verbs.has('deletecollection')) {
      await client.deleteCollection(kind, { namespace }, { propagationPolicy })
    } else {
      for (const { metadata } of (await client.list(kind, { namespace })).items) {
        await client.delete(kind, metadata, { propagationPolicy })
      }
    }
    const { items } = await client.list(kind, { namespace })
    const finalizers = items.flatMap(({ metadata }) => metadata.finalizers ?? [])
    const count = items.length
    if (count === 0) return nothing
    if (graceSeconds > 0) return { name, count, finalizers, estimateSeconds: graceSeconds }
    if (finalizers.length > 0) {
      return { name, count, finalizers, estimateSeconds: FINALIZER_SECONDS }
    }
    const resource = `${kind.group}/${kind.version}, Resource=${kind.plural}`
    const error = `unexpected items still remain in namespace: ${namespace} for gvr: ${resource}`
    return { name, count, finalizers, estimateSeconds: 0, error }
  } catch (error) {
    if (isReason(error, 'NotFound', 'MethodNotAllowed')) return nothing
    return { ...nothing, error: formatError(error) }
  }
}

/** The longest grace period of the pods, until it has passed since the deletion. */
async function podGraceSeconds(
  client: Client,
  clock: Clock,
  { metadata }: KubeObject,
): Promise<number> {
  const { items } = await client.list(Pod, { namespace: metadata.name })
  const periods = items
    .filter((pod) => !isPodFinished(pod))
    .map(({ spec }) => spec.terminationGracePeriodSeconds ?? 0)
  const longest = Math.max(0, ...periods)
  const deletedAt = timeOf(metadata.deletionTimestamp) ?? clock.now()
  return clock.now() - deletedAt >= longest * 1000 ? 0 : longest
}
