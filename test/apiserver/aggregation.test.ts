import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { after, before, beforeEach, describe, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { KeyPair } from '../../src/cluster/certificates/certificate.ts'
import { CertificateAuthority } from '../../src/cluster/certificates/certificate-authority.ts'
import { APIService } from '../../src/kinds/apiregistration/v1/api-service.ts'
import { Namespace } from '../../src/kinds/core/v1/namespace.ts'
import { Service } from '../../src/kinds/core/v1/service.ts'
import { EndpointSlice } from '../../src/kinds/discovery/v1/endpoint-slice.ts'
import { AggregatingApi } from '../support/aggregating-api.ts'
import { ADMIN } from '../support/api-server.ts'
import { COOKIES, ExtensionServer } from '../support/extension-server.ts'

const NAME = 'v1.things.example.com'
const THINGS = '/apis/things.example.com/v1/namespaces/a/things'
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

describe('aggregation', { timeout: 60_000 }, () => {
  let api: AggregatingApi
  let extension: ExtensionServer
  let authority: CertificateAuthority
  let serving: KeyPair

  before(async () => {
    authority = await CertificateAuthority.create('things', systemClock, systemRandom)
    const proxies = await CertificateAuthority.create('proxies', systemClock, systemRandom)
    const identity = await proxies.issue({ commonName: 'front-proxy-client', usages: ['client'] })
    serving = await authority.issue({
      ...{ commonName: 'x', hosts: ['api.things.svc'], usages: ['server'] },
    })
    extension = await ExtensionServer.start(serving, proxies.certificate)
    api = await AggregatingApi.start(identity)
    await api.client.create(Namespace, { metadata: { name: 'things' } })
  })
  beforeEach(() => {
    api.user = ADMIN
    extension.seen.length = 0
  })
  after(async () => {
    await api.close()
    await extension.close()
  })

  const condition = async () => {
    const { status } = await api.client.get(APIService, { name: NAME })
    return status.conditions?.find(({ type }) => type === 'Available')
  }
  const reached = (reason: string) =>
    api.until(async () => (await condition())?.reason === reason, reason)
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const { code, body } = await api.listener.http2('GET', path, headers)
    return { code, body: JSON.parse(body.toString()) }
  }

  test('what is served here is registered', async () => {
    const listed = async () => (await api.client.list(APIService)).items
    const isAvailable = ({ status }: APIService) => status.conditions?.[0]?.reason === 'Local'
    await api.until(
      async () => (await listed()).length >= 30 && (await listed()).every(isAvailable),
      'all local services are available',
    )
    const apps = (await listed()).find(({ metadata }) => metadata.name === 'v1.apps')
    assert.equal(apps?.metadata.labels?.['kube-aggregator.kubernetes.io/automanaged'], 'onstart')
    assert.deepEqual([apps?.spec.groupPriorityMinimum, apps?.spec.versionPriority], [17_800, 15])
    const names = (await listed()).map(({ metadata }) => metadata.name)
    assert.ok(names.includes('v1.') && !names.includes('v1.apiregistration.k8s.io'))
  })

  test('what an operator deletes later on stays so, and the server stays ready', async () => {
    await api.until(() => {
      try {
        api.checkRegistration()
        return true
      } catch (error) {
        assert.match((error as Error).message, /^missing APIService: \[v1\./)
        return false
      }
    }, 'all was seen available')
    await api.client.delete(APIService, { name: 'v1.batch' })
    await api.clock.advance(1000)
    api.checkRegistration()
    await assert.rejects(api.client.get(APIService, { name: 'v1.batch' }), { reason: 'NotFound' })
  })

  test('a service that registers for APIServices themselves can be deleted again', async () => {
    const name = 'v1.apiregistration.k8s.io'
    await api.client.create(APIService, {
      metadata: { name },
      spec: {
        ...{ group: 'apiregistration.k8s.io', version: 'v1' },
        ...{ groupPriorityMinimum: 100, versionPriority: 10, insecureSkipTLSVerify: true },
        service: { namespace: 'nowhere', name: 'none' },
      },
    })
    const path = '/apis/apiregistration.k8s.io/v1'
    assert.equal((await get(path)).body.kind, 'APIResourceList')
    assert.equal((await get(`${path}/apiservices`)).code, 200)
    const gone = await api.listener.http2('DELETE', `${path}/apiservices/${name}`, {})
    assert.equal(gone.code, 200)
  })

  test('what is missing on the way is told in its order', async () => {
    await api.client.create(APIService, {
      metadata: { name: NAME },
      spec: {
        ...{ group: 'things.example.com', version: 'v1' },
        ...{ groupPriorityMinimum: 17_790, versionPriority: 15 },
        caBundle: Buffer.from(authority.certificate).toString('base64'),
        service: { namespace: 'things', name: 'api' },
      },
    })
    await reached('ServiceNotFound')
    assert.equal((await condition())?.message, 'service/api in "things" is not present')
    const { code, headers, body } = await api.listener.http1('GET', THINGS)
    assert.deepEqual([code, body.toString()], [503, 'service unavailable\n'])
    assert.equal(headers['content-type'], 'text/plain; charset=utf-8')
    const { items } = (await get('/apis', { accept: AGGREGATED })).body
    const stale = items.find((one: { metadata: { name: string } }) =>
      one.metadata.name.startsWith('things'),
    )
    assert.deepEqual(stale.versions, [{ version: 'v1', freshness: 'Stale' }])

    const meta = { namespace: 'things', name: 'api' }
    await api.client.create(Service, { metadata: meta, spec: { ports: [{ port: 444 }] } })
    await reached('ServicePortError')
    await api.client.patch(Service, meta, 'application/merge-patch+json', {
      spec: { ports: [{ port: 443 }] },
    })
    await reached('EndpointsNotFound')
    await api.client.create(EndpointSlice, {
      metadata: { ...meta, labels: { 'kubernetes.io/service-name': 'api' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['192.0.2.7'], conditions: { ready: false } }],
      ports: [{ name: '', port: extension.port }],
    })
    await reached('MissingEndpoints')
    await api.client.patch(EndpointSlice, meta, 'application/merge-patch+json', {
      endpoints: [{ addresses: ['192.0.2.7'], conditions: { ready: true } }],
    })
    await reached('Passed')
    assert.equal((await condition())?.status, 'True')
    const metrics = await api.metrics.metrics()
    assert.match(metrics, /aggregator_unavailable_apiservice\{name="v1.things.example.com"\} 0/)
    assert.match(metrics, /_total\{name="v1.things.example.com",reason="ServiceNotFound"\} 1/)
  })

  test('a request reaches the server with the identity of its caller, and nothing to forge one', async () => {
    api.user = {
      name: 'bób',
      uid: 'u-1',
      groups: ['one, two', 'three'],
      extra: { 'example.com/a%b': ['x', 'y'] },
    }
    const answer = await api.listener.http2(
      'POST',
      `${THINGS}?dryRun=All&x=%2F`,
      {
        ...{ 'x-remote-user': 'root', 'x-remote-group': 'system:masters' },
        ...{ 'x-remote-extra-a': 'b', authorization: 'Bearer secret', 'impersonate-user': 'z' },
        ...{ 'content-type': 'application/yaml', 'x-other': 'kept' },
      },
      Buffer.from('kind: Thing'),
    )
    assert.equal(answer.code, 200)
    assert.equal(answer.headers['x-own'], 'kept')
    assert.deepEqual(answer.headers['set-cookie'], COOKIES)
    assert.equal(answer.headers['keep-alive'], undefined)
    const seen = extension.seen.find(({ method }) => method === 'POST')
    assert.equal(seen?.peerName, 'front-proxy-client')
    assert.equal(seen.url, `${THINGS}?dryRun=All&x=%2F`)
    assert.equal(seen.body, 'kind: Thing')
    const values = (name: string) =>
      seen.rawHeaders.filter((_, index, all) => all[index - 1]?.toLowerCase() === name)
    assert.deepEqual(values('x-remote-user'), [Buffer.from('bób').toString('latin1')])
    assert.deepEqual(values('x-remote-group'), ['one, two', 'three'])
    assert.deepEqual(values('x-remote-uid'), ['u-1'])
    assert.deepEqual(values('x-remote-extra-example.com%2fa%25b'), ['x', 'y'])
    assert.deepEqual(values('x-remote-extra-a'), [])
    assert.deepEqual(values('authorization'), [])
    assert.deepEqual(values('impersonate-user'), [])
    assert.deepEqual(values('x-other'), ['kept'])
    assert.deepEqual(values('x-forwarded-for'), ['127.0.0.1'])
    assert.deepEqual(values('host'), [`127.0.0.1:${extension.port}`])
  })

  test('the events of a watch come one by one, to clients on the wire and in this process', async () => {
    const stream = api.listener.session.request({ ':path': `${THINGS}?watch=true` })
    await once(stream, 'response')
    await api.until(() => extension.watch !== undefined, 'the watch is open')
    extension.watch?.write('{"type":"ADDED"')
    const [first] = await once(stream, 'data')
    assert.equal(first.toString(), '{"type":"ADDED"')
    stream.close()
    await once(extension.watch as never, 'close')

    delete extension.watch
    const ended = new AbortController()
    const events = api.client.watch(
      {
        ...{ group: 'things.example.com', version: 'v1', plural: 'things', kind: 'Thing' },
        ...{ apiVersion: 'things.example.com/v1', scope: 'Namespaced' },
      } as never,
      { signal: ended.signal },
    )
    const next = events[Symbol.asyncIterator]().next()
    const opened = (): ServerResponse | undefined => extension.watch
    await api.until(() => opened() !== undefined, 'the watch is open')
    const object = { kind: 'Thing', metadata: { name: 'a' } }
    opened()?.write(`${JSON.stringify({ type: 'ADDED', object })}\n`)
    assert.deepEqual(await next, { done: false, value: { type: 'ADDED', object } })
    ended.abort()
    await once(extension.watch as never, 'close')
  })

  test('discovery that stalls after its head ends with the client', async () => {
    delete extension.watch
    extension.stalls = true
    const path = '/apis/things.example.com/v1'
    const stream = api.listener.session.request({ ':path': path })
    await once(stream, 'response')
    const stalled = extension.watch as ServerResponse | undefined
    assert.ok(stalled !== undefined && !stalled.destroyed)
    stream.close()
    await once(stalled, 'close')
    extension.stalls = false
  })

  test('upgrades are passed on', async () => {
    const headers = { connection: 'Upgrade', upgrade: 'echo' }
    const request = httpsRequest(api.listener.requestOptions('GET', `${THINGS}/a/exec`, headers))
    request.end()
    const [response, socket] = await once(request, 'upgrade')
    assert.equal(response.statusCode, 101)
    socket.write('there and back')
    assert.equal(String((await once(socket, 'data'))[0]), 'there and back')
    socket.destroy()
    assert.ok(extension.seen.at(-1)?.rawHeaders.includes('X-Remote-User'))
  })

  test('a server may not send clients elsewhere', async () => {
    const { code, body } = await api.listener.http1('GET', `${THINGS}/a/moved`)
    assert.equal(code, 502)
    assert.match(body.toString(), /^the backend attempted to redirect this request/)
  })

  test('discovery and types are merged', async () => {
    const groups = async () => (await get('/apis')).body.groups as { name: string }[]
    assert.deepEqual(
      (await groups()).slice(0, 3).map(({ name }) => name),
      ['apiregistration.k8s.io', 'apps', 'things.example.com'],
      'by their priority',
    )
    assert.equal((await get('/apis/things.example.com')).body.preferredVersion.version, 'v1')
    assert.equal((await get('/apis/things.example.com/v1')).body.resources.length, 2)
    const found = async () => {
      const { items } = (await get('/apis', { accept: AGGREGATED })).body
      return items[2].versions[0]
    }
    await api.clock.advance(1000)
    await api.until(async () => (await found()).freshness === 'Current', 'it is current')
    assert.equal((await found()).resources[0].resource, 'things')

    const path = 'apis/things.example.com/v1'
    const index = async () => (await get('/openapi/v3')).body.paths
    await api.until(async () => path in (await index()), 'the types are listed')
    assert.equal((await index())[path].serverRelativeURL, `/openapi/v3/${path}?hash=1`)
    assert.deepEqual((await get(`/openapi/v3/${path}`)).body, { openapi: '3.0.0' })
    const { paths, definitions } = (await get('/openapi/v2')).body
    assert.ok('/apis/things.example.com/v1/things' in paths && '/api/v1/pods' in paths)
    assert.ok('com.example.Thing' in definitions && !('com.example.Unused' in definitions))
    assert.equal(
      definitions['com.example.Thing'].properties.metadata.$ref,
      '#/definitions/io.k8s.api.core.v1.Pod_v2',
      'a type of the same name that is another one',
    )
  })

  test('a server that is gone is found out, and its group stays listed as stale', async () => {
    const { port } = extension
    await extension.close()
    await api.clock.advance(30_000)
    await reached('FailedDiscoveryCheck')
    const url = `https://127.0.0.1:${port}/apis/things.example.com/v1`
    assert.equal(
      (await condition())?.message,
      `failing or missing response from ${url}: Get "${url}": ` +
        `dial tcp 127.0.0.1:${port}: connect: connection refused`,
    )
    await api.clock.advance(30_000)
    await api.until(async () => {
      const { items } = (await get('/apis', { accept: AGGREGATED })).body
      return items[2].versions[0].freshness === 'Stale'
    }, 'it is stale')
    const { items } = (await get('/apis', { accept: AGGREGATED })).body
    assert.equal(items[2].versions[0].resources.length, 1, 'what was known last')
    await assert.rejects(api.client.raw('GET', THINGS), { reason: 'ServiceUnavailable' })
  })

  test('an authority that did not sign the certificate is no use', async () => {
    const other = await CertificateAuthority.create('other', systemClock, systemRandom)
    const proxies = await CertificateAuthority.create('p', systemClock, systemRandom)
    extension = await ExtensionServer.start(serving, proxies.certificate)
    extension.isOld = true
    const meta = { namespace: 'things', name: 'api' }
    const merge = 'application/merge-patch+json'
    await api.client.patch(APIService, { name: NAME }, merge, {
      spec: { caBundle: Buffer.from(other.certificate).toString('base64') },
    })
    await api.client.patch(EndpointSlice, meta, merge, {
      ports: [{ name: '', port: extension.port }],
    })
    await api.until(
      async () => /x509: certificate signed by unknown/.test((await condition())?.message ?? ''),
      'it is not trusted',
    )
    await api.client.patch(APIService, { name: NAME }, merge, {
      spec: { caBundle: null, insecureSkipTLSVerify: true },
    })
    await reached('Passed')
    await api.until(async () => {
      const { items } = (await get('/apis', { accept: AGGREGATED })).body
      const [{ freshness, resources }] = items[2].versions
      return freshness === 'Current' && resources[0].subresources?.length === 1
    }, 'old discovery is understood')
  })

  test('when it is gone its requests find nothing', async () => {
    await api.client.delete(APIService, { name: NAME })
    assert.equal((await get(THINGS)).code, 404)
    const { groups } = (await get('/apis')).body
    assert.ok(!groups.some(({ name }: { name: string }) => name === 'things.example.com'))
    assert.ok(!('apis/things.example.com/v1' in (await get('/openapi/v3')).body.paths))
  })
})
