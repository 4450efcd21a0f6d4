import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parse } from 'yaml'
import { sleep, systemClock } from '../../src/base/clock.ts'
import { WherryProcess } from '../support/wherry-process.ts'
import type { LoadClients, LoadTarget } from './api-load.ts'

/** Whose figures are measured: our own server, or any that a kubeconfig leads to. */
export interface BenchedServer {
  readonly target: LoadTarget
  /** Of all that belong to it; none where they are not known, or elsewhere. */
  readonly processIds: readonly number[]
  /** The longest block of its event loop since the last call, in milliseconds of processor time. */
  longestBlockMs?(): Promise<number>
  remove(): Promise<void>
}

/** What the command line says of the server. */
export interface BenchedServerOptions {
  /** A kubeconfig with the server's address and an administrator's certificate or token. */
  readonly kubeconfig: string | undefined
  /** Another address than the kubeconfig's. */
  readonly url: string | undefined
  /** Ours with all controllers, the scheduler and a node in the same process. */
  readonly isWholeCluster: boolean
  /** For processor time and memory, such as those of kube-apiserver and etcd. */
  readonly processIds: readonly number[]
}

const READY_TIMEOUT_MS = 30_000

/**
 * Our API server in a directory of its own, as a program of its own like the kube-apiserver that it
 * is compared with, or in a whole cluster; unless a kubeconfig names another.
 */
export async function openBenchedServer(options: BenchedServerOptions): Promise<BenchedServer> {
  const { kubeconfig, url, processIds } = options
  if (kubeconfig !== undefined) {
    return { target: targetOf(kubeconfig, url), processIds, remove: async () => {} }
  }
  return options.isWholeCluster ? openCluster() : openApiServer()
}

async function openCluster(): Promise<BenchedServer> {
  const cluster = new WherryProcess(['--runtime', 'simulated', '--port', '0'])
  try {
    await cluster.up()
  } catch (error) {
    await cluster.remove()
    throw error
  }
  return {
    target: targetOf(cluster.kubeconfig, undefined),
    processIds: [cluster.processId],
    remove: () => cluster.remove(),
  }
}

async function openApiServer(): Promise<BenchedServer> {
  const directory = mkdtempSync(join(tmpdir(), 'wherry-bench-'))
  const program = join(process.cwd(), 'dist', 'wherry.mjs')
  const flags = ['--data-dir', directory, '--secure-port', '0']
  const monitor = join(process.cwd(), 'build', 'loop-monitor.mjs')
  const isMonitored = existsSync(monitor)
  const options = [
    '--enable-source-maps',
    ...(isMonitored ? ['--import', pathToFileURL(monitor).href] : []),
  ]
  const child = spawn(process.execPath, [...options, program, 'apiserver', ...flags], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const ended = once(child, 'exit')
  const remove = async () => {
    child.kill('SIGKILL')
    await ended
    rmSync(directory, { recursive: true, force: true })
  }
  let log = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  const end = systemClock.monotonic() + READY_TIMEOUT_MS
  while (!log.includes('"serving"')) {
    if (child.exitCode !== null || systemClock.monotonic() > end) {
      await remove()
      throw new Error(`the API server does not serve: ${log}`)
    }
    await sleep(systemClock, 25)
  }
  const target = targetOf(join(directory, 'admin.kubeconfig'), undefined)
  const longestBlockMs = async () => {
    child.send('longest block?')
    const [ms] = (await once(child, 'message')) as [number]
    return ms
  }
  const server = { target, processIds: [child.pid ?? 0], remove }
  return isMonitored ? { ...server, longestBlockMs } : server
}

/**
 * A namespace with its default service account, without which no pod is admitted. Where no
 * controller makes the account, as beside a kube-apiserver alone, it is made here.
 */
export async function prepareNamespace(clients: LoadClients, name: string): Promise<void> {
  const post = (path: string, object: object) =>
    clients.send({ method: 'POST', path, body: JSON.stringify(object) })
  await post('/api/v1/namespaces', { metadata: { name } })
  const accounts = `/api/v1/namespaces/${name}/serviceaccounts`
  const end = systemClock.monotonic() + READY_TIMEOUT_MS
  for (;;) {
    const { status } = await clients.send({ method: 'GET', path: `${accounts}/default` })
    if (status === 200) return
    if (systemClock.monotonic() > end) throw new Error(`namespace ${name} is not ready: ${status}`)
    await sleep(systemClock, 100)
    await post(accounts, { metadata: { name: 'default' } })
  }
}

/** What processes have used so far; Linux only. */
export interface ProcessUse {
  readonly cpuMicroseconds: number
  readonly residentBytes: number
}

const TICK_MICROSECONDS = 10_000

export function useOf(processIds: readonly number[]): ProcessUse {
  let cpuMicroseconds = 0
  let residentBytes = 0
  for (const id of processIds) {
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    cpuMicroseconds += (Number(fields[11]) + Number(fields[12])) * TICK_MICROSECONDS
    const [, kibibytes = '0'] =
      /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, 'utf8')) ?? []
    residentBytes += Number(kibibytes) * 1024
  }
  return { cpuMicroseconds, residentBytes }
}

/**
 * How much of what is resident are pages of a store's file: the kernel maps those that it has in its
 * cache anyway, and takes them back at will.
 */
export function mappedStoreBytes(processIds: readonly number[]): number {
  let kibibytes = 0
  for (const id of processIds) {
    let isStore = false
    for (const line of readFileSync(`/proc/${id}/smaps`, 'utf8').split('\n')) {
      if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) isStore = /\/(data\.mdb|member\/snap\/db)$/.test(line)
      else if (isStore && line.startsWith('Rss:')) kibibytes += Number(/\d+/.exec(line)?.[0])
    }
  }
  return kibibytes * 1024
}

/** Of the kubeconfig's current context. */
function targetOf(kubeconfig: string, url: string | undefined): LoadTarget {
  const config = parse(readFileSync(kubeconfig, 'utf8'))
  const named = <T extends { name: string }>(list: readonly T[], name: string): T => {
    const found = list.find((one) => one.name === name)
    if (found === undefined) throw new Error(`${kubeconfig} has no ${name}`)
    return found
  }
  const { context } = named<Context>(config.contexts, config['current-context'])
  const { cluster } = named<Cluster>(config.clusters, context.cluster)
  const { user } = named<User>(config.users, context.user)
  const text = (data: string | undefined, file: string | undefined) => {
    if (data !== undefined) return Buffer.from(data, 'base64').toString()
    return file === undefined ? undefined : readFileSync(file, 'utf8')
  }
  return {
    url: url ?? cluster.server,
    authority: text(cluster['certificate-authority-data'], cluster['certificate-authority']),
    certificate: text(user['client-certificate-data'], user['client-certificate']),
    key: text(user['client-key-data'], user['client-key']),
    token: user['token'],
  }
}

type Texts = { readonly [name: string]: string | undefined }
interface Context {
  readonly name: string
  readonly context: { readonly cluster: string; readonly user: string }
}
interface Cluster {
  readonly name: string
  readonly cluster: { readonly server: string } & Texts
}
interface User {
  readonly name: string
  readonly user: Texts
}
