import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { Nominations } from '../framework/plugin.ts'
import { type PodInfo, podInfoOf } from '../framework/pod-info.ts'

const NONE: readonly PodInfo[] = []

/** Which waiting pods have a node where room is being made for them (upstream's nominator). */
export class Nominator implements Nominations {
  readonly #nodes = new Map<string, string>()
  readonly #pods = new Map<string, PodInfo[]>()

  of(nodeName: string): readonly PodInfo[] {
    return this.#pods.get(nodeName) ?? NONE
  }

  nodeOf(uid: string): string | undefined {
    return this.#nodes.get(uid)
  }

  nominate(info: PodInfo, nodeName: string): void {
    this.withdraw(info.uid)
    if (nodeName === '') return
    this.#nodes.set(info.uid, nodeName)
    const pods = this.#pods.get(nodeName)
    if (pods === undefined) this.#pods.set(nodeName, [info])
    else pods.push(info)
  }

  /**
   * The waiting pod has changed. Where neither its old nor its new status names a node, a
   * nomination that was made here stands: its status has not been written yet.
   */
  update(pod: Pod, old: Pod | undefined): void {
    const { nominatedNodeName: name = '' } = pod.status
    const before = old?.status.nominatedNodeName ?? ''
    const standing = name === '' && before === '' ? this.nodeOf(pod.metadata.uid) : undefined
    this.nominate(podInfoOf(pod), standing ?? name)
  }

  withdraw(uid: string): void {
    const nodeName = this.#nodes.get(uid)
    if (nodeName === undefined) return
    this.#nodes.delete(uid)
    const left = this.of(nodeName).filter((info) => info.uid !== uid)
    if (left.length === 0) this.#pods.delete(nodeName)
    else this.#pods.set(nodeName, left)
  }
}
