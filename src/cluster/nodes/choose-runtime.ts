import { ensureContainerd } from '../../cri/containerd/ensure-containerd.ts'
import { type ClusterOptions, MOST_NODES, type RuntimeChoice } from '../cluster-options.ts'

const EXPLAIN_SIMULATED = 'nodes are simulated: pods run no containers'

/**
 * What runs the containers: what was asked for, or containerd where this machine allows it, or else
 * simulated nodes, which is said plainly. Rejects where containerd was asked for and cannot run.
 */
export async function chooseRuntime(options: ClusterOptions): Promise<RuntimeChoice> {
  const { runtime, dataDirectory, progress, files, exec, mayInstall, nodes } = options
  if (runtime?.type === 'simulated' || runtime?.type === 'endpoint') return runtime
  if (dataDirectory === undefined) return { type: 'simulated' }
  const ability = await ensureContainerd({
    files,
    exec,
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    mayInstall,
    progress: (message) => progress.note(message),
  })
  if (ability.canRun) {
    if (nodes > MOST_NODES) {
      throw new Error(`a machine has room for ${MOST_NODES} real nodes; add --runtime simulated`)
    }
    return { type: 'containerd' }
  }
  if (runtime !== undefined) throw new Error(ability.reason)
  progress.note(`${EXPLAIN_SIMULATED} (${ability.reason})`)
  return { type: 'simulated' }
}
