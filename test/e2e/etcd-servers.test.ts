import assert from 'node:assert/strict'
import { once } from 'node:events'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { systemExec } from '../../src/base/exec.ts'
import { EtcdServer, findEtcd } from '../support/etcd-server.ts'
import { WherryProcess } from '../support/wherry-process.ts'

const found = findEtcd()
const hasKubectl = await systemExec.run('kubectl', ['version', '--client']).then(
  ({ code }) => code === 0,
  () => false,
)
const reason = 'reason' in found ? found.reason : 'kubectl was not found'
const skip = 'program' in found && hasKubectl ? false : reason
if (skip !== false) console.log(`skipped: servers that share an etcd: ${skip}`)

const CERTIFICATES = 'certificates'

describe('two servers on one etcd', { skip }, () => {
  let etcd: EtcdServer
  let one: WherryProcess
  let two: WherryProcess

  const server = (name: string, ...flags: readonly string[]) =>
    new WherryProcess([
      ...['--etcd-servers', etcd.url, '--runtime', 'simulated', '--port', '0'],
      ...['--node-name', name, ...flags],
    ])

  before(async () => {
    etcd = await EtcdServer.start({ program: 'program' in found ? found.program : '' })
    one = server('one')
    two = server('two')
    await one.up()
  })

  after(async () => {
    try {
      await Promise.all([one.remove(), two.remove()])
    } finally {
      await etcd.remove()
    }
  })

  test('one with keys of its own is refused, one with the same keys joins', async () => {
    await assert.rejects(two.up(), /belongs to a cluster with another certificate authority/)
    mkdirSync(two.dataDirectory, { recursive: true })
    const [from, to] = [one, two].map(({ dataDirectory }) => join(dataDirectory, CERTIFICATES))
    cpSync(from ?? '', to ?? '', { recursive: true, force: true })
    await two.up()
    assert.match(two.output, /etcd at http/)
    for (const each of [one, two]) {
      await each.eventually(() => {
        const nodes = each.ok('get', 'nodes')
        assert.match(nodes, /^one +Ready/m)
        assert.match(nodes, /^two +Ready/m)
      })
    }
  })

  test('another cluster has a part of the etcd to itself', async () => {
    const other = server('other', '--etcd-prefix', 'other/cluster')
    try {
      await other.up()
      other.ok('create', 'configmap', 'mine')
      await other.eventually(() => assert.match(other.ok('get', 'nodes'), /^other +Ready/m))
      assert.doesNotMatch(one.ok('get', 'nodes,configmaps'), /other|mine/)
      assert.doesNotMatch(other.ok('get', 'nodes'), /^(one|two) /m)
      await other.end('SIGTERM')
      const lmdb = `lmdb:${join(other.directory, 'copied')}`
      const copy = (...args: readonly string[]) =>
        other.run(...other.command('store', 'copy', '--from', etcd.url, '--to', lmdb, ...args))
      const out = copy('--from-prefix', '/other/cluster')
      assert.match(out.stdout, /^Copied \d+ keys/, out.stderr)
      assert.match(copy('--to-prefix', 'a').stderr, /holds one cluster: it has no prefix/)
    } finally {
      await other.remove()
    }
  })

  test('each sees at once what the other wrote, secrets too', () => {
    for (let i = 0; i < 5; i++) {
      const [writer, reader] = i % 2 === 0 ? [one, two] : [two, one]
      writer.ok('create', 'secret', 'generic', `s${i}`, `--from-literal=key=value${i}`)
      const read = reader.ok('get', 'secret', `s${i}`, '-o', 'jsonpath={.data.key}')
      assert.equal(Buffer.from(read, 'base64').toString(), `value${i}`)
      reader.ok('label', 'secret', `s${i}`, 'by=reader')
      assert.match(
        writer.ok('get', 'secrets', '-l', 'by=reader', '-o', 'name'),
        RegExp(`s${i}$`, 'm'),
      )
    }
    const taken = two.kubectl('create', 'secret', 'generic', 's0')
    assert.match(taken.stderr, /secrets "s0" already exists/)
  })

  test('a node port that is asked of both at once is given once', async () => {
    const ports = Array.from({ length: 25 }, (_, i) => 30_100 + i)
    const creating = [one, two].map(async (each, index) => {
      const items = ports.map((port) => nodePortService(`p${index}-${port}`, port))
      const path = join(each.directory, 'services.json')
      writeFileSync(path, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
      await once(each.spawn('kubectl', 'create', '-f', path), 'exit')
    })
    await Promise.all(creating)
    const out = one.ok('get', 'services', '-l', 'test=ports', '-o', 'json')
    const { items } = JSON.parse(out) as { items: readonly ReturnType<typeof nodePortService>[] }
    const given = items.map(({ spec }) => spec.ports[0]?.nodePort)
    assert.deepEqual(given.toSorted(), ports)
    const addresses = new Set(items.map(({ spec }) => spec.clusterIP))
    assert.equal(addresses.size, ports.length)
    one.ok('delete', 'services', '-l', 'test=ports')
  })

  test('a watch of one shows the writes of the other', async () => {
    const watching = two.spawn('kubectl', 'get', 'configmaps', '-w', '-o', 'name')
    let seen = ''
    watching.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk.toString()
    })
    try {
      await two.eventually(() => assert.match(seen, /kube-root-ca.crt/))
      one.ok('create', 'configmap', 'watched', '--from-literal=a=b')
      await two.eventually(() => assert.match(seen, /configmap\/watched/))
    } finally {
      watching.kill()
    }
  })

  test('one of them controls and schedules; the other takes over', async () => {
    one.ok('create', 'deployment', 'web', '--image=nginx:1', '--replicas=6')
    one.ok('rollout', 'status', 'deployment/web', '--timeout=30s')
    const holder = () =>
      two.ok(
        ...['get', 'lease', '-n', 'kube-system', 'kube-controller-manager'],
        ...['-o', 'jsonpath={.spec.holderIdentity}'],
      )
    assert.match(holder(), /^one_/)
    const pods = two.ok('get', 'pods', '-o', 'jsonpath={.items[*].spec.nodeName}').split(' ')
    assert.equal(pods.length, 6)
    assert.deepEqual([...new Set(pods)].toSorted(), ['one', 'two'])
    await one.end('SIGTERM')
    await two.eventually(() => assert.match(holder(), /^two_/))
    two.ok('scale', 'deployment', 'web', '--replicas=8')
    await two.eventually(() => {
      const count = two.ok('get', 'deployment', 'web', '-o', 'jsonpath={.status.replicas}')
      assert.equal(count, '8')
    })
    await one.up()
    one.ok('get', 'secret', 's0')
  })

  test('etcd is killed: requests fail clearly or wait, and all goes on', async () => {
    await etcd.stop('SIGKILL')
    const { code, stderr } = one.kubectl('get', 'nodes', '--request-timeout=2s')
    assert.notEqual(code, 0)
    assert.doesNotMatch(stderr, /panic/)
    await etcd.start()
    await two.eventually(() => two.ok('create', 'configmap', 'after', '--from-literal=a=b'))
    await one.eventually(() => one.ok('get', 'configmap', 'after'))
  })

  test('the state moves to a store of this machine and back', async () => {
    await one.end('SIGTERM')
    await two.end('SIGTERM')
    const lmdb = `lmdb:${one.dataDirectory}`
    const copy = (...args: readonly string[]) => one.run(...one.command('store', 'copy', ...args))
    const out = copy('--from', etcd.url, '--to', lmdb)
    assert.match(out.stdout, /^Copied \d+ keys/, out.stderr)
    const refused = copy('--from', lmdb, '--to', etcd.url)
    assert.match(refused.stderr, /the target holds \d+ keys; --force replaces them/)
    const forced = copy('--from', lmdb, '--to', etcd.url, '--force')
    assert.equal(forced.stdout.split(' ')[1], out.stdout.split(' ')[1], forced.stderr)
    const missing = copy('--from', `lmdb:${join(one.directory, 'no')}`, '--to', etcd.url)
    assert.match(missing.stderr, /holds no store/)
    await two.up()
    const read = two.ok('get', 'secret', 's1', '-o', 'jsonpath={.data.key}')
    assert.equal(Buffer.from(read, 'base64').toString(), 'value1')
  })
})

function nodePortService(name: string, nodePort: number) {
  return {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name, labels: { test: 'ports' } } },
    spec: { type: 'NodePort', clusterIP: '', ports: [{ port: 80, nodePort }] },
  }
}
