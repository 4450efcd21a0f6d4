import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { ServerRequest } from '../../src/apiserver/request.ts'
import { formatTime } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { SharedInformers } from '../../src/client/informers.ts'
import { accessDefinitions } from '../../src/controllers/access-definitions.ts'
import { ControllerManager } from '../../src/controllers/runtime/controller-manager.ts'
import { ConfigMap } from '../../src/kinds/core/v1/config-map.ts'
import { Namespace } from '../../src/kinds/core/v1/namespace.ts'
import { Secret } from '../../src/kinds/core/v1/secret.ts'
import { Role } from '../../src/kinds/rbac/v1/role.ts'
import { RoleBinding } from '../../src/kinds/rbac/v1/role-binding.ts'
import { isReason, type StatusError } from '../../src/machinery/status-error.ts'
import { type SecuredApi, startSecuredApi } from '../support/secured-api.ts'

const CLUSTER_INFO = { namespace: 'kube-public', name: 'cluster-info' }

describe('bootstrap tokens', () => {
  let api: SecuredApi
  let running: Promise<void>
  const stop = new AbortController()

  before(async () => {
    api = await startSecuredApi()
    const { clock } = api
    const random = seededRandom(4)
    for (const name of ['kube-system', 'kube-public']) {
      await api.admin.create(Namespace, { metadata: { name } }).catch((error) => {
        if (!isReason(error, 'AlreadyExists')) throw error
      })
    }
    const manager = new ControllerManager({
      ...{ clock, random, logger: silentLogger },
      definitions: accessDefinitions({}),
      controllers: ['bootstrap-signer-controller', 'token-cleaner-controller'],
      clientFor: (name) => api.as(`system:serviceaccount:kube-system:${name}`),
      informers: new SharedInformers({
        ...{ clock, random, logger: silentLogger },
        client: api.as('system:kube-controller-manager'),
      }),
    })
    running = manager.run(stop.signal)
    await clock.advance(1000)
  })
  after(async () => {
    stop.abort()
    await api.clock.advance(60_000)
    await running
    api[Symbol.dispose]()
  })

  async function addToken(id: string, more: Record<string, string> = {}): Promise<void> {
    const fields = {
      'token-id': id,
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-signing': 'true',
      ...more,
    }
    await api.admin.create(Secret, {
      metadata: { namespace: 'kube-system', name: `bootstrap-token-${id}` },
      type: 'bootstrap.kubernetes.io/token',
      data: Object.fromEntries(
        Object.entries(fields).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
      ),
    })
    await api.clock.advance(1000)
  }

  const names = async () =>
    (await api.admin.list(Secret, { namespace: 'kube-system' })).items.map(
      ({ metadata }) => metadata.name,
    )
  const info = async () => (await api.admin.get(ConfigMap, CLUSTER_INFO)).data ?? {}

  test('sign what a machine that joins must trust', async () => {
    await addToken('aaaaaa')
    await addToken('bbbbbb', { 'usage-bootstrap-signing': 'false' })
    await addToken('cccccc', { 'token-id': 'dddddd' })
    const data = { kubeconfig: 'hello', 'jws-kubeconfig-gone00': 'x' }
    await api.admin.create(ConfigMap, { metadata: CLUSTER_INFO, data })
    await api.clock.advance(1000)
    const signed = await info()
    assert.deepEqual(Object.keys(signed).toSorted(), ['jws-kubeconfig-aaaaaa', 'kubeconfig'])
    const [head = '', content, signature] = (signed['jws-kubeconfig-aaaaaa'] ?? '').split('.')
    assert.deepEqual(JSON.parse(Buffer.from(head, 'base64url').toString()), {
      alg: 'HS256',
      kid: 'aaaaaa',
    })
    assert.equal(content, '')
    const expected = createHmac('sha256', '0123456789abcdef')
      .update(`${head}.${Buffer.from('hello').toString('base64url')}`)
      .digest('base64url')
    assert.equal(signature, expected)
  })

  test('are all that a machine which joins has: what they sign is shown to all by a role', async () => {
    const signal = new AbortController().signal
    const ask = async (name: string) => {
      const url = `/api/v1/namespaces/kube-public/configmaps/${name}`
      const request = new ServerRequest({ method: 'GET', url, headers: {}, signal })
      try {
        const response = await api.server.handle(request)
        return 'code' in response && response.code
      } catch (error) {
        return (error as StatusError).code
      }
    }
    assert.equal(await ask('cluster-info'), 403)
    const metadata = { namespace: 'kube-public', name: 'kubeadm:bootstrap-signer-clusterinfo' }
    await api.admin.create(Role, {
      metadata,
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }],
    })
    const apiGroup = 'rbac.authorization.k8s.io'
    await api.admin.create(RoleBinding, {
      metadata,
      roleRef: { apiGroup, kind: 'Role', name: metadata.name },
      subjects: [{ apiGroup, kind: 'User', name: 'system:anonymous' }],
    })
    assert.equal(await ask('cluster-info'), 200)
    for (const other of ['', 'kube-root-ca.crt']) assert.equal(await ask(other), 401, other)
  })

  test('go when they expire, and their signature with them', async () => {
    const at = (ms: number) => formatTime(api.clock.now() + ms)
    await addToken('eeeeee', { expiration: at(60_000) })
    await addToken('ffffff', { expiration: 'soon' })
    assert.ok('jws-kubeconfig-eeeeee' in (await info()))
    assert.ok(!(await names()).includes('bootstrap-token-ffffff'), 'no time is a time that is over')
    await api.clock.advance(50_000)
    assert.ok((await names()).includes('bootstrap-token-eeeeee'))
    await api.clock.advance(10_000)
    assert.ok(!(await names()).includes('bootstrap-token-eeeeee'))
    assert.ok((await names()).includes('bootstrap-token-aaaaaa'))
    assert.ok(!('jws-kubeconfig-eeeeee' in (await info())))
  })

  test('that are changed to last longer, last longer', async () => {
    const at = (ms: number) => formatTime(api.clock.now() + ms)
    await addToken('gggggg', { expiration: at(60_000) })
    const key = { namespace: 'kube-system', name: 'bootstrap-token-gggggg' }
    const secret = await api.admin.get(Secret, key)
    const expiration = Buffer.from(at(600_000)).toString('base64')
    await api.admin.update(Secret, { ...secret, data: { ...secret.data, expiration } })
    await api.clock.advance(300_000)
    assert.ok((await names()).includes(key.name))
    await api.clock.advance(301_000)
    assert.ok(!(await names()).includes(key.name))
  })
})
