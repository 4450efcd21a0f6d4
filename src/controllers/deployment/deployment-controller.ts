import type { Informer } from '../../client/lister.ts'
import { Deployment } from '../../kinds/apps/v1/deployment.ts'
import { ReplicaSet } from '../../kinds/apps/v1/replica-set.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { findCondition } from '../../machinery/conditions.ts'
import { selectorOf } from '../../machinery/label-selector.ts'
import {
  type Controller,
  type ControllerContext,
  type Enqueue,
  type Result,
  self,
  type Watch,
  watch,
} from '../runtime/controller.ts'
import { claim } from '../runtime/controller-ref-manager.ts'
import { isNamespaceTerminating } from '../runtime/pod-control.ts'
import { indexByController, podsControlledBy } from '../runtime/pods.ts'
import { WriteBarrier } from '../runtime/write-barrier.ts'
import { rollbackTo } from './annotations.ts'
import { newCondition, withCondition } from './conditions.ts'
import { deploymentStatus, rolloutStatus, untilDeadline } from './deployment-status.ts'
import { hasProgressDeadline, isRollingUpdate } from './fenceposts.ts'
import { findNewest, syncRevision } from './new-replica-set.ts'
import {
  candidatesFor,
  indexByDeployment,
  watchDeletedPods,
  watchReplicaSets,
} from './owned-replica-sets.ts'
import { isScalingEvent, planScale } from './plan-scale.ts'
import {
  DEPLOYMENT_PAUSED,
  DEPLOYMENT_RESUMED,
  PROGRESS_DEADLINE_EXCEEDED,
  SELECTING_ALL,
} from './reasons.ts'
import { rollback } from './rollback.ts'
import { Rollout, type RolloutContext } from './rollout.ts'
import { recreate, rollingUpdate } from './strategies.ts'

/** Moves the pods of each Deployment from one template to the next. */
export class DeploymentController implements Controller {
  readonly name = 'deployment-controller'
  readonly workers = 5
  readonly maxRetries = 15
  readonly watches: readonly Watch[]

  readonly #context: RolloutContext
  readonly #deployments: Informer<Deployment>
  readonly #replicaSets: Informer<ReplicaSet>
  readonly #pods: Informer<Pod>
  #enqueue: Enqueue = () => {}

  constructor({ client, informers, recorder, clock }: ControllerContext) {
    this.#deployments = informers.for(Deployment)
    this.#replicaSets = informers.for(ReplicaSet)
    this.#pods = informers.for(Pod)
    indexByDeployment(this.#replicaSets)
    indexByController(this.#pods)
    const deploymentBarrier = new WriteBarrier(this.#deployments)
    const replicaSetBarrier = new WriteBarrier(this.#replicaSets)
    this.#context = { client, recorder, clock, deploymentBarrier, replicaSetBarrier }
    this.watches = [
      watch(this.#deployments, self),
      watchReplicaSets(this.#replicaSets, this.#deployments),
      watchDeletedPods(this.#pods, this.#replicaSets, this.#deployments),
    ]
  }

  start(enqueue: Enqueue): void {
    this.#enqueue = enqueue
  }

  async reconcile(key: string): Promise<Result> {
    const { deploymentBarrier, replicaSetBarrier } = this.#context
    const deployment = this.#deployments.get(key)
    if (deployment === undefined) {
      deploymentBarrier.forget(key)
      replicaSetBarrier.forget(key)
      return undefined
    }
    const again = () => this.#enqueue(key)
    if (!deploymentBarrier.isPassed(key, again)) return undefined
    if (!replicaSetBarrier.isPassed(key, again)) return undefined
    try {
      return await this.#sync(deployment)
    } catch (error) {
      if (isNamespaceTerminating(error)) return undefined
      throw error
    }
  }

  async #sync(deployment: Deployment): Promise<Result> {
    const selector = selectorOf(deployment.spec.selector)
    if (selector.isEverything) return await this.#refuse(deployment)
    const { client } = this.#context
    const replicaSets = await claim(candidatesFor(this.#replicaSets, deployment), {
      client,
      owner: deployment,
      ownerKind: Deployment,
      kind: ReplicaSet,
      selector,
    })
    const newest = findNewest(deployment, replicaSets)
    const old = replicaSets.filter((replicaSet) => replicaSet !== newest)
    const rollout = new Rollout(this.#context, deployment, newest, old)
    if (deployment.metadata.deletionTimestamp !== undefined) {
      await syncRevision(rollout)
      await rollout.writeStatus(deploymentStatus(rollout.state))
      return undefined
    }
    await tellPaused(rollout)
    await syncRevision(rollout)
    return await this.#advance(rollout)
  }

  async #advance(rollout: Rollout): Promise<Result> {
    const { deployment, newest, old } = rollout
    const all = newest === undefined ? old : [...old, newest]
    const isPaused = deployment.spec.paused === true
    if (!isPaused && rollbackTo(deployment) !== undefined) {
      await rollback(rollout)
      return undefined
    }
    if (isPaused || isScalingEvent(deployment, all)) {
      await rollout.resize(planScale(deployment, newest, old))
      if (isPaused && rollbackTo(deployment) === undefined) await rollout.cleanUp()
      await rollout.writeStatus(deploymentStatus(rollout.state))
      return undefined
    }
    if (isRollingUpdate(deployment)) await rollingUpdate(rollout)
    else
      await recreate(
        rollout,
        all.flatMap((one) => podsControlledBy(this.#pods, one)),
      )
    const { state } = rollout
    const status = rolloutStatus(state)
    if (await rollout.writeStatus(status)) return undefined
    const delayMs = untilDeadline(state.deployment, status, state.now)
    return delayMs === undefined ? undefined : { requeueAfterMs: delayMs }
  }

  /** A selector that takes every pod is a mistake: nothing is done but to say so. */
  async #refuse(deployment: Deployment): Promise<Result> {
    const { client, recorder } = this.#context
    const message = 'This deployment is selecting all pods. A non-empty selector is required.'
    recorder.event(deployment, 'Warning', SELECTING_ALL, message)
    const { generation = 0 } = deployment.metadata
    if ((deployment.status.observedGeneration ?? 0) >= generation) return undefined
    const status = { ...deployment.status, observedGeneration: generation }
    await client.updateStatus(Deployment, { ...deployment, status })
    return undefined
  }
}

/** A pause stops the deadline's clock, and the end of the pause starts it anew. */
async function tellPaused(rollout: Rollout): Promise<void> {
  const { deployment, context } = rollout
  if (!hasProgressDeadline(deployment)) return
  const { conditions } = deployment.status
  const reason = findCondition(conditions, 'Progressing')?.reason
  if (reason === PROGRESS_DEADLINE_EXCEEDED) return
  const isPaused = deployment.spec.paused === true
  if (isPaused === (reason === DEPLOYMENT_PAUSED)) return
  const condition = newCondition(
    'Progressing',
    'Unknown',
    isPaused ? DEPLOYMENT_PAUSED : DEPLOYMENT_RESUMED,
    isPaused ? 'Deployment is paused' : 'Deployment is resumed',
    context.clock.now(),
  )
  await rollout.writeStatus({
    ...deployment.status,
    conditions: withCondition(conditions, condition),
  })
}
