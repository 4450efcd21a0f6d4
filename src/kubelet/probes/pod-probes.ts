import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import type { ContainerRuntime } from '../../cri/container-runtime.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { parseTime } from '../../machinery/time.ts'
import {
  type Container,
  type ContainerStatus,
  initContainersOf,
  isRestartableInit,
  isTerminalPhase,
  type PodStatus,
  type Probe,
} from '../pod-types.ts'
import type { PodEvents } from '../runtime/pod-events.ts'
import type { Readiness } from '../status/pod-status.ts'
import type { ProbeNetwork } from './probe-network.ts'
import { type ProbeKind, ProbeResults } from './probe-results.ts'
import { type ProbeSubject, ProbeWorker } from './probe-worker.ts'
import { runProbe } from './run-probe.ts'

export interface ProbePorts {
  readonly runtime: ContainerRuntime
  readonly network: ProbeNetwork
  readonly clock: Clock
  readonly random: Random
  readonly events: PodEvents
  /** When this kubelet started (epoch, ms). */
  readonly startedMs: number
}

const KINDS: readonly ProbeKind[] = ['startup', 'readiness', 'liveness']
/** A container that started so long before the kubelet was another kubelet's. */
const RESTART_MARGIN_MS = 10_000

/** All probes of one pod: when they run, and what follows from them. */
export class PodProbes implements Readiness, Disposable {
  readonly results = new ProbeResults()
  readonly #ports: ProbePorts
  readonly #onVerdict: () => void
  readonly #workers = new Map<string, ProbeWorker>()
  readonly #triggered = new Set<string>()
  #pod: Pod
  #status: PodStatus

  constructor(pod: Pod, status: PodStatus, ports: ProbePorts, onVerdict: () => void) {
    this.#pod = pod
    this.#status = status
    this.#ports = ports
    this.#onVerdict = onVerdict
  }

  [Symbol.dispose](): void {
    this.#removeWorkers()
  }

  /** Begins to probe what the pod's containers ask for. */
  start(pod: Pod): void {
    this.#pod = pod
    const specs = [...initContainersOf(pod).filter(isRestartableInit), ...pod.spec.containers]
    for (const container of specs) {
      for (const kind of KINDS) {
        const probe = container[`${kind}Probe`]
        const key = `${kind}/${container.name}`
        if (probe === undefined || this.#workers.has(key)) continue
        this.#workers.set(key, this.#newWorker(kind, probe, container))
      }
    }
  }

  /** Takes note of a new status: what has just started is looked at without delay. */
  observe(pod: Pod, status: PodStatus): void {
    this.#pod = pod
    this.#status = status
    if (isTerminalPhase(status.phase)) {
      this.#removeWorkers()
      return
    }
    const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
    for (const { name, containerID, started, state } of statuses) {
      const moment = `${containerID}/${started}`
      if (state.running === undefined || this.#triggered.has(moment)) continue
      this.#triggered.add(moment)
      for (const kind of KINDS) this.#workers.get(`${kind}/${name}`)?.trigger()
    }
  }

  isStarted(container: Container, status: ContainerStatus): boolean {
    const verdict = this.results.startup(idOf(status))
    if (verdict !== undefined) return verdict
    if (status.started === true) return true
    return container.startupProbe === undefined
  }

  isReady(container: Container, status: ContainerStatus): boolean {
    if (container.readinessProbe === undefined) return true
    const verdict = this.results.get('readiness', idOf(status))
    if (verdict !== undefined) return verdict
    // Adopted and not yet looked at: it stays what it was.
    return this.#isAdopted(status) && this.#wasReady(status)
  }

  #wasReady({ name, containerID }: ContainerStatus): boolean {
    const before = this.#statusOf(name)
    return before?.containerID === containerID && before?.ready === true
  }

  #newWorker(kind: ProbeKind, probe: Probe, container: Container): ProbeWorker {
    const { clock, random, events, runtime, network, startedMs } = this.#ports
    const periodMs = probe.periodSeconds * 1000
    const isRestart = clock.now() - startedMs < periodMs && this.#hasContainer(container.name)
    return new ProbeWorker({
      kind,
      probe,
      container,
      clock,
      results: this.results,
      firstDelayMs: isRestart ? random.next() * periodMs : 0,
      subject: () => this.#subject(container.name),
      look: (containerId, podIp) =>
        runProbe(probe, container, containerId, podIp, { runtime, network }),
      onVerdict: this.#onVerdict,
      onEvent: (reason, message) =>
        events.container(this.#pod, container, 'Warning', reason, message),
    })
  }

  #hasContainer(containerName: string): boolean {
    return this.#statusOf(containerName)?.containerID !== undefined
  }

  #subject(containerName: string): ProbeSubject {
    const status = this.#statusOf(containerName)
    return {
      status,
      startedMs: startOf(status),
      podIp: this.#status.podIP ?? '',
      isEnding: this.#pod.metadata.deletionTimestamp !== undefined,
      isAdopted: status !== undefined && this.#isAdopted(status),
    }
  }

  #statusOf(containerName: string): ContainerStatus | undefined {
    const { containerStatuses = [], initContainerStatuses = [] } = this.#status
    return [...containerStatuses, ...initContainerStatuses].find(
      ({ name }) => name === containerName,
    )
  }

  #isAdopted(status: ContainerStatus): boolean {
    const startedMs = startOf(status)
    return startedMs > 0 && startedMs < this.#ports.startedMs - RESTART_MARGIN_MS
  }

  #removeWorkers(): void {
    for (const worker of this.#workers.values()) worker[Symbol.dispose]()
    this.#workers.clear()
  }
}

function idOf({ containerID = '' }: ContainerStatus): string {
  return containerID.replace(/^.*:\/\//, '')
}

function startOf(status: ContainerStatus | undefined): number {
  const startedAt = status?.state.running?.startedAt
  return typeof startedAt === 'string' ? parseTime(startedAt) : 0
}
