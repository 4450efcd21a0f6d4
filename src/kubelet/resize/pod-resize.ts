import { formatError } from '../../base/logger.ts'
import type { ContainerRuntime } from '../../cri/container-runtime.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { Container, PodCondition } from '../pod-types.ts'
import { amountOf } from '../pods/pod-requests.ts'
import { EVENT } from '../reasons.ts'
import type { NodeFacts } from '../runtime/node-facts.ts'
import type { PodEvents } from '../runtime/pod-events.ts'
import { containerResources } from '../runtime/resources.ts'
import type { RuntimePod } from '../runtime/runtime-pod.ts'
import {
  allocationInStatus,
  computeChange,
  needsRestart,
  type Resources,
  resizableContainers,
  resourcesOf,
  runningId,
  withResources,
} from './allocation.ts'
import { resizeMessage } from './resize-message.ts'

export interface ResizePorts {
  readonly runtime: ContainerRuntime
  readonly events: PodEvents
  nodeFacts(): NodeFacts
}

/** Why a node does not grant more. */
export interface ResizeProblem {
  readonly reason: 'Infeasible' | 'Deferred'
  readonly message: string
}

/** What a container that runs still has, and which one that was. */
interface Actual {
  readonly id: string
  readonly resources: Resources
}

/**
 * The resources of a pod's containers on their way from what is wanted over what the node grants
 * to what the containers have.
 */
export class PodResize {
  readonly #ports: ResizePorts
  readonly #problemOf: (pod: Pod) => ResizeProblem | undefined
  #wanted: Pod
  #granted: Pod
  /** Where a container does not have what is granted. */
  readonly #actual = new Map<string, Actual>()
  #problem: ResizeProblem | undefined
  #error = ''
  #isUnderWay = false
  #generation: number | undefined

  /** `pod` as the API has it: what its status tells was granted by a kubelet before this one. */
  constructor(pod: Pod, ports: ResizePorts, problemOf: (pod: Pod) => ResizeProblem | undefined) {
    this.#ports = ports
    this.#problemOf = problemOf
    this.#wanted = pod
    this.#granted = withResources(pod, allocationInStatus(pod))
  }

  /** The pod with what the node has granted it. */
  get pod(): Pod {
    return this.#granted
  }

  /** The pod as it now stands in the API. */
  want(pod: Pod): void {
    const isSame = this.#granted === this.#wanted && pod.spec === this.#wanted.spec
    this.#granted = isSame ? pod : withResources(pod, resourcesOf(this.#granted))
    this.#wanted = pod
  }

  /** What a container really has. */
  actual({ name, resources }: Container): Resources | undefined {
    return this.#actual.get(name)?.resources ?? resources
  }

  /** The names of the containers that get what is granted by a new start. */
  get restarts(): ReadonlySet<string> {
    const names = resizableContainers(this.#granted).flatMap((container) => {
      const actual = this.#actual.get(container.name)
      if (actual === undefined) return []
      const change = computeChange(actual.resources, container.resources ?? {})
      return needsRestart(container, change) ? [container.name] : []
    })
    return new Set(names)
  }

  /** Without their times. */
  get conditions(): readonly PodCondition[] {
    const condition = (type: string, reason: string, message: string): PodCondition => ({
      type,
      status: 'True',
      ...(this.#generation !== undefined && { observedGeneration: this.#generation }),
      ...(reason !== '' && { reason }),
      ...(message !== '' && { message }),
    })
    const found: PodCondition[] = []
    const problem = this.#problem
    if (problem) found.push(condition('PodResizePending', problem.reason, problem.message))
    if (this.#isUnderWay) {
      const reason = this.#error === '' ? '' : 'Error'
      found.push(condition('PodResizeInProgress', reason, this.#error))
    }
    return found
  }

  /** Grants what can be granted and gives it to the containers that run; whether that changed. */
  async advance(runtimePod: RuntimePod): Promise<boolean> {
    const before = this.#granted
    if (this.#granted === this.#wanted) this.#problem = undefined
    else this.#decide(runtimePod)
    for (const container of resizableContainers(this.#granted)) {
      const actual = this.#actual.get(container.name)
      if (actual === undefined) continue
      // One that has started since then has what is granted.
      if (runningId(runtimePod, container.name) !== actual.id) this.#actual.delete(container.name)
      else await this.#give(container, actual)
    }
    if (this.#isUnderWay && this.#actual.size === 0) {
      this.#isUnderWay = false
      this.#tell('Normal', EVENT.resizeCompleted, 'completed')
    }
    return before !== this.#granted
  }

  #decide(runtimePod: RuntimePod): void {
    const { generation } = this.#wanted.metadata
    const problem = this.#problemOf(this.#wanted)
    if (problem !== undefined) {
      const isNew = problem.reason !== this.#problem?.reason || generation !== this.#generation
      this.#problem = problem
      this.#generation = generation
      if (!isNew) return
      const { reason, message } = problem
      const name = reason === 'Infeasible' ? EVENT.resizeInfeasible : EVENT.resizeDeferred
      const text = resizeMessage(reason, this.#wanted, message)
      this.#ports.events.pod(this.#wanted, 'Warning', name, text)
      return
    }
    for (const { name, resources = {} } of resizableContainers(this.#granted)) {
      const id = runningId(runtimePod, name)
      if (id !== undefined && !this.#actual.has(name)) this.#actual.set(name, { id, resources })
    }
    this.#problem = undefined
    this.#error = ''
    this.#granted = this.#wanted
    this.#generation = generation
    this.#isUnderWay = true
    this.#tell('Normal', EVENT.resizeStarted, 'started')
  }

  async #give(container: Container, { id, resources }: Actual): Promise<void> {
    const { name, resources: wanted = {} } = container
    const change = computeChange(resources, wanted)
    if (needsRestart(container, change)) return
    const { runtime, nodeFacts } = this.#ports
    try {
      if (change.cpu || change.memory) {
        await this.#checkMemory(id, resources, wanted)
        const { memoryBytes } = nodeFacts()
        const limits = containerResources(this.#granted, container, memoryBytes)
        await runtime.updateContainerResources(id, limits)
      }
      this.#actual.delete(name)
      this.#error = ''
    } catch (error) {
      const message = `failed to resize container ${name}: ${formatError(error)}`
      if (message === this.#error) return
      this.#error = message
      this.#tell('Warning', EVENT.resizeError, 'error', message)
    }
  }

  /** A limit below what is in use would have the kernel kill the container. */
  async #checkMemory(id: string, from: Resources, to: Resources): Promise<void> {
    const limit = amountOf('memory', to.limits)
    const old = amountOf('memory', from.limits)
    if (limit === 0 || (old !== 0 && limit >= old)) return
    const stats = await this.#ports.runtime.containerStats(id)
    const usage = Number(stats?.memory?.usageBytes ?? 0)
    if (usage <= limit) return
    throw new Error(`attempting to set memory limit (${limit}) below current usage (${usage})`)
  }

  #tell(type: 'Normal' | 'Warning', reason: string, what: string, error = ''): void {
    this.#ports.events.pod(this.#granted, type, reason, resizeMessage(what, this.#granted, error))
  }
}
