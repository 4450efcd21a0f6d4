import { formatError, type Logger } from '../../base/logger.ts'
import type { ContainerRuntime } from '../container-runtime.ts'

/** More at once only wait for each other: each runs a handful of programs. */
const AT_ONCE = 8

/**
 * Stops and removes every sandbox with its containers and its network. What cannot be removed is
 * logged and left to whoever cleans up below.
 */
export async function removeAllPods(runtime: ContainerRuntime, logger: Logger): Promise<void> {
  const ids = (await runtime.listPodSandboxes()).map(({ id }) => id)
  const removeNext = async () => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) await removePod(runtime, id, logger)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, removeNext))
}

async function removePod(runtime: ContainerRuntime, id: string, logger: Logger): Promise<void> {
  try {
    const containers = await runtime.listContainers({ podSandboxId: id })
    await Promise.all(containers.map((container) => runtime.stopContainer(container.id, 0)))
    await runtime.stopPodSandbox(id)
    await runtime.removePodSandbox(id)
  } catch (error) {
    logger.error('removing a sandbox failed', { sandbox: id, error: formatError(error) })
  }
}
