import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { ephemeralContainersOf, initContainersOf } from '../pod-types.ts'

type EventType = 'Normal' | 'Warning'

/** Writes events about pods and their containers. */
export class PodEvents {
  readonly #recorder: EventRecorder

  constructor(recorder: EventRecorder) {
    this.#recorder = recorder
  }

  pod(pod: Pod, type: EventType, reason: string, message: string): void {
    this.#recorder.event(pod, type, reason, message)
  }

  /** A container's id in a message is replaced by its name: ids would make every event new. */
  container(
    pod: Pod,
    container: { readonly name: string },
    type: EventType,
    reason: string,
    message: string,
    containerId = '',
  ): void {
    const text = containerId === '' ? message : message.replaceAll(containerId, container.name)
    this.#recorder.event(pod, type, reason, text, { fieldPath: fieldPath(pod, container.name) })
  }
}

function fieldPath(pod: Pod, containerName: string): string {
  const isNamed = ({ name }: { readonly name: string }) => name === containerName
  if (initContainersOf(pod).some(isNamed)) return `spec.initContainers{${containerName}}`
  if (ephemeralContainersOf(pod).some(isNamed)) return `spec.ephemeralContainers{${containerName}}`
  return `spec.containers{${containerName}}`
}
