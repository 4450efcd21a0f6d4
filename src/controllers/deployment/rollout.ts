import type { Clock } from '../../base/clock.ts'
import { type Client, keyOf } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import { Deployment, type DeploymentStatus } from '../../kinds/apps/v1/deployment.ts'
import { ReplicaSet } from '../../kinds/apps/v1/replica-set.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { isReason } from '../../machinery/status-error.ts'
import type { WriteBarrier } from '../runtime/write-barrier.ts'
import { hasAnnotations, REVISION, replicasAnnotations } from './annotations.ts'
import type { RolloutState } from './deployment-status.ts'
import { hasRevisionHistoryLimit } from './fenceposts.ts'
import type { Resize } from './plan-scale.ts'
import { SCALING_REPLICA_SET } from './reasons.ts'
import { byRevision } from './replica-set-list.ts'

export interface RolloutContext {
  readonly client: Client
  readonly recorder: EventRecorder
  readonly clock: Clock
  readonly deploymentBarrier: WriteBarrier
  readonly replicaSetBarrier: WriteBarrier
}

/** One deployment and its replica sets as they are now, and what can be done to them. */
export class Rollout {
  readonly context: RolloutContext
  #deployment: Deployment
  #newest: ReplicaSet | undefined
  #old: readonly ReplicaSet[]
  readonly #key: string

  constructor(
    context: RolloutContext,
    deployment: Deployment,
    newest: ReplicaSet | undefined,
    old: readonly ReplicaSet[],
  ) {
    this.context = context
    this.#deployment = deployment
    this.#newest = newest
    this.#old = old
    this.#key = keyOf(deployment)
  }

  get deployment(): Deployment {
    return this.#deployment
  }

  /** The replica set of the deployment's present template. */
  get newest(): ReplicaSet | undefined {
    return this.#newest
  }

  get old(): readonly ReplicaSet[] {
    return this.#old
  }

  get state(): RolloutState {
    const { clock } = this.context
    const [deployment, newest, old] = [this.#deployment, this.#newest, this.#old]
    return { deployment, newest, old, now: clock.now() }
  }

  /** Takes a replica set as the newest: one that was created, found or changed. */
  adopt(newest: ReplicaSet): void {
    this.#newest = newest
    this.context.replicaSetBarrier.wrote(this.#key, newest)
  }

  async updateReplicaSet(replicaSet: ReplicaSet): Promise<ReplicaSet> {
    const updated = await this.context.client.update(ReplicaSet, replicaSet)
    this.context.replicaSetBarrier.wrote(this.#key, updated)
    if (updated.metadata.uid === this.#newest?.metadata.uid) this.#newest = updated
    this.#old = this.#old.map((one) => (one.metadata.uid === updated.metadata.uid ? updated : one))
    return updated
  }

  /** Resizes replica sets in order; true if the size of one has changed. Stops at a failure. */
  async resize(plan: readonly Resize[]): Promise<boolean> {
    let hasResized = false
    for (const step of plan) hasResized = (await this.#resizeOne(step)) || hasResized
    return hasResized
  }

  async #resizeOne({ replicaSet, replicas, isForced }: Resize): Promise<boolean> {
    const before = replicaSet.spec.replicas
    const annotations = replicasAnnotations(this.#deployment)
    if (before === replicas && (!isForced || hasAnnotations(replicaSet, annotations))) return false
    const { metadata, spec } = replicaSet
    const updated = await this.updateReplicaSet({
      ...replicaSet,
      metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } },
      spec: { ...spec, replicas },
    })
    if (before === replicas) return false
    const direction = before < replicas ? 'up' : 'down'
    const { name } = updated.metadata
    const message = `Scaled ${direction} replica set ${name} from ${before} to ${replicas}`
    this.context.recorder.event(this.#deployment, 'Normal', SCALING_REPLICA_SET, message)
    return true
  }

  /** Deletes the oldest replica sets beyond the history limit, but none that may have pods. */
  async cleanUp(): Promise<void> {
    if (!hasRevisionHistoryLimit(this.#deployment)) return
    const alive = this.#old.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    const surplus = alive.length - this.#deployment.spec.revisionHistoryLimit
    const candidates = alive.toSorted(byRevision).slice(0, Math.max(0, surplus))
    for (const { metadata, spec, status } of candidates) {
      const isObserved = (metadata.generation ?? 0) <= (status.observedGeneration ?? 0)
      if (status.replicas !== 0 || spec.replicas !== 0 || !isObserved) continue
      try {
        await this.context.client.delete(ReplicaSet, metadata)
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error
      }
    }
  }

  /** Writes the deployment itself, such as its template or annotations. */
  async updateDeployment(deployment: Deployment): Promise<void> {
    this.#deployment = await this.context.client.update(Deployment, deployment)
    this.context.deploymentBarrier.wrote(this.#key, this.#deployment)
  }

  async setRevision(revision: string): Promise<void> {
    const { metadata } = this.#deployment
    if (metadata.annotations?.[REVISION] === revision) return
    const annotations = { ...metadata.annotations, [REVISION]: revision }
    await this.updateDeployment({ ...this.#deployment, metadata: { ...metadata, annotations } })
  }

  /** True when there was something to write. */
  async writeStatus(status: DeploymentStatus): Promise<boolean> {
    if (deepEqual(this.#deployment.status, status)) return false
    const next = { ...this.#deployment, status }
    this.#deployment = await this.context.client.updateStatus(Deployment, next)
    this.context.deploymentBarrier.wrote(this.#key, this.#deployment)
    return true
  }
}
