import type { Toleration } from '../../kinds/core/v1/toleration.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'
import { podOf } from './pods.ts'

const TOLERATION_SECONDS = 300
const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'] as const

/** By the taint, where it is not five minutes. */
export type TolerationSeconds = Readonly<Partial<Record<(typeof TAINTS)[number], number>>>

/** Pods stay for five minutes on a node that is not ready, unless they say otherwise. */
export class DefaultTolerationSeconds implements AdmissionPlugin {
  readonly name = 'DefaultTolerationSeconds'
  readonly operations: readonly Operation[] = ['CREATE', 'UPDATE']
  readonly resources: readonly string[] = ['/pods']
  /** The same values for all pods. */
  readonly #added: readonly (Toleration & { readonly key: string })[]

  /** Five minutes for both when absent. */
  constructor(seconds: TolerationSeconds = {}) {
    this.#added = TAINTS.map((key) => ({
      key,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: seconds[key] ?? TOLERATION_SECONDS,
    }))
  }

  mutate(attributes: AdmissionAttributes): KubeObject | undefined {
    const pod = podOf(attributes)
    if (pod === undefined) return undefined
    const { tolerations = [] } = pod.spec
    const added = this.#added.filter(({ key }) => !tolerations.some((one) => tolerates(one, key)))
    if (added.length === 0) return undefined
    return { ...pod, spec: { ...pod.spec, tolerations: [...tolerations, ...added] } } as KubeObject
  }
}

function tolerates({ key = '', effect }: Toleration, taint: string): boolean {
  return (key === '' || key === taint) && (effect === undefined || effect === 'NoExecute')
}
