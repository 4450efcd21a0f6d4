import type { ContainerStatus } from './container-status.ts'
import type { Pod } from './pod.ts'

/** A pod in a few words, as people see it. */
export interface PodSummary {
  /** The phase, or the more telling reason why it is not simply running. */
  readonly reason: string
  readonly ready: number
  readonly total: number
  readonly restarts: number
  /** When a container last ended before a restart. */
  readonly lastRestart: string | undefined
}

interface Restarts {
  readonly count: number
  readonly last: string | undefined
}

interface Initialization {
  /** Set while init containers hold the pod back or have failed. */
  readonly reason: string | undefined
  readonly readySidecars: number
  readonly restarts: Restarts
  readonly sidecarRestarts: Restarts
}

const NONE: Restarts = { count: 0, last: undefined }

/** Sums a pod up as upstream's `kubectl get` does, sidecars counted as containers. */
export function summarizePod(pod: Pod): PodSummary {
  const { metadata, spec, status } = pod
  const { conditions = [], containerStatuses = [] } = status
  const sidecars = sidecarNames(pod)
  const initialization = summarizeInitialization(pod, sidecars)
  const isInitialized = conditions.some((one) => {
    return one.type === 'Initialized' && one.status === 'True'
  })
  const isGated = conditions.some((one) => {
    return one.type === 'PodScheduled' && one.reason === 'SchedulingGated'
  })
  let reason: string = isGated ? 'SchedulingGated' : status.reason || status.phase
  let ready = initialization.readySidecars
  let { restarts } = initialization
  if (initialization.reason !== undefined) reason = initialization.reason
  if (initialization.reason === undefined || isInitialized) {
    ready += containerStatuses.filter(isRunningReady).length
    restarts = containerStatuses.reduce(addRestarts, initialization.sidecarRestarts)
    reason = reasonOfContainers(pod, reason)
  }
  if (metadata.deletionTimestamp !== undefined) {
    const isTerminal = status.phase === 'Succeeded' || status.phase === 'Failed'
    if (status.reason === 'NodeLost') reason = 'Unknown'
    else if (!isTerminal) reason = 'Terminating'
  }
  return {
    reason,
    ready,
    total: spec.containers.length + sidecars.size,
    restarts: restarts.count,
    lastRestart: restarts.last,
  }
}

function sidecarNames({ spec }: Pod): ReadonlySet<string> {
  const { initContainers = [] } = spec
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')
  return new Set(sidecars.map(({ name }) => name))
}

function summarizeInitialization(pod: Pod, sidecars: ReadonlySet<string>): Initialization {
  const { initContainerStatuses = [] } = pod.status
  let restarts = NONE
  let sidecarRestarts = NONE
  let readySidecars = 0
  for (const [index, container] of initContainerStatuses.entries()) {
    const isSidecar = sidecars.has(container.name)
    restarts = addRestarts(restarts, container)
    if (isSidecar) sidecarRestarts = addRestarts(sidecarRestarts, container)
    if (container.state.terminated?.exitCode === 0) continue
    if (isSidecar && container.started === true) {
      if (container.ready) readySidecars += 1
      continue
    }
    const reason = `Init:${initReason(container) ?? progress(index, pod)}`
    return { reason, readySidecars, restarts, sidecarRestarts }
  }
  return { reason: undefined, readySidecars, restarts, sidecarRestarts }
}

function progress(done: number, { spec }: Pod): string {
  return `${done}/${spec.initContainers?.length ?? 0}`
}

/** Why an init container has failed or cannot start; undefined while it simply runs. */
function initReason({ state }: ContainerStatus): string | undefined {
  if (state.terminated !== undefined) return terminationReason(state.terminated)
  const reason = state.waiting?.reason
  return reason === undefined || reason === '' || reason === 'PodInitializing' ? undefined : reason
}

/** The first container that does not run decides; "Completed" gives way to what still runs. */
function reasonOfContainers({ status }: Pod, before: string): string {
  const { conditions = [], containerStatuses = [] } = status
  let reason = before
  let failure = ''
  let isRunning = false
  for (const container of containerStatuses.toReversed()) {
    const { waiting, terminated } = container.state
    if (waiting?.reason) reason = waiting.reason
    else if (terminated !== undefined) {
      reason = terminationReason(terminated)
      if (terminated.exitCode !== 0) failure = reason
    } else if (isRunningReady(container)) isRunning = true
  }
  if (reason !== 'Completed') return reason
  const isReady = conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True')
  if (isRunning && isReady) return 'Running'
  if (failure !== '') return failure
  return isRunning ? 'NotReady' : reason
}

function terminationReason(ended: NonNullable<ContainerStatus['state']['terminated']>): string {
  if (ended.reason) return ended.reason
  return ended.signal ? `Signal:${ended.signal}` : `ExitCode:${ended.exitCode}`
}

function isRunningReady({ ready, state }: ContainerStatus): boolean {
  if (state.waiting?.reason || state.terminated !== undefined) return false
  return ready && state.running !== undefined
}

function addRestarts({ count, last }: Restarts, container: ContainerStatus): Restarts {
  const finished = container.lastState.terminated?.finishedAt ?? undefined
  const isLater = finished !== undefined && (last === undefined || last < finished)
  return { count: count + container.restartCount, last: isLater ? finished : last }
}
