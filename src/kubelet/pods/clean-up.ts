import type { RuntimePod } from '../runtime/runtime-pod.ts'
import type { PodIdentity } from '../runtime/runtime-reader.ts'
import { deadParts } from './dead-containers.ts'
import type { PodServices } from './pod-services.ts'

/** Removes what a living pod does not need any more; says whether there was anything. */
export async function removeDeadParts(
  { runtime, files }: PodServices,
  runtimePod: RuntimePod,
): Promise<boolean> {
  const { containers, sandboxes } = deadParts(runtimePod)
  for (const { id, logPath } of containers) {
    await files.removeLog(logPath)
    await runtime.removeContainer(id)
  }
  for (const id of sandboxes) await runtime.removePodSandbox(id)
  return containers.length + sandboxes.length > 0
}

/** Removes all that is left of a pod that is not in the API any more. */
export async function removeAll(
  services: PodServices,
  identity: PodIdentity,
  runtimePod: RuntimePod,
): Promise<void> {
  const { statuses, images, crashBackOff, runtime, reader, files } = services
  const { uid } = identity
  statuses.forget(uid)
  images.forget(uid)
  crashBackOff.forget(`${uid}/`)
  for (const { id } of runtimePod.sandboxes) await runtime.removePodSandbox(id)
  for (const { id } of runtimePod.containers) await runtime.removeContainer(id)
  reader.forget(runtimePod)
  await files.removeLogs(identity)
}
