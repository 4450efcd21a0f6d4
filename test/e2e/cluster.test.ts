import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { sleep, systemClock } from '../../src/base/clock.ts'
import { obstacleToContainers } from '../support/container-ability.ts'
import { createTestNetwork, type TestNetwork } from '../support/network-namespace.ts'
import { buildTestImages, testImage } from '../support/test-images.ts'
import { WherryProcess } from '../support/wherry-process.ts'

/** What a newcomer does with a cluster, by kubectl alone, on real containers. */
const skip = (await obstacleToContainers()) ?? false
if (skip !== false) console.log(`skipped: a cluster with real containers: ${skip}`)

describe('a cluster with real containers', { skip }, () => {
  let network: TestNetwork
  let cluster: WherryProcess

  before(async () => {
    buildTestImages()
    network = createTestNetwork()
    cluster = new WherryProcess(['--runtime', 'containerd'], network.prefix)
    await cluster.up()
    for (const name of ['redis', 'busybox', 'web'] as const) {
      const { code, stderr } = cluster.wherry('image', 'load', testImage(name))
      assert.equal(code, 0, stderr)
    }
  })

  after(async () => {
    try {
      await cluster.remove()
    } finally {
      network[Symbol.dispose]()
    }
  })

  const get = (...args: string[]) => cluster.ok('get', ...args).trim()
  const pods = (selector: string, path: string) =>
    get('pods', '-l', selector, '-o', `jsonpath={range .items[*]}${path}{"\\n"}{end}`).split('\n')
  const fetchInside = (url: string) => cluster.run('curl', '-sS', '--max-time', '5', url)

  test('the node is Ready and its components answer', () => {
    assert.match(get('nodes'), /\bReady\b/)
    assert.equal(get('--raw', '/readyz'), 'ok')
    assert.match(cluster.wherry('status').stdout, /https:\/\/127\.0\.0\.1:6443/)
    assert.match(cluster.wherry('image', 'list').stdout, /docker\.io\/library\/redis:latest/)
  })

  test('the examples come up', () => {
    cluster.ok('apply', '-f', 'examples/')
    cluster.ok('wait', '--for=condition=Ready', 'pod/redis-rails', '--timeout=30s')
    cluster.ok('rollout', 'status', 'deployment/rails', '--timeout=30s')
    assert.match(cluster.ok('describe', 'pod', 'redis-rails'), /Started\s+.*kubelet/)
    assert.match(cluster.ok('explain', 'pod.spec.containers'), /FIELDS:[\s\S]*image\t<string>/)
    assert.match(cluster.ok('diff', '-f', 'examples/'), /^$/)
  })

  test('redis answers PING through the service’s name from another pod', () => {
    const script = 'printf "PING\\r\\nQUIT\\r\\n" | nc redis 6379'
    const answer = cluster.ok('exec', 'deployment/rails', '--', 'sh', '-c', script)
    assert.match(answer, /^\+PONG/)
    const name = 'kubernetes.default.svc.cluster.local.'
    const found = cluster.ok('exec', 'deployment/rails', '--', 'nslookup', name)
    assert.match(found, /Address: 10\.96\.0\.1$/m)
  })

  test('the LoadBalancer’s address answers, and the node port', async () => {
    const address = await cluster.eventually(() => {
      const ip = get(
        'service',
        'web-frontend',
        '-o',
        'jsonpath={.status.loadBalancer.ingress[0].ip}',
      )
      assert.equal(ip, network.address)
      return ip
    })
    const visits = /You are visitor \d+, served by rails-/
    await cluster.eventually(() => {
      assert.match(fetchInside(`http://${address}/cgi-bin/index.cgi`).stdout, visits)
    })
    const port = get('service', 'web-frontend', '-o', 'jsonpath={.spec.ports[0].nodePort}')
    assert.match(fetchInside(`http://${address}:${port}/cgi-bin/index.cgi`).stdout, visits)
  })

  test('logs, exec, cp and port-forward', async () => {
    assert.match(cluster.ok('logs', 'redis-rails'), /Ready to accept connections/)
    assert.equal(cluster.ok('exec', 'redis-rails', '--', 'redis-cli', 'ping'), 'PONG\n')
    const older = ['env', 'KUBECTL_REMOTE_COMMAND_WEBSOCKETS=false', 'kubectl']
    const overSpdy = cluster.run(...older, 'exec', 'redis-rails', '--', 'redis-cli', 'ping')
    assert.equal(overSpdy.stdout, 'PONG\n', overSpdy.stderr)
    const failed = cluster.kubectl('exec', 'redis-rails', '--', 'sh', '-c', 'exit 3')
    assert.equal(failed.code, 3)
    const file = join(cluster.directory, 'file')
    writeFileSync(file, 'x'.repeat(300_000))
    cluster.ok('cp', file, 'redis-rails:/tmp/file')
    assert.match(cluster.ok('exec', 'redis-rails', '--', 'wc', '-c', '/tmp/file'), /^300000/)
    const forward = cluster.spawn('kubectl', 'port-forward', 'pod/redis-rails', ':6379')
    const [line] = (await once(forward.stdout ?? forward, 'data')) as [Buffer]
    const [, port = ''] = /127\.0\.0\.1:(\d+)/.exec(line.toString()) ?? []
    const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; printf 'PING\\r\\n' >&3; head -1 <&3`
    assert.match(cluster.run('bash', '-c', script).stdout, /^\+PONG/)
    forward.kill()
    await once(forward, 'exit')
  })

  test('a killed container restarts, a deleted pod is replaced', async () => {
    cluster.kubectl('exec', 'redis-rails', '--', 'redis-cli', 'shutdown', 'nosave')
    await cluster.eventually(() => {
      const path = '{.status.containerStatuses[0].restartCount}{.status.phase}'
      assert.equal(get('pod', 'redis-rails', '-o', `jsonpath=${path}`), '1Running')
    })
    const [victim = ''] = pods('app=rails', '{.metadata.name}')
    cluster.ok('delete', 'pod', victim)
    await cluster.eventually(() => {
      const names = pods('app=rails', '{.metadata.name}')
      assert.ok(!names.includes(victim) && names.length === 2)
      assert.equal(get('deployment', 'rails', '-o', 'jsonpath={.status.readyReplicas}'), '2')
    })
  })

  test('a rolling update drops no request', async () => {
    const address = get('service', 'web-frontend', '-o', 'jsonpath={.spec.clusterIP}')
    const loop =
      'ok=0; bad=0; while [ ! -e "$1" ]; do ' +
      'if curl -sS --max-time 3 -o /dev/null "$0" 2>/dev/null; then ok=$((ok+1)); ' +
      'else bad=$((bad+1)); fi; done; echo "$ok $bad"'
    const stop = join(cluster.directory, 'stop')
    const load = cluster.spawn('sh', '-c', loop, `http://${address}/cgi-bin/index.cgi`, stop)
    let counted = ''
    load.stdout?.on('data', (chunk: Buffer) => {
      counted += chunk.toString()
    })
    const ended = once(load, 'exit')
    cluster.ok('set', 'env', 'deployment/rails', 'COLOUR=red')
    const status = cluster.spawn(
      'kubectl',
      'rollout',
      'status',
      'deployment/rails',
      '--timeout=60s',
    )
    const [code] = await once(status, 'exit')
    await sleep(systemClock, 500)
    writeFileSync(stop, '')
    await ended
    const [succeeded = 0, failed = 0] = counted.trim().split(' ').map(Number)
    assert.equal(code, 0)
    assert.ok(succeeded > 20, `only ${succeeded} requests`)
    assert.equal(failed, 0, `${failed} of ${succeeded + failed} requests failed`)
  })

  test('scale, roll back and delete', async () => {
    cluster.ok('scale', 'deployment/rails', '--replicas=3')
    cluster.ok('rollout', 'status', 'deployment/rails', '--timeout=30s')
    cluster.ok('rollout', 'undo', 'deployment/rails')
    cluster.ok('rollout', 'status', 'deployment/rails', '--timeout=60s')
    assert.match(cluster.ok('rollout', 'history', 'deployment/rails'), /^3 /m)
    cluster.ok('create', 'namespace', 'scratch')
    cluster.ok('create', 'configmap', 'settings', '--from-literal=a=b', '-n', 'scratch')
    cluster.ok('delete', 'namespace', 'scratch', '--timeout=30s')
    assert.match(cluster.kubectl('get', 'namespace', 'scratch').stderr, /NotFound/)
  })

  test('kill -9 and a new start lose nothing and leave containers running', async () => {
    const status = '.status.containerStatuses[0]'
    const path = `{.metadata.name}/{${status}.containerID}/{${status}.restartCount}`
    const before = await cluster.eventually(() => {
      const running = pods('app in (rails,redis)', path)
      assert.equal(running.length, 4, 'pods of the old revision are still ending')
      return running
    })
    cluster.ok('create', 'configmap', 'kept', '--from-literal=a=b')
    await cluster.end('SIGKILL')
    assert.match(cluster.wherry('status').stderr, /no cluster runs/)
    await cluster.up()
    assert.equal(get('configmap', 'kept', '-o', 'jsonpath={.data.a}'), 'b')
    cluster.ok('rollout', 'status', 'deployment/rails', '--timeout=30s')
    assert.deepEqual(pods('app in (rails,redis)', path), before)
    assert.equal(cluster.ok('exec', 'redis-rails', '--', 'redis-cli', 'ping'), 'PONG\n')
  })

  test('two starts on one data directory are refused', () => {
    const { code, stderr } = cluster.wherry('up')
    assert.equal(code, 1)
    assert.match(stderr, /a cluster already runs in .* \(process \d+, https:/)
  })

  test('an orderly stop and a new start adopt what runs', async () => {
    const started = get(
      'pod',
      'redis-rails',
      '-o',
      'jsonpath={.status.containerStatuses[0].containerID}',
    )
    await cluster.end('SIGINT')
    assert.match(cluster.output, /^Stopped in/m)
    await cluster.up()
    const path = 'jsonpath={.status.containerStatuses[0].containerID}'
    assert.equal(get('pod', 'redis-rails', '-o', path), started)
    cluster.ok('delete', '-f', 'examples/', '--timeout=60s')
    await cluster.eventually(() => assert.equal(get('pods'), ''))
  })
})
