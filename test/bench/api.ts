import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { sleep, systemClock } from '../../src/base/clock.ts'
import { WherryProcess } from '../support/wherry-process.ts'
import { LoadClients, type LoadRequest, type LoadResult, type LoadTarget } from './api-load.ts'
import { startFloor } from './floor.ts'

const PODS = 3_000
const CLIENTS = 32
const WATCHERS = 100
const GETS = 12_000
const LISTS = 40
const MEBIBYTE = 2 ** 20
const ROOT = '/api/v1/namespaces/bench/pods'

/**
 * The API server over TLS, from another process: 3,000 realistic pods, 32 HTTP/2 clients, durable
 * writes. Beside each figure, what upstream's server with etcd does on such a machine, and the
 * floor: a bare Node server with fixed answers under the same load.
 */
export async function benchApi(print: (line: string) => void): Promise<void> {
  const cluster = new WherryProcess(['--runtime', 'simulated', '--port', '0'])
  try {
    await cluster.up()
    cluster.ok('create', 'namespace', 'bench')
    await cluster.eventually(() => cluster.ok('get', 'serviceaccount', 'default', '-n', 'bench'))
    const before = memoryOf(cluster)
    const floor = await measureFloor()
    using clients = await LoadClients.connect(targetOf(cluster), CLIENTS)
    print(`api: ${PODS} pods of ${podOf(0).length} bytes, ${CLIENTS} clients, durable writes`)
    const show = (name: string, result: LoadResult, upstream: number, bare?: number) => {
      const beside = bare === undefined ? '' : `; floor ${bare.toFixed(0)}/s`
      const failed = result.failures > 0 ? ` (${result.failures} FAILED)` : ''
      print(
        `api ${name.padEnd(22)} ${result.perSecond.toFixed(name.startsWith('list') ? 1 : 0).padStart(7)}/s` +
          `  p50 ${result.p50Ms.toFixed(1)} ms  p99 ${result.p99Ms.toFixed(1)} ms` +
          `  (upstream ${upstream}/s${beside})${failed}`,
      )
    }
    const every = (make: (index: number) => LoadRequest, count = PODS) =>
      clients.run(Array.from({ length: count }, (_, index) => make(index)))

    show('create', await every(create), 820, floor.create)
    show('get', await every(get, GETS), 3_000, floor.get)
    show('list all', await every(() => ({ method: 'GET', path: ROOT }), LISTS), 7.3, floor.list)
    show('list by label', await every(listByLabel, 1_000), 73)
    show('list page of 500', await every(listPage, 300), 60)
    show('strategic patch', await every(strategicPatch), 650, floor.create)
    show('status patch', await every(statusPatch), 640, floor.create)
    show('server-side apply', await every(apply), 1_540, floor.create)
    await measureWatch(clients, print)
    show('delete', await every(remove), 680, floor.create)
    const after = memoryOf(cluster)
    print(`api memory: ${before} MiB before, ${after} MiB after (upstream 930 MiB after)`)
  } finally {
    await cluster.remove()
  }
}

/** What Node can do at all: the same sizes without any work. */
async function measureFloor() {
  await using floor = await startFloor(podOf(0), PODS)
  using clients = await LoadClients.connect(floor.target, CLIENTS)
  const rate = async (request: LoadRequest, count: number) =>
    (await clients.run(Array.from({ length: count }, () => request))).perSecond
  return {
    create: await rate(create(0), PODS),
    get: await rate({ method: 'GET', path: '/get' }, GETS),
    list: await rate({ method: 'GET', path: '/list' }, LISTS),
  }
}

async function measureWatch(clients: LoadClients, print: (line: string) => void): Promise<void> {
  let seen = 0
  const path = `${ROOT}?watch=true&resourceVersion=0&sendInitialEvents=false&resourceVersionMatch=NotOlderThan`
  using _watches = clients.watch(path, WATCHERS, (lines) => {
    seen += lines
  })
  await sleep(systemClock, 1_000)
  seen = 0
  const writes = 500
  const expected = writes * WATCHERS
  const began = performance.now()
  await clients.run(Array.from({ length: writes }, (_, index) => statusPatch(index, 'watched')))
  while (seen < expected && performance.now() - began < 30_000) await sleep(systemClock, 5)
  const seconds = (performance.now() - began) / 1000
  const missing = seen < expected ? ` (${expected - seen} MISSING)` : ''
  print(
    `api watch events to ${WATCHERS}     ${(seen / seconds).toFixed(0).padStart(7)}/s` +
      `  (upstream 21600/s)${missing}`,
  )
}

