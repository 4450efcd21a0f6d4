import type { Pod } from '../../kinds/core/v1/pod.ts'
import { formatDuration } from '../../machinery/duration.ts'
import type { BackOff } from '../images/back-off.ts'
import { type Container, formatPod } from '../pod-types.ts'
import type { RuntimePod } from '../runtime/runtime-pod.ts'

export interface RestartDelay {
  /** For `state.waiting.message`. */
  readonly message: string
  readonly retryAfterMs: number
}

/**
 * How long a container that has ended must still wait; undefined where it may start, which then
 * counts as a failure for the next time. The first restart is at once.
 */
export function restartDelay(
  pod: Pod,
  container: Container,
  { containers }: RuntimePod,
  backOff: BackOff,
): RestartDelay | undefined {
  const ended = containers.find(({ name, state }) => name === container.name && state === 'exited')
  if (ended === undefined) return undefined
  const key = backOffKey(pod, container)
  const retryAfterMs = backOff.remainingMs(key, ended.finishedMs)
  if (retryAfterMs <= 0) {
    backOff.next(key, ended.finishedMs)
    return undefined
  }
  const delay = formatDuration(backOff.delayMs(key))
  const what = `container=${container.name} pod=${formatPod(pod)}`
  return { message: `back-off ${delay} restarting failed ${what}`, retryAfterMs }
}

/** A change of the image or the resources begins anew. */
function backOffKey({ metadata }: Pod, { name, image = '', resources }: Container): string {
  return [metadata.uid, name, image, JSON.stringify(resources ?? {})].join('/')
}
