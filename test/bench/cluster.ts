import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { sleep, systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { ApiClient } from '../../src/client/api-client.ts'
import type { Client } from '../../src/client/client.ts'
import { HttpTransport } from '../../src/client/http/http-transport.ts'
import { GrpcRuntime } from '../../src/cri/grpc/grpc-runtime.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { buildTestImages, testImage } from '../support/test-images.ts'
import { WherryProcess } from '../support/wherry-process.ts'
import { measurePodStarts } from './cri.ts'

const STARTS = 5
const PODS = 15
const IDLE_MS = 20_000
const MEBIBYTE = 2 ** 20

/** The figures of a whole cluster: how soon it answers and works, what it takes, a pod's start. */
export async function benchCluster(print: (line: string) => void): Promise<void> {
  buildTestImages()
  const first: Start[] = []
  const later: Start[] = []
  for (let round = 0; round < STARTS; round++) {
    const cluster = new WherryProcess(['--runtime', 'containerd'])
    try {
      first.push(await measureStart(cluster))
      await cluster.end('SIGTERM')
      later.push(await measureStart(cluster))
      if (round === STARTS - 1) await measureRunning(cluster, print)
    } finally {
      await cluster.remove()
    }
  }
  for (const [what, starts] of [
    ['first start', first],
    ['later start', later],
  ] as const) {
    const ready = median(starts.map(({ readyzMs }) => readyzMs)).toFixed(0)
    const node = median(starts.map(({ nodeMs }) => nodeMs)).toFixed(0)
    print(
      `cluster ${what}, median of ${STARTS}: /readyz after ${ready} ms, node Ready after ${node} ms`,
    )
  }
}

interface Start {
  readonly readyzMs: number
  readonly nodeMs: number
}

/** From the process's beginning, Node.js included. */
async function measureStart(cluster: WherryProcess): Promise<Start> {
  const began = performance.now()
  const probe = cluster.spawn(
    'bash',
    '-c',
    'until curl -skf -o /dev/null https://127.0.0.1:6443/readyz; do sleep 0.01; done',
  )
  let readyzMs = 0
  probe.once('exit', () => {
    readyzMs = performance.now() - began
  })
  await cluster.up()
  const nodeMs = performance.now() - began
  while (readyzMs === 0) await sleep(systemClock, 5)
  return { readyzMs, nodeMs }
}

async function measureRunning(
  cluster: WherryProcess,
  print: (line: string) => void,
): Promise<void> {
  await sleep(systemClock, IDLE_MS)
  const { memoryBytes } = JSON.parse(cluster.wherry('status', '-o', 'json').stdout)
  const idle = (memoryBytes / MEBIBYTE).toFixed(0)
  print(
    `cluster idle memory after ${IDLE_MS / 1000} s: ${idle} MiB (containerd beside it: ${containerdMemory()} MiB)`,
  )
  cluster.wherry('image', 'load', testImage('busybox'))
  const client = clientOf(cluster)
  const nodes = join(cluster.dataDirectory, 'nodes')
  const [node = ''] = readdirSync(nodes)
  const runtime = new GrpcRuntime({
    socketPath: join(nodes, node, 'containerd', 'containerd.sock'),
    clock: systemClock,
    logger: silentLogger,
  })
  await measurePodStarts(runtime, 'busybox', 1)
  const bare: number[] = []
  const whole: number[] = []
  // In turn, since other work on the machine changes from second to second.
  for (let index = 0; index < PODS; index++) {
    const [start] = await measurePodStarts(runtime, 'busybox', 1)
    bare.push(start?.totalMs ?? 0)
    whole.push(await measurePod(client, `bench-${index}`))
  }
  runtime.close()
  const [bareMs, wholeMs] = [median(bare), median(whole)]
  print(
    `cluster pod create to Running, median of ${PODS}: ${wholeMs.toFixed(0)} ms; ` +
      `bare CRI calls ${bareMs.toFixed(0)} ms; ratio ${(wholeMs / bareMs).toFixed(2)}`,
  )
}

async function measurePod(client: Client, name: string): Promise<number> {
  const namespace = 'default'
  const stop = new AbortController()
  const events = client.watch(Pod, {
    namespace,
    fieldSelector: `metadata.name=${name}`,
    signal: stop.signal,
  })
  const running = (async () => {
    for await (const { object } of events) {
      if (object.status?.phase === 'Running') return performance.now()
    }
    throw new Error('the watch ended')
  })()
  const began = performance.now()
  await client.create(Pod, {
    metadata: { name, namespace },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'main',
          image: 'busybox',
          imagePullPolicy: 'IfNotPresent',
          command: ['sleep', '1000'],
        },
      ],
    },
  })
  const took = (await running) - began
  stop.abort()
  await client.delete(Pod, { namespace, name }, { gracePeriodSeconds: 0 })
  await sleep(systemClock, 300)
  return took
}

function clientOf(cluster: WherryProcess): Client {
  const config = parse(readFileSync(cluster.kubeconfig, 'utf8'))
  const text = (value: string) => Buffer.from(value, 'base64').toString()
  const [{ cluster: server }] = config.clusters
  const [{ user }] = config.users
  return new ApiClient(
    new HttpTransport({
      server: server.server,
      credentials: async () => ({
        ca: text(server['certificate-authority-data']),
        certificate: text(user['client-certificate-data']),
        key: text(user['client-key-data']),
      }),
      userAgent: 'wherry-bench',
      clock: systemClock,
    }),
  )
}

/** Of all containerd processes of clusters under test, in MiB. */
function containerdMemory(): string {
  const pages = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((id) => {
      try {
        const command = readFileSync(`/proc/${id}/cmdline`, 'utf8')
        if (!command.includes('wherry-e2e-') || !/^\S*containerd\0/.test(command)) return 0
        return Number(readFileSync(`/proc/${id}/statm`, 'utf8').split(' ')[1])
      } catch {
        return 0
      }
    })
    .reduce((sum, count) => sum + count, 0)
  return ((pages * 4096) / MEBIBYTE).toFixed(0)
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}
