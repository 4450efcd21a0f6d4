import { type Clock, deadline } from '../../base/clock.ts'
import { aborted } from '../../base/lifetime.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import { LeastRecentlyUsed } from '../../client/least-recently-used.ts'
import type { InformerEvent } from '../../client/lister.ts'
import type { KindRef, KubeObject } from '../../machinery/kind.ts'
import type { OwnerReference } from '../../machinery/object-meta.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Controller,
  type ControllerContext,
  type Enqueue,
  type Result,
  type Watch,
  watchEvents,
} from '../runtime/controller.ts'
import { blockingDependents, decide, type OwnerState } from './decide.ts'
import { MonitoredResources } from './monitored-resources.ts'
import {
  FOREGROUND,
  type GraphChange,
  isBeingDeleted,
  isNamedBy,
  isWaitingForDependents,
  type Observed,
  ORPHAN,
  OwnershipGraph,
  type OwnershipNode,
  ownersOf,
} from './ownership-graph.ts'

/** As upstream: a resource that cannot be listed does not keep the others from being collected. */
const SYNC_TIMEOUT_MS = 30_000
const ABSENT_OWNERS = 500
/** After a group did not say what it serves. */
const ASK_AGAIN_MS = 5_000
/** The key of the work to ask anew what is served; uids have no such form. */
const REFRESH = 'refresh'
const ORPHAN_PREFIX = 'orphan/'

/**
 * Deletes what nobody owns any more. The graph of owners follows the watches; an owner that no
 * watch has shown is asked for before it is taken as gone, and a deletion or patch names the
 * version that it was decided on, so that nothing is collected for what is no longer true.
 */
