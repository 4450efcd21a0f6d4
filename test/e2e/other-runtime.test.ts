import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { obstacleToContainers } from '../support/container-ability.ts'
import { createTestNetwork, type TestNetwork } from '../support/network-namespace.ts'
import { buildTestImages, testImage } from '../support/test-images.ts'
import { WherryProcess } from '../support/wherry-process.ts'

const skip = (await obstacleToContainers()) ?? false
if (skip !== false) console.log(`skipped: a runtime of others: ${skip}`)

/** A runtime that is there already: the containerd that a killed cluster has left running. */
describe('a cluster on a runtime that it has not started', { skip }, () => {
  let network: TestNetwork
  let owner: WherryProcess
  let cluster: WherryProcess

  before(async () => {
    buildTestImages()
    network = createTestNetwork()
    owner = new WherryProcess(['--runtime', 'containerd'], network.prefix)
    await owner.up()
    owner.wherry('image', 'load', testImage('busybox'))
    await owner.end('SIGKILL')
    const nodes = join(owner.dataDirectory, 'nodes')
    const [node = ''] = readdirSync(nodes)
    const socket = join(nodes, node, 'containerd', 'containerd.sock')
    const options = ['--container-runtime-endpoint', `unix://${socket}`, '--node-name', 'guest']
    cluster = new WherryProcess(options, network.prefix)
    await cluster.up()
  })

  after(async () => {
    try {
      await cluster.remove()
      await owner.remove()
    } finally {
      network[Symbol.dispose]()
    }
  })

  test('pods run, find services by name and reach the API', async () => {
    assert.match(cluster.ok('get', 'nodes'), /^guest +Ready/m)
    const script =
      'nslookup kubernetes.default.svc.cluster.local. && nc -w 3 10.96.0.1 443 </dev/null'
    const pod = ['run', 'box', '--image=busybox', '--image-pull-policy=IfNotPresent']
    cluster.ok(...pod, '--restart=Never', '--command', '--', 'sleep', '600')
    cluster.ok('wait', '--for=condition=Ready', 'pod/box', '--timeout=30s')
    const answer = await cluster.eventually(() =>
      cluster.ok('exec', 'box', '--', 'sh', '-c', script),
    )
    assert.match(answer, /Address: 10\.96\.0\.1$/m)
    cluster.ok('delete', 'pod', 'box', '--grace-period=1', '--timeout=30s')
  })
})
