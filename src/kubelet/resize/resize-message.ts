import type { Pod } from '../../kinds/core/v1/pod.ts'
import { type Container, initContainersOf, isRestartableInit } from '../pod-types.ts'

/** `Pod resize started: {"containers":[…],"generation":2}`: the text of a resize's events. */
export function resizeMessage(what: string, pod: Pod, error = ''): string {
  const sidecars = initContainersOf(pod).filter(isRestartableInit).map(summary)
  const content = {
    ...(sidecars.length > 0 && { initContainers: sidecars }),
    containers: pod.spec.containers.map(summary),
    generation: pod.metadata.generation ?? 0,
    ...(error !== '' && { error }),
  }
  return `Pod resize ${what}: ${JSON.stringify(content)}`
}

function summary({ name, resources: { limits, requests } = {} }: Container) {
  const resources = { ...(limits && { limits }), ...(requests && { requests }) }
  return { name, resources }
}
