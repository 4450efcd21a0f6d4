import type { Node } from '../../kinds/core/v1/node.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { PodStatus } from '../pod-types.ts'
import type { RuntimePod } from '../runtime/runtime-pod.ts'

/** One pod of this node, as the server looks at it. */
export interface PodView {
  readonly pod: Pod | undefined
  readonly runtimePod: RuntimePod
  /** The newest one, whether it has been written or not. */
  readonly status: PodStatus | undefined
}

/** What the server needs of the kubelet. */
export interface KubeletView {
  readonly node: Node
  readonly pods: readonly Pod[]
  worker(namespace: string, name: string): PodView | undefined
}
