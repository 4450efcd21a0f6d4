import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readUpstream, upstreamIsMissing } from '../../../test/support/upstream.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { createLogger, type LogFields } from '../../base/logger.ts'
import { seededRandom } from '../../base/random.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import { builtInKinds } from '../../kinds/index.ts'
import type { Kind } from '../../machinery/kind.ts'
import { StatusError } from '../../machinery/status-error.ts'
import { OpenIdDiscovery } from '../authentication/openid-discovery.ts'
import { FixedKeys } from '../authentication/token-keys.ts'
import { joinChunks } from '../chunk.ts'
import { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import { noteWait } from '../waiting-times.ts'
import { DiscoveryEndpoints } from './discovery-endpoints.ts'
import { endpoints } from './endpoints.ts'
import { HealthEndpoints } from './health-endpoints.ts'
import { OpenApiEndpoints } from './openapi-endpoints.ts'
import { ServerMetrics } from './server-metrics.ts'
import { versionInfo } from './version-info.ts'

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
const encoder = new TextEncoder()

const clock = new VirtualClock()
const version = versionInfo({
  programVersion: '0.1.0',
  commit: 'abc',
  buildDate: '2026-11-21T00:00:00Z',
  nodeVersion: 'v20.11.0',
  os: 'linux',
  architecture: 'x64',
})
const metrics = new ServerMetrics(clock, version)
const logged: LogFields[] = []
let databaseError: Error | undefined

const documents = {
  paths: ['api/v1', 'apis/apps/v1'],
  build: async () => {},
  v3: (path: string) =>
    documents.paths.includes(path)
      ? { bytes: encoder.encode(`{"for":"${path}"}`), hash: `HASH-${path.length}` }
      : undefined,
  index: () => ({ paths: { 'api/v1': { serverRelativeURL: '/openapi/v3/api/v1?hash=HASH-6' } } }),
  v2: () => ({ bytes: encoder.encode('{"swagger":"2.0"}'), hash: 'V2' }),
  v2Protobuf: () => ({ bytes: encoder.encode('in protobuf'), hash: 'P2' }),
}

const handler = endpoints({
  discovery: new DiscoveryEndpoints(builtInKinds, () => '10.0.0.1:6443'),
  openApi: new OpenApiEndpoints(documents, clock),
  pages: { clock, random: seededRandom(1), flags: new Map(), startTime: 0 },
  health: new HealthEndpoints(
    [
      {
        name: 'etcd',
        paths: ['healthz', 'livez', 'readyz'],
        check() {
          if (databaseError !== undefined) throw databaseError
        },
      },
      { name: 'shutdown', paths: ['readyz'], check: async () => {} },
    ],
    createLogger((_level, _message, fields) => logged.push(fields)),
  ),
  metrics,
  openId: new OpenIdDiscovery(
    'https://issuer',
    () => 'https://10.0.0.1/openid/v1/jwks',
    new FixedKeys([]),
  ),
  version,
})

interface Answer {
  readonly code: number
  readonly headers: Readonly<Record<string, string>>
  readonly contentType: string
  readonly text: string
}

async function get(url: string, headers: Record<string, string> = {}, method = 'GET') {
  const signal = new AbortController().signal
  const response = await handler(new ServerRequest({ method, url, headers, signal }))
  return read(response)
}

function read(response: ServerResponse): Answer {
  if (response.type === 'object') {
    const { code, object, headers = {} } = response
    return { code, headers, contentType: '', text: JSON.stringify(object) }
  }
  assert.ok(response.type === 'encoded')
  const text = Buffer.from(joinChunks(response.chunks())).toString()
  return {
    code: response.code,
    headers: response.headers ?? {},
    contentType: response.contentType,
    text,
  }
}

describe('discovery', () => {
  test('upstream has no CBOR where custom resources alone are discovered', () => {
    const { schema } = ConfigMap
    const names = { group: 'x.example.com', version: 'v1', apiVersion: 'x.example.com/v1' }
    const custom = { ...ConfigMap, ...names, schema, custom: {} } as unknown as Kind
    const discovery = new DiscoveryEndpoints([...builtInKinds, custom], () => '10.0.0.1:6443')
    const hasNoCbor = (url: string) => {
      const { signal } = new AbortController()
      const answer = discovery.answer(new ServerRequest({ method: 'GET', url, signal }))
      assert.ok(answer?.type === 'encoded', url)
      return answer.hasNoCbor === true
    }
    assert.equal(hasNoCbor('/apis/x.example.com/v1'), true)
    for (const url of ['/apis', '/apis/apps/v1', '/api/v1']) assert.equal(hasNoCbor(url), false)
  })

  test('the core group tells its versions and the address', async () => {
    assert.deepEqual(JSON.parse((await get('/api')).text), {
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '10.0.0.1:6443' }],
    })
  })

  test("groups and resources are upstream's", { skip: upstreamIsMissing }, async () => {
    for (const [path, file] of [
      ['/apis/apps', 'apis__apps'],
      ['/apis/batch/v1/', 'apis__batch__v1'],
      ['/api/v1', 'api__v1'],
    ]) {
      const { text } = await get(path ?? '')
      assert.deepEqual(JSON.parse(text), readUpstream(`discovery/${file}.json`), path)
    }
  })

  test('aggregated discovery has an ETag, and 304 to who has it', async () => {
    const first = await get('/apis', { accept: `${AGGREGATED},application/json` })
    assert.equal(first.contentType, AGGREGATED)
    assert.equal(JSON.parse(first.text).kind, 'APIGroupDiscoveryList')
    const etag = first.headers['etag'] ?? ''
    assert.match(etag, /^"[0-9A-F]{128}"$/)
    const again = await get('/apis', { accept: AGGREGATED, 'if-none-match': etag })
    assert.equal(again.code, 304)
    // client-go's cache takes these headers for those of its copy.
    assert.equal(again.contentType, AGGREGATED)
    const plain = await get('/apis', { accept: 'application/json' })
    assert.equal(JSON.parse(plain.text).kind, 'APIGroupList')
    const either = await get('/apis', { accept: `application/json,${AGGREGATED}` })
    assert.equal(JSON.parse(either.text).kind, 'APIGroupDiscoveryList')
    const beta = AGGREGATED.replace('v=v2', 'v=v2beta1')
    const old = await get('/apis', { accept: `${beta},application/json` })
    assert.equal(JSON.parse(old.text).kind, 'APIGroupList')
  })
})

