import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { RealNode } from '../support/real-node.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { measurePodStarts } from './cri.ts'

const PODS = 12

/** From a pod's creation to Running in the API, beside the bare CRI calls on the same containerd. */
export async function benchKubelet(print: (line: string) => void): Promise<void> {
  const obstacle = await RealNode.obstacle()
  if (obstacle !== undefined) return print(`kubelet: not measured: ${obstacle}`)
  using directory = temporaryDirectory()
  const node = new RealNode(directory.path)
  try {
    await node.startContainerd()
    await node.startKubelet()
    const bare: number[] = []
    const whole: number[] = []
    // In turn, since other work on the machine changes from second to second.
    for (let index = 0; index < PODS; index++) {
      const [start] = await measurePodStarts(node.host.runtime, 'busybox', 1)
      bare.push(start?.totalMs ?? 0)
      whole.push(await measurePod(node, `bench-${index}`))
    }
    const [bareMs, wholeMs] = [median(bare), median(whole)]
    const ratio = (wholeMs / bareMs).toFixed(2)
    print(
      `kubelet pod create to Running, median of ${PODS}: ${wholeMs.toFixed(0)} ms; ` +
        `bare CRI calls ${bareMs.toFixed(0)} ms; ratio ${ratio}`,
    )
  } finally {
    await node.destroy()
  }
}

async function measurePod(node: RealNode, name: string): Promise<number> {
  const began = performance.now()
  const image = { image: 'busybox', imagePullPolicy: 'IfNotPresent' }
  await node.createPod(name, {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'main', command: ['sleep', '1000'], ...image }],
  })
  await node.running(name)
  const took = performance.now() - began
  await node.client.delete(Pod, { namespace: 'default', name }, { gracePeriodSeconds: 1 })
  await node.until(() => node.pod(name) === undefined)
  return took
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}
