import type { ContainerStatus, PodStatus } from '../pod-types.ts'

/**
 * The id of the container instance whose log is wanted: the one that runs, else the last that
 * ended; with `previous`, the one before. Throws upstream's texts where there is none yet.
 */
export function logTarget(
  podName: string,
  status: PodStatus,
  containerName: string,
  previous: boolean,
): string {
  const {
    containerStatuses = [],
    initContainerStatuses = [],
    ephemeralContainerStatuses = [],
  } = status
  const all = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses]
  const found = all.find(({ name }) => name === containerName)
  const what = `container "${containerName}" in pod "${podName}"`
  if (found === undefined) throw new Error(`${what} is not available`)
  const last = found.lastState.terminated?.containerID ?? ''
  if (previous) {
    if (last === '') {
      throw new Error(`previous terminated ${what} not found`)
    }
    return idOf(last)
  }
  const { running, terminated, waiting } = found.state
  if (running !== undefined) return idOf(found.containerID ?? '')
  const ended = terminated?.containerID ?? ''
  if (ended !== '') return idOf(ended)
  if (last !== '') return idOf(last)
  if (terminated !== undefined || found.lastState.terminated !== undefined) {
    throw new Error(`${what} is terminated`)
  }
  throw new Error(`${what} is waiting to start${why(waiting)}`)
}

function why(waiting: ContainerStatus['state']['waiting']): string {
  switch (waiting?.reason) {
    case undefined:
      return ' - no logs yet'
    case 'ErrImagePull':
      return ": image can't be pulled"
    case 'ImagePullBackOff':
      return ': trying and failing to pull image'
    default:
      return `: ${waiting?.reason}`
  }
}

function idOf(containerId: string): string {
  return containerId.replace(/^.*:\/\//, '')
}
