import type { ReplicaSetCondition } from '../../kinds/apps/v1/replica-set.ts'
import type { PodTemplateSpec } from '../../kinds/core/v1/pod-template-spec.ts'
import type { KindRef, KubeObject } from '../../machinery/kind.ts'
import type { Selector } from '../../machinery/label-selector.ts'
import type { NamespacedMeta } from '../../machinery/object-meta.ts'

/** What ReplicaSets and ReplicationControllers have in common. */
export interface ReplicaOwner extends KubeObject {
  readonly metadata: NamespacedMeta
  readonly spec: {
    readonly replicas: number
    readonly minReadySeconds?: number | undefined
    readonly template?: PodTemplateSpec | undefined
  }
  readonly status: ReplicaOwnerStatus
}

export interface ReplicaOwnerStatus {
  readonly replicas: number
  readonly fullyLabeledReplicas?: number | undefined
  readonly readyReplicas?: number | undefined
  readonly availableReplicas?: number | undefined
  readonly terminatingReplicas?: number | undefined
  readonly observedGeneration?: number | undefined
  readonly conditions?: readonly ReplicaSetCondition[] | undefined
}

/** Where the two kinds differ. */
export interface ReplicaOwnerKind<T extends ReplicaOwner> {
  readonly kind: KindRef<T>
  /** The controller's name, as in `--controllers`. */
  readonly name: string
  /** Only ReplicaSets tell of pods that are being deleted. */
  readonly reportsTerminating: boolean
  /** Throws for a selector that is not valid. */
  selectorOf(owner: T): Selector
  withStatus(owner: T, status: ReplicaOwnerStatus): T
}
