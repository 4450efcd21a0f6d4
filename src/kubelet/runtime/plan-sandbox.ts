import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { RuntimePod } from './runtime-pod.ts'

export interface SandboxPlan {
  readonly needsNew: boolean
  /** The attempt number of the new sandbox, or of the one that serves. */
  readonly attempt: number
  /** The newest sandbox, whatever its state; empty for none. */
  readonly sandboxId: string
}

/** A pod has one ready sandbox, the newest one, with the network its specification asks for. */
export function planSandbox(pod: Pod, { sandboxes }: RuntimePod): SandboxPlan {
  const [newest] = sandboxes
  if (newest === undefined) return { needsNew: true, attempt: 0, sandboxId: '' }
  const attempt = newest.metadata?.attempt ?? 0
  const renew = { needsNew: true, attempt: attempt + 1, sandboxId: newest.id }
  if (sandboxes.filter(({ state }) => state === 'SANDBOX_READY').length > 1) return renew
  if (newest.state !== 'SANDBOX_READY') return renew
  const isOnHost = newest.linux?.namespaces?.options?.network === 'NODE'
  if (isOnHost !== (pod.spec.hostNetwork ?? false)) return { ...renew, sandboxId: '' }
  const hasNoAddress = newest.network !== undefined && newest.network.ip === ''
  if (!isOnHost && hasNoAddress) return renew
  return { needsNew: false, attempt, sandboxId: newest.id }
}