const nameOf = (index: number) => `pod-${String(index).padStart(5, '0')}`

function create(index: number): LoadRequest {
  return { method: 'POST', path: ROOT, body: podOf(index) }
}

function get(index: number): LoadRequest {
  return { method: 'GET', path: `${ROOT}/${nameOf(index % PODS)}` }
}

function listByLabel(index: number): LoadRequest {
  return { method: 'GET', path: `${ROOT}?labelSelector=shard%3D${index % 30}` }
}

function listPage(): LoadRequest {
  return { method: 'GET', path: `${ROOT}?limit=500` }
}

function strategicPatch(index: number): LoadRequest {
  const body = JSON.stringify({ metadata: { annotations: { 'bench/patched': `${index}` } } })
  const contentType = 'application/strategic-merge-patch+json'
  return { method: 'PATCH', path: `${ROOT}/${nameOf(index)}`, body, contentType }
}

function statusPatch(index: number, value = 'patched'): LoadRequest {
  const condition = { type: 'Ready', status: 'False', reason: value, message: `${index}` }
  const body = JSON.stringify({ status: { conditions: [condition] } })
  const contentType = 'application/strategic-merge-patch+json'
  return { method: 'PATCH', path: `${ROOT}/${nameOf(index)}/status`, body, contentType }
}

function apply(index: number): LoadRequest {
  const body = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: nameOf(index), labels: { applied: 'yes' } },
  })
  const path = `${ROOT}/${nameOf(index)}?fieldManager=bench&force=true`
  return { method: 'PATCH', path, body, contentType: 'application/apply-patch+yaml' }
}

function remove(index: number): LoadRequest {
  return { method: 'DELETE', path: `${ROOT}/${nameOf(index)}?gracePeriodSeconds=0` }
}

/** About 1.5 KB, as pods are; another scheduler's, so that nothing else works on them. */
function podOf(index: number): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: nameOf(index),
      namespace: 'bench',
      labels: { app: 'web', tier: 'frontend', shard: `${index % 30}`, release: 'stable' },
      annotations: {
        'prometheus.io/scrape': 'true',
        'prometheus.io/port': '8080',
        description: 'A pod with what pods have: labels, variables, probes, resources and volumes.',
      },
    },
    spec: {
      schedulerName: 'none',
      containers: [
        {
          name: 'web',
          image: 'registry.example.com/team/web:v1.2.3',
          args: ['--listen=:8080', '--log-level=info', '--config=/etc/web/config.yaml'],
          env: [
            { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            { name: 'DATABASE_URL', value: 'postgres://db.default.svc.cluster.local:5432/web' },
            { name: 'CACHE_URL', value: 'redis://redis.default.svc.cluster.local:6379' },
          ],
          ports: [{ name: 'http', containerPort: 8080 }],
          readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 5 },
          livenessProbe: { httpGet: { path: '/livez', port: 'http' }, initialDelaySeconds: 10 },
          resources: {
            requests: { cpu: '100m', memory: '128Mi' },
            limits: { cpu: '500m', memory: '256Mi' },
          },
          volumeMounts: [{ name: 'config', mountPath: '/etc/web' }],
        },
      ],
      volumes: [{ name: 'config', configMap: { name: 'web-config' } }],
    },
  })
}

function targetOf(cluster: WherryProcess): LoadTarget {
  const config = parse(readFileSync(cluster.kubeconfig, 'utf8'))
  const text = (value: string) => Buffer.from(value, 'base64').toString()
  const [{ cluster: server }] = config.clusters
  const [{ user }] = config.users
  return {
    url: server.server,
    authority: text(server['certificate-authority-data']),
    certificate: text(user['client-certificate-data']),
    key: text(user['client-key-data']),
  }
}

function memoryOf(cluster: WherryProcess): string {
  const { memoryBytes } = JSON.parse(cluster.wherry('status', '-o', 'json').stdout)
  return (memoryBytes / MEBIBYTE).toFixed(0)
}