describe('health', () => {
  test('all is well: ok, or a line for each check', async () => {
    assert.equal((await get('/readyz')).text, 'ok')
    assert.equal((await get('/healthz')).contentType, 'text/plain; charset=utf-8')
    assert.equal(
      (await get('/readyz?verbose')).text,
      '[+]ping ok\n[+]log ok\n[+]etcd ok\n[+]shutdown ok\nreadyz check passed\n',
    )
    assert.equal((await get('/livez/etcd')).text, 'ok')
    assert.equal((await get('/livez/shutdown')).code, 404)
    assert.equal(
      (await get('/livez?verbose&exclude=etcd&exclude=x')).text,
      '[+]ping ok\n[+]log ok\n[+]etcd excluded: ok\n' +
        'warn: some health checks cannot be excluded: no matches for "x"\nlivez check passed\n',
    )
  })

  test('a failure is a 500 that keeps its reason for the log', async () => {
    databaseError = new Error('the disk is full')
    try {
      const { code, text } = await get('/livez')
      assert.equal(code, 500)
      const lines = ['[+]ping ok', '[+]log ok', '[-]etcd failed: reason withheld']
      assert.equal(text, `${lines.join('\n')}\nlivez check failed\n`)
      const slis = await get('/metrics/slis')
      assert.match(slis.text, /^kubernetes_healthcheck{name="etcd",type="livez"} 0$/m)
      assert.match(slis.text, /_total{name="etcd",status="error",type="livez"} 1$/m)
      assert.match(slis.text, /_total{name="ping",status="success",type="livez"} \d+$/m)
      assert.deepEqual(logged.at(-1), { path: 'livez', check: 'etcd', error: 'the disk is full' })
      const single = await get('/livez/etcd')
      assert.equal(single.text, 'internal server error: the disk is full\n')
      assert.equal((await get('/livez?exclude=etcd')).code, 200)
    } finally {
      databaseError = undefined
    }
  })
})

