import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { RealNode } from '../support/real-node.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { metadata } from './kubelet/busybox.ts'
import { checkContainers } from './kubelet/containers.ts'
import { checkEnvironment } from './kubelet/pod-environment.ts'

test('a kubelet with real containers', async (t) => {
  const obstacle = await RealNode.obstacle()
  if (obstacle !== undefined) return t.skip(obstacle)
  using directory = temporaryDirectory()
  const node = new RealNode(directory.path, process.env['VERBOSE'] !== undefined)
  try {
    await node.startContainerd()
    await node.startKubelet()
    await checkEnvironment(t, node)
    await checkContainers(t, node)
    await checkRemoval(t, node)
  } finally {
    await node.destroy()
  }
})

/** Last: it removes every pod. */
async function checkRemoval(t: TestContext, node: RealNode): Promise<void> {
  await t.test('everything goes when pods go', async () => {
    for (const { metadata: m } of node.api.list(Pod)) {
      await node.client.delete(Pod, metadata(m.name), { gracePeriodSeconds: 1 })
    }
    await node.until(() => node.api.list(Pod).length === 0)
    const left = async () => [
      ...(await node.host.runtime.listPodSandboxes()),
      ...(await node.disk.files.readDirectory(join(node.disk.rootDirectory, 'pods'))),
      ...(await node.disk.files.readDirectory(node.disk.logRoot)),
    ]
    await node.untilAsync(async () => (await left()).length === 0)
    const secrets = join(node.disk.rootDirectory, 'secrets')
    assert.deepEqual(await node.disk.files.readDirectory(secrets), [])
    const mounts = await node.disk.mounter.mountPointsBelow(node.disk.rootDirectory)
    assert.deepEqual(mounts, [secrets])
    await node.disk.mounter.unmount(secrets)
  })
}