export class GarbageCollector implements Controller {
  readonly name = 'garbage-collector-controller'
  readonly workers = 20
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #clock: Clock
  readonly #recorder: EventRecorder
  readonly #logger: Logger
  readonly #graph = new OwnershipGraph()
  readonly #resources: MonitoredResources
  readonly #absentOwners = new LeastRecentlyUsed<true>(ABSENT_OWNERS)
  #enqueue: Enqueue = () => {}
  #begin: () => void = () => {}
  /** Nothing is decided before the graph is whole. */
  readonly #hasBegun = new Promise<void>((resolve) => {
    this.#begin = resolve
  })

  constructor({ client, informers, recorder, clock, logger }: ControllerContext) {
    this.#client = client
    this.#clock = clock
    this.#recorder = recorder
    this.#logger = logger
    this.#resources = new MonitoredResources(client, informers, logger, (kind, event) =>
      this.#follow(kind, event),
    )
    this.watches = this.#resources.sources.map((source) =>
      watchEvents(source, (_, enqueue) => enqueue(REFRESH)),
    )
  }

  start(enqueue: Enqueue): void {
    this.#enqueue = enqueue
  }

  async run(signal: AbortSignal): Promise<void> {
    using _ = this.#resources
    try {
      if (!(await this.#resources.refresh())) this.#enqueue(REFRESH, ASK_AGAIN_MS)
      await this.#synced(signal)
    } catch (error) {
      if (signal.aborted) return
      this.#logger.info('not all resources are watched yet', { error: formatError(error) })
      this.#enqueue(REFRESH)
    } finally {
      this.#begin()
    }
    await aborted(signal)
  }

  async reconcile(key: string): Promise<Result> {
    await this.#hasBegun
    if (key === REFRESH) {
      return (await this.#resources.refresh()) ? undefined : { requeueAfterMs: ASK_AGAIN_MS }
    }
    if (key.startsWith(ORPHAN_PREFIX)) await this.#orphan(key.slice(ORPHAN_PREFIX.length))
    else await this.#collect(key)
    return undefined
  }

  async #synced(signal: AbortSignal): Promise<void> {
    const message = 'timed out waiting for the caches'
    await deadline(this.#clock, SYNC_TIMEOUT_MS, message, this.#resources.synced(signal))
  }

  #follow(kind: KindRef, { type, object }: InformerEvent<KubeObject>): void {
    const isGone = type === 'DELETED'
    this.#schedule(isGone ? this.#graph.remove(object.metadata.uid) : this.#graph.put(kind, object))
  }

  #schedule({ toDelete, toOrphan }: GraphChange): void {
    for (const uid of toDelete) this.#enqueue(uid)
    for (const uid of toOrphan) this.#enqueue(`${ORPHAN_PREFIX}${uid}`)
  }

  async #collect(uid: string): Promise<void> {
    const node = this.#graph.get(uid)
    if (node === undefined) return
    const { observed } = node
    if (observed === undefined) await this.#verify(node)
    else if (isWaitingForDependents(observed.object)) await this.#finishForeground(observed, node)
    else if (!isBeingDeleted(observed.object)) await this.#collectObject(observed, node)
  }

  /** Somebody names an owner that no watch has shown: is there one? */
  async #verify({ uid, namedAs }: OwnershipNode): Promise<void> {
    if (namedAs === undefined) return
    const { reference, namespace } = namedAs
    if (!(await this.#isAbsent(reference, namespace))) return
    if (this.#graph.get(uid)?.observed === undefined) this.#schedule(this.#graph.remove(uid))
  }

  async #collectObject(observed: Observed, node: OwnershipNode): Promise<void> {
    const { object } = observed
    const states: OwnerState[] = []
    for (const reference of ownersOf(object)) states.push(await this.#stateOf(reference, observed))
    const decision = decide(
      object,
      states,
      this.#dependentsOf(node).map((one) => one.object),
    )
    if (decision.action === 'keep') return
    if (decision.action === 'drop-owners') {
      await this.#patch(observed, { ownerReferences: decision.ownerReferences })
      return
    }
    if (decision.unblocks) {
      const ownerReferences = ownersOf(object).map((one) => ({ ...one, blockOwnerDeletion: false }))
      await this.#patch(observed, { ownerReferences })
      // The patch brings a new version, and with it this object again.
      return
    }
    await this.#delete(observed, decision.propagationPolicy)
  }

  async #stateOf(reference: OwnerReference, dependent: Observed): Promise<OwnerState> {
    const owner = this.#graph.get(reference.uid)?.observed
    if (owner !== undefined && isNamedBy(owner, reference, dependent.object)) {
      return isWaitingForDependents(owner.object) ? 'waiting' : 'solid'
    }
    if (owner !== undefined) this.#warn(dependent, reference)
    const namespace = dependent.object.metadata.namespace ?? ''
    return (await this.#isAbsent(reference, namespace)) ? 'dangling' : 'solid'
  }

  /** Asks the server, since a cache may be late; that an uid is gone is true for ever. */
  async #isAbsent(reference: OwnerReference, namespace: string): Promise<boolean> {
    const { apiVersion, kind: kindName, name, uid } = reference
    const kind = this.#resources.kindOf(apiVersion, kindName)
    if (kind === undefined) {
      throw new Error(`unable to get REST mapping for ${apiVersion}/${kindName}.`)
    }
    const isNamespaced = kind.scope === 'Namespaced'
    // Which namespace it should be in nobody can know: it is left alone.
    if (isNamespaced && namespace === '') return false
    const place = isNamespaced ? namespace : ''
    const cacheKey = [apiVersion, kindName, place, name, uid].join('/')
    if (this.#absentOwners.get(cacheKey)) return true
    try {
      const owner = await this.#client.get(kind, { namespace: place, name })
      if (owner.metadata.uid === uid) return false
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
    this.#absentOwners.set(cacheKey, true)
    return true
  }

  /** An owner in foreground deletion goes when all that blocks it has gone. */
  async #finishForeground(observed: Observed, node: OwnershipNode): Promise<void> {
    const dependents = this.#dependentsOf(node).map(({ object }) => object)
    const blocking = blockingDependents(observed.object, dependents)
    if (blocking.length === 0) await this.#removeFinalizer(observed, FOREGROUND)
    for (const dependent of blocking) {
      if (!isWaitingForDependents(dependent)) this.#enqueue(dependent.metadata.uid)
    }
  }

  async #orphan(uid: string): Promise<void> {
    const node = this.#graph.get(uid)
    if (node?.observed === undefined) return
    const results = await Promise.allSettled(
      this.#dependentsOf(node).map(async (dependent) => {
        const ownerReferences = ownersOf(dependent.object).filter((one) => one.uid !== uid)
        await this.#patch(dependent, { ownerReferences })
      }),
    )
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    const { observed } = this.#graph.get(uid) ?? {}
    if (observed !== undefined) await this.#removeFinalizer(observed, ORPHAN)
  }

  async #removeFinalizer(observed: Observed, finalizer: string): Promise<void> {
    const { finalizers = [] } = observed.object.metadata
    if (!finalizers.includes(finalizer)) return
    await this.#patch(observed, { finalizers: finalizers.filter((one) => one !== finalizer) })
  }

  #dependentsOf({ dependents }: OwnershipNode): readonly Observed[] {
    return Array.from(dependents).flatMap((uid) => this.#graph.get(uid)?.observed ?? [])
  }

  async #patch({ kind, object }: Observed, change: object): Promise<void> {
    const { namespace, name, uid, resourceVersion } = object.metadata
    const patch = { metadata: { ...change, uid, resourceVersion } }
    try {
      const type = 'application/merge-patch+json'
      await this.#client.patch(kind, { namespace, name }, type, patch)
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }

  async #delete(
    { kind, object }: Observed,
    propagationPolicy: 'Background' | 'Foreground' | 'Orphan',
  ): Promise<void> {
    const { namespace, name, uid, resourceVersion } = object.metadata
    this.#logger.info('deleting', { kind: kind.kind, namespace, name, propagationPolicy })
    try {
      const preconditions = { uid, resourceVersion }
      await this.#client.delete(kind, { namespace, name }, { preconditions, propagationPolicy })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }

  #warn({ object }: Observed, { apiVersion, kind, name, uid }: OwnerReference): void {
    const namespace = object.metadata.namespace ?? ''
    const owner = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`
    const message = `ownerRef ${owner} does not exist in namespace "${namespace}"`
    this.#recorder.event(object, 'Warning', 'OwnerRefInvalidNamespace', message)
  }
}
