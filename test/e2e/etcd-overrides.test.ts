import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { systemExec } from '../../src/base/exec.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { systemRandom } from '../../src/base/random.ts'
import { parseEndpoints } from '../../src/storage/etcd/endpoint.ts'
import { EtcdStorage } from '../../src/storage/etcd/etcd-storage.ts'
import { EtcdServer, findEtcd } from '../support/etcd-server.ts'
import { WherryProcess } from '../support/wherry-process.ts'

const found = findEtcd()
const hasKubectl = await systemExec.run('kubectl', ['version', '--client']).then(
  ({ code }) => code === 0,
  () => false,
)
const reason = 'reason' in found ? found.reason : 'kubectl was not found'
const skip = 'program' in found && hasKubectl ? false : reason
if (skip !== false) console.log(`skipped: resources in other etcds: ${skip}`)

describe('events and ConfigMaps in another etcd', { skip }, () => {
  let main: EtcdServer
  let other: EtcdServer
  let cluster: WherryProcess

  before(async () => {
    const options = { program: 'program' in found ? found.program : '' }
    ;[main, other] = await Promise.all([EtcdServer.start(options), EtcdServer.start(options)])
    cluster = new WherryProcess([
      ...['--etcd-servers', main.url, '--runtime', 'simulated', '--port', '0'],
      ...['--etcd-servers-overrides', `/events#${other.url},/configmaps#${other.url}`],
      ...['--node-name', 'one', '--etcd-prefix', 'clusters/one'],
    ])
    await cluster.up()
  })

  after(async () => {
    try {
      await cluster.remove()
    } finally {
      await Promise.all([main.remove(), other.remove()])
    }
  })

  test('they are there, under the same prefix, and nothing else is', async () => {
    assert.match(cluster.output, /configmaps at http/)
    cluster.ok('create', 'configmap', 'here', '--from-literal=a=b')
    cluster.ok('create', 'deployment', 'web', '--image=nginx:1')
    await cluster.eventually(() => {
      assert.match(cluster.ok('get', 'events'), /Scheduled/)
      assert.match(cluster.ok('get', 'events.events.k8s.io'), /Scheduled/)
    })
    assert.deepEqual(await resourcesIn(other), ['configmaps', 'events'])
    const rest = await resourcesIn(main)
    assert.ok(rest.includes('pods') && rest.includes('services'), String(rest))
    assert.ok(!rest.includes('events') && !rest.includes('configmaps'), String(rest))
  })

  test('each is watched from its own revisions on, and pages continue', async () => {
    const watching = cluster.spawn('kubectl', 'get', 'configmaps', '-w', '-o', 'name')
    let seen = ''
    watching.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk.toString()
    })
    try {
      await cluster.eventually(() => assert.match(seen, /here/))
      cluster.ok('create', 'configmap', 'watched')
      await cluster.eventually(() => assert.match(seen, /configmap\/watched/))
    } finally {
      watching.kill()
    }
    const paged = cluster.ok('get', 'configmaps', '-A', '--chunk-size=2', '-o', 'name')
    assert.equal(paged, cluster.ok('get', 'configmaps', '-A', '-o', 'name'))
    const revision = (kind: string) =>
      Number(JSON.parse(cluster.ok('get', '--raw', `/api/v1/${kind}`)).metadata.resourceVersion)
    assert.notEqual(revision('configmaps'), revision('pods'))
  })

  test('the one that hangs is named by readiness, and the rest is served', async () => {
    await other.stop('SIGKILL')
    const ready = cluster.kubectl('get', '--raw', '/readyz?verbose')
    assert.match(ready.stderr, /\[-\]etcd-override-0 failed/)
    assert.match(ready.stderr, /\[-\]etcd-override-readiness-0 failed/)
    assert.match(ready.stderr, /\[\+\]etcd ok/)
    const excluded = '/readyz?verbose&exclude=etcd&exclude=etcd-readiness'
    assert.match(cluster.ok('get', '--raw', excluded), /etcd-override-0 excluded with etcd: ok/)
    cluster.ok('create', 'serviceaccount', 'meanwhile')
    const refused = cluster.kubectl('create', 'configmap', 'no', '--request-timeout=2s')
    assert.notEqual(refused.code, 0)
    await other.start()
    await cluster.eventually(() => cluster.ok('create', 'configmap', 'after'))
    await cluster.eventually(() => cluster.ok('get', '--raw', '/readyz'))
    const statuses = cluster.ok('get', 'componentstatuses', '-o', 'name')
    assert.match(statuses, /etcd-0[\s\S]*etcd-1/)
  })
})

/** The first names of the keys of a server's registry there. */
async function resourcesIn({ url }: EtcdServer): Promise<readonly string[]> {
  const storage = await EtcdStorage.open({
    ...{ endpoints: parseEndpoints(url), tls: {} },
    ...{ clock: systemClock, random: systemRandom, logger: silentLogger },
  })
  const prefix = '/clusters/one/'
  const { items } = await storage.list(prefix)
  await storage.close()
  return [...new Set(items.map(({ key }) => key.slice(prefix.length).split('/')[0] ?? ''))]
}
