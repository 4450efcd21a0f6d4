import type { Informer, Lister } from '../../../client/lister.ts'
import type { Node } from '../../../kinds/core/v1/node.ts'
import { PersistentVolume } from '../../../kinds/core/v1/persistent-volume.ts'
import { PersistentVolumeClaim } from '../../../kinds/core/v1/persistent-volume-claim.ts'
import type { Pod } from '../../../kinds/core/v1/pod.ts'
import { StorageClass } from '../../../kinds/storage/v1/storage-class.ts'
import type { KubeObject } from '../../../machinery/kind.ts'
import type { ClusterEvent } from '../../framework/cluster-event.ts'
import type { CycleState } from '../../framework/cycle-state.ts'
import type { NodeInfo } from '../../framework/node-info.ts'
import {
  CONTINUE,
  type Plugin,
  type PluginContext,
  type PreFilterResult,
  type Rejection,
  SKIP,
  unresolvable,
} from '../../framework/plugin.ts'
import type { PodInfo } from '../../framework/pod-info.ts'
import { canProvision, findVolume, isReachable } from './match-volume.ts'
import { claimNames, classNameOf, type PodClaims, podClaims } from './pod-claims.ts'
import { type Decision, SELECTED_NODE, VolumeBinder } from './volume-binder.ts'

const STATE = 'VolumeBinding'

const NO_VOLUME = unresolvable(
  'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)',
)
const OUT_OF_REACH = unresolvable("node(s) didn't match PersistentVolume's node affinity")
const NOTHING_TO_BIND = unresolvable("node(s) didn't find available persistent volumes to bind")

interface Kept {
  readonly claims: PodClaims
  /** What is to be done on each node that passed. */
  readonly decisions: Map<string, readonly Decision[]>
}

/** A pod goes where its volumes can be reached; claims that wait for a node are bound to it. */
export class VolumeBinding implements Plugin {
  readonly name = 'VolumeBinding'
  readonly helpedBy = [
    ...(['Claim', 'Volume', 'StorageClass', 'Node/Added', 'Node/Labels'] as const),
  ]
  readonly #claims: Informer<PersistentVolumeClaim>
  readonly #volumes: Informer<PersistentVolume>
  readonly #classes: Lister<StorageClass>
  readonly #binder: VolumeBinder
  /** Volumes that were chosen for a claim's uid and whose `claimRef` is still to come. */
  readonly #chosen = new Map<string, string>()

  constructor(context: PluginContext) {
    const { informers, moveOn } = context
    this.#claims = informers.for(PersistentVolumeClaim)
    this.#volumes = informers.for(PersistentVolume)
    const classes = informers.for(StorageClass)
    this.#classes = classes
    this.#binder = new VolumeBinder(context, this.#claims)
    const tell = (topic: 'Claim' | 'Volume' | 'StorageClass') => {
      return ({ type, object }: { readonly type: string; readonly object: KubeObject }) => {
        if (type !== 'DELETED') moveOn({ resource: 'Storage', topics: [topic], object })
      }
    }
    this.#claims.onEvent(tell('Claim'))
    this.#volumes.onEvent(tell('Volume'))
    classes.onEvent(tell('StorageClass'))
  }

  preFilter(state: CycleState, { pod }: PodInfo): PreFilterResult {
    if (claimNames(pod).length === 0) return SKIP
    const claims = podClaims(pod, { claims: this.#claims, classes: this.#classes })
    if (typeof claims === 'string') return unresolvable(claims)
    const kept: Kept = { claims, decisions: new Map() }
    state.set(STATE, kept)
    return CONTINUE
  }

  filter(state: CycleState, _pod: PodInfo, { name, node }: NodeInfo): Rejection | undefined {
    const kept = state.get<Kept>(STATE)
    if (kept === undefined || node === undefined) return undefined
    for (const { spec } of kept.claims.bound) {
      const volume = this.#volumes.get(spec.volumeName ?? '')
      if (volume === undefined) return NO_VOLUME
      if (!isReachable(volume, node)) return OUT_OF_REACH
    }
    const decisions = this.#decide(kept.claims.delayed, node)
    if (decisions === undefined) return NOTHING_TO_BIND
    kept.decisions.set(name, decisions)
    return undefined
  }

  reserve(state: CycleState, _pod: PodInfo, nodeName: string): undefined {
    for (const { claim, volume } of this.#decisions(state, nodeName)) {
      if (volume !== undefined) this.#chosen.set(volume.metadata.name, claim.metadata.uid)
    }
  }

  unreserve(state: CycleState, _pod: PodInfo, nodeName: string): void {
    for (const { volume } of this.#decisions(state, nodeName)) {
      if (volume !== undefined) this.#chosen.delete(volume.metadata.name)
    }
  }

  async preBind(
    state: CycleState,
    pod: PodInfo,
    nodeName: string,
    signal: AbortSignal,
  ): Promise<void> {
    const decisions = this.#decisions(state, nodeName)
    if (decisions.length === 0) return
    await this.#binder.bind(decisions, nodeName, signal)
    this.unreserve(state, pod, nodeName) // The volumes themselves say it now.
  }

  isHelpful(event: ClusterEvent, pod: Pod): boolean {
    if (event.resource !== 'Storage' || event.topics[0] !== 'Claim') return true
    const { name, namespace } = event.object.metadata
    if (namespace !== pod.metadata.namespace) return false
    return claimNames(pod).some((one) => one.name === name)
  }

  #decisions(state: CycleState, nodeName: string): readonly Decision[] {
    return state.get<Kept>(STATE)?.decisions.get(nodeName) ?? []
  }

  /** A volume that is there for each claim, else one that is to be made; undefined: neither. */
  #decide(claims: readonly PersistentVolumeClaim[], node: Node): readonly Decision[] | undefined {
    const decisions: Decision[] = []
    const taken = new Set<string>()
    for (const claim of claims) {
      const selected = claim.metadata.annotations?.[SELECTED_NODE]
      if (selected !== undefined && selected !== node.metadata.name) return undefined
      const isFree = (volume: PersistentVolume) =>
        !taken.has(volume.metadata.name) && this.#isFreeFor(claim, volume)
      const volume =
        selected === undefined ? findVolume(claim, this.#volumes.list(), node, isFree) : undefined
      if (volume !== undefined) {
        taken.add(volume.metadata.name)
        decisions.push({ claim, volume })
      } else if (canProvision(this.#classes.get(classNameOf(claim)), node)) {
        decisions.push({ claim })
      } else return undefined
    }
    return decisions
  }

  #isFreeFor(claim: PersistentVolumeClaim, { metadata, spec }: PersistentVolume): boolean {
    const { name, namespace, uid } = claim.metadata
    const { claimRef } = spec
    if (claimRef === undefined) return (this.#chosen.get(metadata.name) ?? uid) === uid
    if (claimRef.name !== name || claimRef.namespace !== namespace) return false
    return (claimRef.uid ?? '') === '' || claimRef.uid === uid
  }
}
