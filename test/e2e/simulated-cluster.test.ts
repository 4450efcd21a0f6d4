import assert from 'node:assert/strict'
import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { systemExec } from '../../src/base/exec.ts'
import { WherryProcess } from '../support/wherry-process.ts'

/** The user and group `nobody`: who may do nothing but run programs. */
const NOBODY = 65_534

const hasKubectl = await systemExec.run('kubectl', ['version', '--client']).then(
  ({ code }) => code === 0,
  () => false,
)
const skip = hasKubectl ? false : 'kubectl was not found'
if (skip !== false) console.log(`skipped: a cluster without root: ${skip}`)

describe('a cluster without root', { skip }, () => {
  let cluster: WherryProcess

  before(async () => {
    const isRoot = process.getuid?.() === 0
    const ids = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']
    cluster = new WherryProcess(['--port', '0', '--nodes', '2'], isRoot ? ['setpriv', ...ids] : [])
    mkdirSync(cluster.dataDirectory)
    if (isRoot) {
      for (const path of [cluster.directory, cluster.dataDirectory]) chownSync(path, NOBODY, NOBODY)
    }
    await cluster.up()
  })

  after(() => cluster.remove())

  test('says plainly that nodes are simulated, and why', () => {
    assert.match(cluster.output, /nodes are simulated: pods run no containers \(.*need root\)/)
    assert.match(cluster.ok('get', 'nodes'), /-2 +Ready/)
  })

  test('workloads come up, roll and go', async () => {
    cluster.ok('create', 'deployment', 'web', '--image=nginx:1', '--replicas=4')
    cluster.ok('rollout', 'status', 'deployment/web', '--timeout=30s')
    cluster.ok('set', 'image', 'deployment/web', 'nginx=nginx:2')
    cluster.ok('rollout', 'status', 'deployment/web', '--timeout=30s')
    cluster.ok('expose', 'deployment', 'web', '--port=80')
    await cluster.eventually(() => {
      const slices = cluster.ok('get', 'endpointslices', '-l', 'kubernetes.io/service-name=web')
      assert.match(slices, /10\.244\./)
    })
    assert.match(cluster.ok('logs', 'deployment/web'), /^this container is simulated/)
    const { code, stderr } = cluster.kubectl('exec', 'deployment/web', '--', 'true')
    assert.notEqual(code, 0)
    assert.match(stderr, /simulated/)
    cluster.ok('delete', 'deployment', 'web')
    await cluster.eventually(() => assert.equal(cluster.ok('get', 'pods'), ''))
  })

  test('probes and hooks of what is simulated succeed, and it is not root', async () => {
    const httpGet = { path: '/healthz', port: 8080, scheme: 'HTTPS' }
    const container = {
      ...{ name: 'main', image: 'example.com/controller:1' },
      startupProbe: { exec: { command: ['true'] } },
      readinessProbe: { httpGet, initialDelaySeconds: 0, periodSeconds: 1 },
      livenessProbe: { grpc: { port: 9000 } },
      lifecycle: { postStart: { httpGet } },
    }
    const sidecar = { name: 'proxy', image: 'proxy', readinessProbe: { tcpSocket: { port: 80 } } }
    const spec = { containers: [container, sidecar], securityContext: { runAsNonRoot: true } }
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'probed' }, spec }
    const file = join(cluster.directory, 'pod.json')
    writeFileSync(file, JSON.stringify(pod))
    cluster.ok('create', '-f', file)
    cluster.ok('wait', '--for=condition=Ready', 'pod/probed', '--timeout=30s')
    cluster.ok('delete', 'pod', 'probed')
  })

  test('kill -9 and a new start lose nothing', async () => {
    cluster.ok('create', 'configmap', 'kept', '--from-literal=a=b')
    await cluster.end('SIGKILL')
    await cluster.up()
    assert.equal(cluster.ok('get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}'), 'b')
  })

  test('help has examples, mistakes say what to do', () => {
    assert.match(cluster.wherry('up', '--help').stdout, /Examples:\n {2}wherry up/)
    const { code, stderr } = cluster.wherry('up', '--runtime', 'docker')
    assert.equal(code, 1)
    assert.match(stderr, /already runs|unknown runtime "docker": use containerd, simulated/)
  })
})
