import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { systemFileSystem } from '../../src/base/file-system.ts'
import { sendRequest } from '../../src/base/http-backend.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { systemRandom } from '../../src/base/random.ts'
import { StandaloneApiServer } from '../../src/cluster/standalone-api-server.ts'
import { ConnectProxy } from '../support/connect-proxy.ts'
import { EtcdServer, findEtcd } from '../support/etcd-server.ts'
import { allow } from '../support/hooked-api.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { WebhookServer } from '../support/webhook-server.ts'

const found = findEtcd()
const skip = 'reason' in found ? found.reason : false
if (skip !== false) console.log(`skipped: etcd behind a proxy: ${skip}`)

describe('a server whose networks are behind proxies', { skip, timeout: 60_000 }, () => {
  const directory = temporaryDirectory()
  const inDirectory = (name: string) => join(directory.path, name)
  let etcd: EtcdServer
  let etcdProxy: ConnectProxy
  let clusterProxy: ConnectProxy
  let controlProxy: ConnectProxy
  let hook: WebhookServer
  let server: StandaloneApiServer

  before(async () => {
    etcd = await EtcdServer.start({ program: 'program' in found ? found.program : '' })
    etcdProxy = await ConnectProxy.start({ path: inDirectory('etcd.sock') })
    clusterProxy = await ConnectProxy.start({ path: inDirectory('cluster.sock') })
    controlProxy = await ConnectProxy.start({ path: inDirectory('control.sock') })
    hook = await WebhookServer.start()
    hook.answer = (call) => allow(call)
    const selection = (name: string, file: string) => ({
      name,
      connection: {
        proxyProtocol: 'HTTPConnect',
        transport: { uds: { udsName: inDirectory(file) } },
      },
    })
    const configuration = {
      ...{ apiVersion: 'apiserver.k8s.io/v1beta1', kind: 'EgressSelectorConfiguration' },
      egressSelections: [
        selection('etcd', 'etcd.sock'),
        selection('cluster', 'cluster.sock'),
        selection('controlplane', 'control.sock'),
      ],
    }
    writeFileSync(inDirectory('egress.json'), JSON.stringify(configuration))
    server = await StandaloneApiServer.start({
      ...{ dataDirectory: inDirectory('data'), inMemory: false, port: 0 },
      ...{ bindAddress: '127.0.0.1', etcd: { servers: etcd.url } },
      serving: { egressSelectorConfigFile: inDirectory('egress.json') },
      ...{ clock: systemClock, random: systemRandom, files: systemFileSystem },
      logger: silentLogger,
      progress: { step() {}, done() {}, note() {} },
    })
  })

  after(async () => {
    await server?.stop()
    for (const each of [etcdProxy, clusterProxy, controlProxy, hook]) {
      await each?.[Symbol.asyncDispose]()
    }
    await etcd?.remove()
    directory[Symbol.dispose]()
  })

  async function ask(method: string, path: string, body?: object) {
    const { server: url, authority, client } = server.kubeconfig
    const { hostname: host, port } = new URL(url)
    const answer = await sendRequest(
      { host, port: Number(port), tls: { authority, ...client } },
      {
        ...{ method, path, headers: { 'content-type': 'application/json' } },
        ...(body !== undefined && { body: Buffer.from(JSON.stringify(body)) }),
      },
    )
    if (answer.type !== 'response') assert.fail(answer.type)
    return { code: answer.code, text: (await answer.body.toArray()).join('') }
  }

  test('etcd, too, whose library opens connections itself', async () => {
    const { port } = new URL(etcd.url)
    assert.ok(etcdProxy.targets.length > 0)
    assert.ok(etcdProxy.targets.every((target) => target === `127.0.0.1:${port}`))
    const made = await ask('POST', '/api/v1/namespaces', { metadata: { name: 'behind' } })
    assert.equal(made.code, 201, made.text)
  })

  test('kubelets are in the cluster', async () => {
    const status = {
      addresses: [{ type: 'InternalIP', address: '192.0.2.10' }],
      daemonEndpoints: { kubeletEndpoint: { Port: hook.port } },
    }
    const made = await ask('POST', '/api/v1/nodes', { metadata: { name: 'node' }, status })
    assert.equal(made.code, 201, made.text)
    clusterProxy.instead = '127.0.0.1'
    await ask('GET', '/api/v1/nodes/node/proxy/configz')
    assert.deepEqual(clusterProxy.targets, [`192.0.2.10:${hook.port}`])
  })

  test('webhooks by URL are with the control plane', async () => {
    const rules = [
      { operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] },
    ]
    const clientConfig = { url: hook.url('/'), caBundle: hook.caBundle }
    const about = { sideEffects: 'None', admissionReviewVersions: ['v1'] }
    const webhooks = [{ name: 'hook.example.com', clientConfig, rules, ...about }]
    const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
    const configured = await ask('POST', path, { metadata: { name: 'hooks' }, webhooks })
    assert.equal(configured.code, 201, configured.text)
    const map = { metadata: { name: 'hooked' } }
    const made = await ask('POST', '/api/v1/namespaces/behind/configmaps', map)
    assert.equal(made.code, 201, made.text)
    assert.deepEqual(controlProxy.targets, [`127.0.0.1:${hook.port}`])
    assert.ok(hook.calls.length > 0)
  })
})