describe('OpenAPI', () => {
  test('the index leads to documents that caches may keep for ever', async () => {
    const index = JSON.parse((await get('/openapi/v3')).text)
    const { serverRelativeURL } = index.paths['api/v1']
    const found = await get(serverRelativeURL, { accept: 'application/json' })
    assert.equal(found.text, '{"for":"api/v1"}')
    assert.equal(found.headers['cache-control'], 'public, immutable')
    assert.equal(found.headers['etag'], '"HASH-6"')
    const unnamed = await get('/openapi/v3/api/v1')
    assert.equal(unnamed.headers['cache-control'], undefined)
    const same = await get('/openapi/v3/api/v1', { 'if-none-match': '"HASH-6"' })
    assert.equal(same.code, 304)
  })

  test('an old hash is sent to the new one; what is not there is a 404', async () => {
    const moved = await get('/openapi/v3/api/v1?hash=OLD')
    assert.equal(moved.code, 301)
    assert.equal(moved.headers['location'], '/openapi/v3/api/v1?hash=HASH-6')
    assert.deepEqual(
      [moved.text, moved.headers['vary'], moved.headers['etag']],
      ['', 'Accept', '"HASH-6"'],
    )
    const missing = await get('/openapi/v3/apis/none/v1')
    assert.deepEqual([missing.code, missing.contentType, missing.text], [404, '', ''])
    const protobuf = { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' }
    const found = await get('/openapi/v2', protobuf)
    assert.deepEqual([found.text, found.headers['etag']], ['in protobuf', '"P2"'])
    assert.equal(found.headers['vary'], 'Accept-Encoding, Accept')
    for (const path of ['/openapi/v2', '/openapi/v3/api/v1']) {
      const refused = await get(path, { accept: 'text/plain' })
      assert.deepEqual([refused.code, refused.text, refused.headers['vary']], [406, '', 'Accept'])
    }
    assert.equal((await get('/openapi/v2')).text, '{"swagger":"2.0"}')
  })

  test('documents are the same in protobuf, under the same hash', async () => {
    const form = (at: string) => `application/com.github.proto-openapi.spec.v3${at}v1.0+protobuf`
    for (const accept of [form('.'), `${form('@')}, application/json`]) {
      const found = await get('/openapi/v3/api/v1?hash=HASH-6', { accept })
      assert.deepEqual([found.contentType, found.headers['etag']], [form('.'), '"HASH-6"'])
      assert.equal(found.headers['cache-control'], 'public, immutable')
      // The document has nothing that its protobuf form knows but the field of paths.
      assert.deepEqual([...Buffer.from(found.text)], [34, 0])
    }
    const json = await get('/openapi/v3/api/v1', { accept: 'text/html, */*' })
    assert.equal(json.contentType, 'application/json')
  })
})

describe('others', () => {
  test('the version is one that clients can compare', async () => {
    const found = JSON.parse((await get('/version/')).text)
    assert.equal(found.gitVersion, 'v1.36.2+wherry0.1.0')
    assert.equal(found.major, '1')
    assert.equal(found.minor, '36')
    assert.equal(found.platform, 'linux/amd64')
  })

  test('the root lists paths; unknown ones are 404 in the words of clients', async () => {
    const { paths } = JSON.parse((await get('/')).text)
    for (const path of ['/api/v1', '/apis/apps', '/livez/ping', '/openapi/v3', '/statusz']) {
      assert.ok(paths.includes(path), path)
    }
    const missing = await get('/nothing')
    assert.deepEqual([missing.code, missing.text], [404, '404 page not found\n'])
    assert.equal(missing.headers['x-content-type-options'], 'nosniff')
    assert.equal((await get('/apis/none/v1/things')).text, '404 page not found\n')
    const words = 'the server could not find the requested resource'
    await assert.rejects(get('/apis/apps/v9/things'), { code: 404, message: words })
    await assert.rejects(get('/api/v2'), { code: 404, message: words })
    assert.equal((await get('/healthz/')).code, 404)
    await assert.rejects(get('/version/x'), { code: 404, message: words })
    await assert.rejects(get('/openid/v1/jwks/x'), { code: 404, message: words })
    assert.equal((await get('/index.html')).text, (await get('/')).text)
    await assert.rejects(get('/version', {}, 'POST'), { code: 405 })
  })

  test('whoever takes none of what a path has is told what it has', async () => {
    const available = (types: string) => ({
      code: 406,
      message: `406: Not Acceptable\n\nAvailable representations: ${types}`,
    })
    const all = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'
    const cases: readonly [path: string, accept: string, types: string][] = [
      ['/version', 'application/yaml', 'application/json'],
      ['/.well-known/openid-configuration', 'text/html', 'application/json'],
      ['/openid/v1/jwks', 'application/json', 'application/jwk-set+json'],
      ['/api', 'text/html', all],
      ['/api/v1', 'text/plain', all],
      ['/apis/apps/v1', 'garbage', all],
    ]
    for (const [path, accept, types] of cases) {
      await assert.rejects(get(path, { accept }), available(types), path)
      assert.equal((await get(path, { accept: `${accept}, */*;q=0.1` })).code, 200)
    }
    const other = { code: 406, message: `only the following media types are accepted: ${all}` }
    const table = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    await assert.rejects(get('/apis', { accept: 'text/html' }), other)
    await assert.rejects(get('/apis/apps', { accept: 'text/html' }), other)
    await assert.rejects(get('/apis/apps/v1', { accept: table }), other)
  })

  test('metrics count and time requests by what they were about', async () => {
    const call = async (method: string, url: string, answer: () => Promise<ServerResponse>) =>
      metrics.filter(
        new ServerRequest({ method, url, signal: new AbortController().signal }),
        async () => {
          await clock.advance(30)
          return answer()
        },
      )
    const ok = async (): Promise<ServerResponse> => ({ type: 'object', code: 200, object: {} })
    await call('GET', '/api/v1/namespaces/a/pods', ok)
    await call('GET', '/api/v1/namespaces/a/pods', ok)
    await assert.rejects(
      call('POST', '/apis/apps/v1/namespaces/a/deployments?dryRun=All', async () => {
        throw new StatusError('Forbidden', 'no')
      }),
    )
    await call('GET', '/livez/some-secret-path', ok)
    await metrics.filter(
      new ServerRequest({
        method: 'GET',
        url: '/api/v1/nodes',
        signal: new AbortController().signal,
      }),
      async (request) => {
        noteWait(request, 'queueMs', 200)
        noteWait(request, 'mutatingMs', 100)
        noteWait(request, 'mutatingMs', 100)
        noteWait(request, 'validatingMs', 300)
        noteWait(request, 'validatingMs', 250)
        await clock.advance(750)
        return ok()
      },
    )
    metrics.inFlight.readOnly = 3
    const { text, contentType } = await get('/metrics')
    assert.match(contentType, /^text\/plain; version=0\.0\.4/)
    const pods = 'resource="pods",scope="namespace",subresource="",verb="LIST",version="v1"'
    const server = 'component="apiserver"'
    const durations = `apiserver_request_duration_seconds_bucket{${server},dry_run="",group="",`
    for (const line of [
      `apiserver_request_total{code="200",${server},dry_run="",group="",${pods}} 2`,
      `apiserver_request_total{code="403",${server},dry_run="All",group="apps",` +
        'resource="deployments",scope="resource",subresource="",verb="POST",version="v1"} 1',
      'apiserver_current_inflight_requests{request_kind="readOnly"} 3',
      `${durations}${pods},le="0.025"} 0`,
      `${durations}${pods},le="0.05"} 2`,
      `apiserver_request_sli_duration_seconds_bucket{${server},group="",${pods},le="0.05"} 2`,
      `apiserver_request_sli_duration_seconds_sum{${server},group="",resource="nodes",` +
        'scope="cluster",subresource="",verb="LIST",version="v1"} 0.05',
    ]) {
      assert.ok(text.includes(line), `${line}\nin\n${text}`)
    }
    assert.ok(!text.includes('some-secret-path'))
    assert.doesNotMatch(text, /sli_duration_seconds_count\{.*verb="POST"/, 'a dry run counts not')
  })
})
