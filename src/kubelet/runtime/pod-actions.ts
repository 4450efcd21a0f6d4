import type { Container, EphemeralContainer } from '../pod-types.ts'
import type { RuntimeContainer } from './runtime-pod.ts'

/** Why a container is killed, where that decides how long it may take to end. */
export type KillReason = 'startupProbe' | 'livenessProbe' | 'postStartHook' | 'other'

export interface ContainerToKill {
  readonly container: RuntimeContainer
  readonly spec: Container
  /** Of the Killing event. */
  readonly message: string
  readonly reason: KillReason
}

/** What one sync of a pod has to do, in this order. */
export interface PodActions {
  /** Stop all containers and the sandbox first. */
  readonly killsPod: boolean
  readonly createsSandbox: boolean
  /** Where containers start; the old one where a new one is made; empty for none. */
  readonly sandboxId: string
  readonly attempt: number
  readonly containersToKill: readonly ContainerToKill[]
  readonly ephemeralContainersToStart: readonly EphemeralContainer[]
  readonly initContainersToStart: readonly Container[]
  readonly containersToStart: readonly Container[]
}

/** What probes have said so far of a container, by its id. Undefined before the first verdict. */
export interface ProbeVerdicts {
  liveness(containerId: string): boolean | undefined
  startup(containerId: string): boolean | undefined
}

/** It gets its new resources by a new start. */
export function killResized(spec: Container, container: RuntimeContainer): ContainerToKill {
  const message = `Container ${spec.name} resize requires restart`
  return { container, spec, message, reason: 'other' }
}

/** It may run or not: two instances of one container must never run at the same time. */
export function killUnknown(
  spec: Container,
  container: RuntimeContainer,
  sort: 'Container' | 'Init container',
): ContainerToKill {
  const message = `${sort} is in "unknown" state, try killing it before restart`
  return { container, spec, message, reason: 'other' }
}
