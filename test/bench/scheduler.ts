import { setMaxListeners } from 'node:events'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { ApiClient } from '../../src/client/api-client.ts'
import type { EventRecorder } from '../../src/client/event-recorder.ts'
import { SharedInformers } from '../../src/client/informers.ts'
import { ReplicaSet } from '../../src/kinds/apps/v1/replica-set.ts'
import { Node } from '../../src/kinds/core/v1/node.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { ownerReferenceTo } from '../../src/machinery/owner-references.ts'
import { Scheduler } from '../../src/scheduler/scheduler.ts'
import { SimulatedApi } from '../support/simulated-api.ts'

const NODES = 500
const PODS = 2000
const ZONES = 3
const WAITING = 1_000

const noEvents: EventRecorder = { event: () => {} }

/**
 * Measures how long the pods of one ReplicaSet take until all are bound, against an API server in
 * memory, and how long the event loop is held up meanwhile.
 */
export async function benchScheduler(print: (line: string) => void): Promise<void> {
  const random = seededRandom(1)
  const api = new SimulatedApi(systemClock, random)
  const client = new ApiClient(api)
  const ports = { client, clock: systemClock, random, logger: silentLogger }
  await createCluster(client)
  const informers = new SharedInformers(ports)
  const scheduler = new Scheduler({ ...ports, informers, recorder: noEvents })
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  let bound = 0
  const stall = watchLoop()
  const started = performance.now()
  const cpu = process.cpuUsage()
  const allBound = new Promise<void>((resolve) => {
    api.store.onCommit(({ resource, object, old }) => {
      if (resource !== '/pods') return
      const isBound = (pod: Pod | undefined) => (pod?.spec.nodeName ?? '') !== ''
      if (isBound(object as Pod) && !isBound(old as Pod | undefined)) bound++
      if (bound === PODS) resolve()
    })
  })
  const running = Promise.all([informers.run(stop.signal), scheduler.run(stop.signal)])
  await allBound
  const ms = performance.now() - started
  const { user, system } = process.cpuUsage(cpu)
  const rate = Math.round((PODS * 1000) / ms).toLocaleString('en')
  const cpuMs = ((user + system) / 1000).toFixed(0)
  const text = `${ms.toFixed(0)} ms (${cpuMs} ms of CPU), ${rate} pods/s`
  print(`scheduler  ${PODS} pods over ${NODES} nodes bound: ${text}`)
  print(`scheduler    longest stall of the event loop: ${stall()} ms`)
  await benchWaiting(api, client, print)
  stop.abort()
  await running
}

/** What it costs that many pods wait for room which no event brings. */
async function benchWaiting(
  api: SimulatedApi,
  client: ApiClient,
  print: (line: string) => void,
): Promise<void> {
  const container = { name: 'main', image: 'huge', resources: { requests: { cpu: '64' } } }
  let told = 0
  const { promise, resolve } = withResolvers()
  const listening = api.store.onCommit(({ resource, type }) => {
    if (resource === '/pods' && type === 'MODIFIED' && ++told === WAITING) resolve()
  })
  const started = performance.now()
  for (let index = 0; index < WAITING; index++) {
    const metadata = { name: `huge-${index}`, namespace: 'default' }
    await client.create(Pod, { metadata, spec: { containers: [container] } })
  }
  await promise
  listening[Symbol.dispose]()
  const ms = (performance.now() - started) / WAITING
  print(`scheduler  ${WAITING} pods that fit nowhere: ${ms.toFixed(3)} ms each, created and told`)
  const stall = watchLoop()
  for (const pod of api.list(Pod).slice(-WAITING / 10)) {
    if ((pod.spec.nodeName ?? '') !== '') api.change(Pod, pod, undefined)
  }
  await new Promise((settled) => setTimeout(settled, 100))
  print(`scheduler    stall as bound pods go while they wait: ${stall()} ms`)
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

async function createCluster(client: ApiClient): Promise<void> {
  for (let index = 0; index < NODES; index++) {
    const name = `node-${index}`
    const labels = {
      'kubernetes.io/hostname': name,
      'topology.kubernetes.io/zone': `zone-${index % ZONES}`,
    }
    const node = await client.create(Node, { metadata: { name, labels } })
    const allocatable = { cpu: '8', memory: '32Gi', pods: '110', 'ephemeral-storage': '100Gi' }
    await client.updateStatus(Node, { ...node, status: { ...node.status, allocatable } })
  }
  const labels = { app: 'web' }
  const container = {
    name: 'main',
    image: 'nginx:1.27',
    resources: { requests: { cpu: '100m', memory: '64Mi' } },
  }
  const template = { metadata: { labels }, spec: { containers: [container] } }
  const owner = await client.create(ReplicaSet, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: PODS, selector: { matchLabels: labels }, template },
  })
  const ownerReferences = [ownerReferenceTo(owner, ReplicaSet)]
  for (let index = 0; index < PODS; index++) {
    const metadata = { name: `web-${index}`, namespace: 'default', labels, ownerReferences }
    await client.create(Pod, { metadata, spec: template.spec })
  }
}

/** Returns a function that ends the watch and gives the longest turn seen, in milliseconds. */
function watchLoop(): () => string {
  let longest = 0
  let last = performance.now()
  let isRunning = true
  const tick = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    if (isRunning) setImmediate(tick)
  }
  setImmediate(tick)
  return () => {
    isRunning = false
    return longest.toFixed(1)
  }
}
