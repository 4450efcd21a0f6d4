import type { Clock } from '../../base/clock.ts'
import { formatError } from '../../base/logger.ts'
import { type Client, keyOf } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informer } from '../../client/lister.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import {
  PodDisruptionBudget,
  type PodDisruptionBudgetStatus,
} from '../../kinds/policy/v1/pod-disruption-budget.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { formatLabelSelector, type Selector, selectorOf } from '../../machinery/label-selector.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Controller,
  type ControllerContext,
  type Result,
  self,
  type Watch,
  watch,
  watchEvents,
} from '../runtime/controller.ts'
import { patchPodStatus, withPodCondition } from '../runtime/pod-status.ts'
import {
  disruptionStatus,
  expectationOf,
  failedStatus,
  needsScale,
  pendingEvictions,
  staleAt,
} from './disruption-status.ts'
import { ScaleFinder } from './expected-scale.ts'

/** In front of the key of a pod that may be a target of a disruption no longer. */
const STALE = 'stale '

/** Tells for each budget how many of its pods may be evicted now. */
export class DisruptionController implements Controller {
  readonly name = 'disruption-controller'
  readonly workers = 1
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #clock: Clock
  readonly #recorder: EventRecorder
  readonly #budgets: Informer<PodDisruptionBudget>
  readonly #pods: Informer<Pod>
  readonly #scales: ScaleFinder

  constructor({ client, informers, recorder, clock }: ControllerContext) {
    this.#client = client
    this.#clock = clock
    this.#recorder = recorder
    this.#budgets = informers.for(PodDisruptionBudget)
    this.#pods = informers.for(Pod)
    this.#scales = new ScaleFinder(client, informers)
    this.watches = [
      watch(this.#budgets, self),
      watch(this.#pods, ({ object, old }) => [
        ...new Set([object, ...(old === undefined ? [] : [old])].flatMap((pod) => this.#of(pod))),
      ]),
      watchEvents(this.#pods, ({ type, object }, enqueue) => {
        const at = type === 'DELETED' ? undefined : staleAt(object)
        if (at !== undefined) enqueue(`${STALE}${keyOf(object)}`, Math.max(0, at - clock.now()))
      }),
    ]
  }

  async reconcile(key: string): Promise<Result> {
    if (key.startsWith(STALE)) return await this.#clear(key.slice(STALE.length))
    const budget = this.#budgets.get(key)
    if (budget === undefined) return undefined
    try {
      return await this.#sync(budget)
    } catch (error) {
      if (isReason(error, 'Conflict')) throw error
      // To be safe, nothing may be evicted until this succeeds.
      await this.#write(budget, failedStatus(budget, formatError(error), this.#clock.now()))
      throw error
    }
  }

  async #sync(budget: PodDisruptionBudget): Promise<Result> {
    const now = this.#clock.now()
    const selector = selectorOf(budget.spec.selector)
    const pods = this.#pods
      .list(budget.metadata.namespace)
      .filter(({ metadata }) => selector.matches(metadata.labels))
    if (pods.length === 0) {
      this.#recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found')
    }
    const expected = needsScale(budget) ? await this.#scaleOf(budget, pods) : pods.length
    const { disrupted, late, nextAt } = pendingEvictions(budget, pods, now)
    const { namespace, name } = budget.metadata
    for (const pod of late) {
      const message = `Pod was expected by PDB ${namespace}/${name} to be deleted but it wasn't`
      this.#recorder.event(pod, 'Warning', 'NotDeleted', message)
    }
    const expectation = expectationOf(budget, expected)
    await this.#write(budget, disruptionStatus(budget, pods, expectation, disrupted, now))
    return nextAt === undefined ? undefined : { requeueAfterMs: nextAt - now + 1 }
  }

  async #scaleOf(budget: PodDisruptionBudget, pods: readonly Pod[]): Promise<number> {
    try {
      const { count, unmanaged } = await this.#scales.expectedScale(pods)
      if (unmanaged.length > 0) this.#tellUnmanaged(budget)
      return count
    } catch (error) {
      const message = `Failed to calculate the number of expected pods: ${formatError(error)}`
      this.#recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', message)
      throw error
    }
  }

  #tellUnmanaged(budget: PodDisruptionBudget): void {
    const which = formatLabelSelector(budget.spec.selector)
    const message =
      `Pods selected by this PodDisruptionBudget (selector: ${which}) were found to be ` +
      'unmanaged. As a result, the status of the PDB cannot be calculated correctly, ' +
      'which may result in undefined behavior. To account for these pods please set ' +
      '".spec.minAvailable" field of the PDB to an integer value.'
    this.#recorder.event(budget, 'Warning', 'UnmanagedPods', message)
  }

  /** Without a retry of its own: an eviction that came between makes it a conflict. */
  async #write(budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus): Promise<void> {
    if (deepEqual(budget.status, status)) return
    await this.#client.updateStatus(PodDisruptionBudget, { ...budget, status })
  }

  async #clear(key: string): Promise<Result> {
    const pod = this.#pods.get(key)
    const at = pod === undefined ? undefined : staleAt(pod)
    if (pod === undefined || at === undefined) return undefined
    const now = this.#clock.now()
    if (at > now) return { requeueAfterMs: at - now }
    const change = { type: 'DisruptionTarget', status: 'False' as const }
    const conditions = withPodCondition(pod, { ...change, reason: '', message: '' }, now)
    await patchPodStatus(this.#client, pod, { conditions })
    return undefined
  }

  /** The budgets that select a pod; more than one is a mistake. */
  #of(pod: Pod): readonly string[] {
    const found = this.#budgets
      .list(pod.metadata.namespace)
      .filter(({ spec }) => readSelector(spec.selector)?.matches(pod.metadata.labels) === true)
    const [first, second] = found
    if (first !== undefined && second !== undefined) {
      const { namespace, name } = pod.metadata
      const which = `"${namespace}"/"${name}"`
      const chosen = `Chose "${first.metadata.name}" arbitrarily.`
      const message = `Pod ${which} matches multiple PodDisruptionBudgets.  ${chosen}`
      this.#recorder.event(pod, 'Warning', 'MultiplePodDisruptionBudgets', message)
    }
    // Each of them is counted anew, so that none is left behind.
    return found.map(keyOf)
  }
}

/** Undefined for one that is not valid. */
function readSelector(selector: PodDisruptionBudget['spec']['selector']): Selector | undefined {
  try {
    return selectorOf(selector)
  } catch {
    return undefined
  }
}
