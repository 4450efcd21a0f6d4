import type { RuntimeContainer, RuntimePod } from '../runtime/runtime-pod.ts'

/** What of a pod is of no use any more. */
export interface Dead {
  readonly containers: readonly RuntimeContainer[]
  /** Ids. */
  readonly sandboxes: readonly string[]
}

/** One ended instance of each container is kept, for its logs and its last state. */
export function deadParts({ containers, sandboxes }: RuntimePod): Dead {
  const kept = new Set<string>()
  const dead: RuntimeContainer[] = []
  for (const container of containers) {
    const hasEnded = container.state === 'exited' || container.state === 'created'
    if (!hasEnded) continue
    // A created one that is the newest is just being started.
    if (container.state === 'created' && isNewest(container, containers)) continue
    if (kept.has(container.name)) dead.push(container)
    else kept.add(container.name)
  }
  const isDead = new Set(dead)
  const used = new Set(
    containers.filter((one) => !isDead.has(one)).map(({ podSandboxId }) => podSandboxId),
  )
  const old = sandboxes.slice(1).filter(({ id, state }) => {
    return state === 'SANDBOX_NOTREADY' && !used.has(id)
  })
  return { containers: dead, sandboxes: old.map(({ id }) => id) }
}

function isNewest(container: RuntimeContainer, containers: readonly RuntimeContainer[]): boolean {
  return containers.find(({ name }) => name === container.name) === container
}
