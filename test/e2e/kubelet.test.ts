import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { RealNode } from '../support/real-node.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const image = { image: 'busybox', imagePullPolicy: 'IfNotPresent' } as const

test('a kubelet with real containers', async (t) => {
  const obstacle = await RealNode.obstacle()
  if (obstacle !== undefined) return t.skip(obstacle)
  using directory = temporaryDirectory()
  const node = new RealNode(directory.path, process.env['VERBOSE'] !== undefined)
  try {
    await node.startContainerd()
    await node.startKubelet()
    await checks(t, node)
  } finally {
    await node.destroy()
  }
})

async function checks(t: TestContext, node: RealNode): Promise<void> {
  await t.test('a pod runs', async () => {
    for (let i = 0; i < 6; i++) {
      const began = performance.now()
      await node.createPod(`web-${i}`, {
        containers: [{ name: 'main', command: ['sleep', '1000'], ...image }],
      })
      await node.running(`web-${i}`)
      console.log('running after', performance.now() - began)
    }
    assert.match(node.pod('web-0')?.status.podIP ?? '', /^10\.251\.7\./)
  })
}
