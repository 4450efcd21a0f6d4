import type { Informers, Lister } from '../../client/lister.ts'
import { PersistentVolumeClaim } from '../../kinds/core/v1/persistent-volume-claim.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { ClusterEvent } from '../framework/cluster-event.ts'
import type { CycleState } from '../framework/cycle-state.ts'
import type { NodeInfo } from '../framework/node-info.ts'
import {
  CONTINUE,
  type Plugin,
  type PreFilterResult,
  type Rejection,
  SKIP,
  unschedulable,
} from '../framework/plugin.ts'
import type { PodInfo } from '../framework/pod-info.ts'
import { claimNames } from './volume-binding/pod-claims.ts'

const IN_USE = unschedulable(
  'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
)

const STATE = 'VolumeRestrictions'

/** The claims that a pod wants for itself alone, and who has them. */
class ExclusiveClaims {
  readonly #namespace: string
  readonly #names: ReadonlySet<string>
  count: number

  constructor(namespace: string, names: ReadonlySet<string>, count = 0) {
    this.#namespace = namespace
    this.#names = names
    this.count = count
  }

  clone(): ExclusiveClaims {
    return new ExclusiveClaims(this.#namespace, this.#names, this.count)
  }

  usesOf({ pod }: PodInfo): number {
    if (pod.spec.volumes === undefined || pod.metadata.namespace !== this.#namespace) return 0
    return claimNames(pod).filter(({ name }) => this.#names.has(name)).length
  }
}

/** A claim with the mode ReadWriteOncePod is for one pod at a time, on any node. */
export class VolumeRestrictions implements Plugin {
  readonly name = 'VolumeRestrictions'
  readonly helpedBy = ['AssignedPod/Deleted', 'Claim'] as const
  readonly #claims: Lister<PersistentVolumeClaim>

  constructor({ informers }: { readonly informers: Informers }) {
    this.#claims = informers.for(PersistentVolumeClaim)
  }

  preFilter(
    state: CycleState,
    { pod, namespace }: PodInfo,
    nodes: readonly NodeInfo[],
  ): PreFilterResult {
    const names = claimNames(pod).map(({ name }) => name)
    const exclusive = names.filter((name) =>
      this.#claims.get(`${namespace}/${name}`)?.spec.accessModes?.includes('ReadWriteOncePod'),
    )
    if (exclusive.length === 0) return SKIP
    const claims = new ExclusiveClaims(namespace, new Set(exclusive))
    for (const node of nodes) for (const other of node.pods) claims.count += claims.usesOf(other)
    state.set(STATE, claims)
    return CONTINUE
  }

  addPod(state: CycleState, _pod: PodInfo, added: PodInfo): void {
    const claims = state.get<ExclusiveClaims>(STATE)
    if (claims !== undefined) claims.count += claims.usesOf(added)
  }

  removePod(state: CycleState, _pod: PodInfo, removed: PodInfo): void {
    const claims = state.get<ExclusiveClaims>(STATE)
    if (claims !== undefined) claims.count -= claims.usesOf(removed)
  }

  filter(state: CycleState): Rejection | undefined {
    return (state.get<ExclusiveClaims>(STATE)?.count ?? 0) > 0 ? IN_USE : undefined
  }

  isHelpful({ resource, object }: ClusterEvent, pod: Pod): boolean {
    if (object.metadata.namespace !== pod.metadata.namespace) return false
    const names = claimNames(pod).map(({ name }) => name)
    if (resource === 'Storage') return names.includes(object.metadata.name)
    return resource === 'AssignedPod' && claimNames(object).some(({ name }) => names.includes(name))
  }
}
