import { randomInt } from '../../../base/random.ts'
import type { Lister } from '../../../client/lister.ts'
import type { Pod } from '../../../kinds/core/v1/pod.ts'
import { PodDisruptionBudget } from '../../../kinds/policy/v1/pod-disruption-budget.ts'
import { findCondition } from '../../../machinery/conditions.ts'
import type { CycleState } from '../../framework/cycle-state.ts'
import { Diagnosis } from '../../framework/diagnosis.ts'
import {
  type Plugin,
  type PluginContext,
  type PostFilterResult,
  type Rejection,
  unresolvable,
} from '../../framework/plugin.ts'
import type { PodInfo } from '../../framework/pod-info.ts'
import { chooseCandidate } from './choose-candidate.ts'
import { Evictor } from './evictor.ts'
import { type Candidate, selectVictims } from './select-victims.ts'

/** How many nodes are tried: this part of all, but no fewer than that many. */
const CANDIDATES_PERCENTAGE = 10
const LEAST_CANDIDATES = 100

/** For a pod that fits nowhere: takes less urgent pods off a node and nominates it. */
export class DefaultPreemption implements Plugin {
  readonly name = 'DefaultPreemption'
  /** It rejects no pod: what the others wait for is what it brings about. */
  readonly helpedBy = []
  readonly #context: PluginContext
  readonly #budgets: Lister<PodDisruptionBudget>
  readonly #evictor: Evictor

  constructor(context: PluginContext) {
    this.#context = context
    this.#budgets = context.informers.for(PodDisruptionBudget)
    this.#evictor = new Evictor(context)
  }

  preEnqueue({ metadata }: Pod): Rejection | undefined {
    if (!this.#evictor.isRunning(metadata.uid)) return undefined
    return unresolvable('waiting for the preemption for this pod to be finished')
  }

  postFilter(state: CycleState, pod: PodInfo, diagnosis: Diagnosis): PostFilterResult {
    const refusal = this.#whyNotEligible(pod, diagnosis)
    if (refusal !== undefined) return nothing(refusal, false)
    const { clock, cluster } = this.#context
    const after = new Diagnosis(cluster.nodes.length)
    const candidates = this.#findCandidates(state, pod, diagnosis, after)
    if (candidates.length === 0) return nothing(after.message(), true)
    const best = chooseCandidate(candidates, clock.now())
    this.#evictor.evict(pod, best)
    return { code: 'Nominated', nodeName: best.nodeName }
  }

  #whyNotEligible({ pod, priority }: PodInfo, diagnosis: Diagnosis): string | undefined {
    if (pod.spec.preemptionPolicy === 'Never') {
      return 'not eligible due to preemptionPolicy=Never.'
    }
    const { nominatedNodeName = '' } = pod.status
    const node = this.#context.cluster.node(nominatedNodeName)
    // Room that is being made must not be made twice, unless it will not do any more.
    if (diagnosis.of(nominatedNodeName).code === 'UnschedulableAndUnresolvable') return undefined
    for (const other of node?.pods ?? []) {
      if (other.priority < priority && isBeingPreempted(other.pod)) {
        return 'not eligible due to a terminating pod on the nominated node.'
      }
    }
    return undefined
  }

  /** Those without a broken budget come first; nodes that fail are told in `after`. */
  #findCandidates(
    state: CycleState,
    pod: PodInfo,
    diagnosis: Diagnosis,
    after: Diagnosis,
  ): readonly Candidate[] {
    const { cluster, filters, random, clock } = this.#context
    const nodes = cluster.nodes.filter(({ name }) => diagnosis.of(name).code === 'Unschedulable')
    after.rejectOthers(unresolvable('Preemption is not helpful for scheduling'), [])
    if (nodes.length === 0) return []
    const share = Math.floor((nodes.length * CANDIDATES_PERCENTAGE) / 100)
    const enough = Math.min(Math.max(share, LEAST_CANDIDATES), nodes.length)
    const offset = randomInt(random, nodes.length)
    const budgets = this.#budgets.list()
    const clean: Candidate[] = []
    const violating: Candidate[] = []
    for (let index = 0; index < nodes.length; index++) {
      const node = nodes[(offset + index) % nodes.length]
      if (node === undefined) break
      const found = selectVictims(filters, state, pod, node, budgets, clock.now())
      if ('rejection' in found) after.set(node.name, found.rejection)
      else if (found.candidate.violations === 0) clean.push(found.candidate)
      else violating.push(found.candidate)
      if (clean.length > 0 && clean.length + violating.length >= enough) break
    }
    return [...clean, ...violating]
  }
}

function nothing(reason: string, withdrawsNomination: boolean): PostFilterResult {
  return { code: 'Unschedulable', reason: `preemption: ${reason}`, withdrawsNomination }
}

function isBeingPreempted({ metadata, status }: Pod): boolean {
  if (metadata.deletionTimestamp === undefined) return false
  const condition = findCondition(status.conditions, 'DisruptionTarget')
  return condition?.status === 'True' && condition.reason === 'PreemptionByScheduler'
}
