import { systemExec } from '../../src/base/exec.ts'
import { systemFileSystem } from '../../src/base/file-system.ts'
import { ensureContainerd } from '../../src/cri/containerd/ensure-containerd.ts'

/** Why no real containers can be run here; undefined where they can, after installing the rest. */
export async function obstacleToContainers(): Promise<string | undefined> {
  const ability = await ensureContainerd({
    files: systemFileSystem,
    exec: systemExec,
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    progress: (message) => console.log(message),
  })
  if (!ability.canRun) return ability.reason
  const { code } = await systemExec
    .run('kubectl', ['version', '--client'])
    .catch(() => ({ code: 1 }))
  return code === 0 ? undefined : 'kubectl was not found'
}
