import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleep, systemClock } from '../../src/base/clock.ts'

const FOLDER = join(process.cwd(), 'build', 'etcd')
const START_TIMEOUT_MS = 20_000
const LEAST_PORT = 10_000
/** Linux' own choice. */
const USUAL_FIRST = 32_768
const IN_USE = /address already in use/
const MOST_ATTEMPTS = 5

/** Debian's etcd, unpacked and not installed; or why it cannot be had here. */
export function findEtcd(): { readonly program: string } | { readonly reason: string } {
  const program = join(FOLDER, 'usr/bin/etcd')
  if (existsSync(program)) return { program }
  const scratch = mkdtempSync(join(tmpdir(), 'wherry-etcd-'))
  try {
    execFileSync('apt-get', ['download', '-q', 'etcd-server'], { cwd: scratch, stdio: 'pipe' })
    const [archive = ''] = readdirSync(scratch)
    const unpacked = join(scratch, 'unpacked')
    execFileSync('dpkg-deb', ['-x', join(scratch, archive), unpacked], { stdio: 'pipe' })
    mkdirSync(join(process.cwd(), 'build'), { recursive: true })
    rmSync(FOLDER, { recursive: true, force: true })
    execFileSync('cp', ['-r', unpacked, `${FOLDER}.${process.pid}`])
    renameSync(`${FOLDER}.${process.pid}`, FOLDER)
    return existsSync(program) ? { program } : { reason: 'the package etcd-server has no etcd' }
  } catch (error) {
    const [reason = ''] = String(error).split('\n')
    return { reason: `Debian's etcd-server cannot be had: ${reason}` }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

export interface EtcdServerOptions {
  readonly program: string
  /** More of etcd's flags, such as those of TLS. */
  readonly flags?: readonly string[]
  readonly scheme?: 'http' | 'https'
}

interface Member {
  readonly index: number
  readonly port: number
  /** Of all members, by index. */
  readonly peerPorts: readonly number[]
}

/** A real member of etcd in a directory of its own, on loopback. */
export class EtcdServer {
  readonly directory = mkdtempSync(join(tmpdir(), 'wherry-etcd-'))
  readonly url: string
  readonly #options: EtcdServerOptions
  readonly #name: string
  readonly #peerUrls: readonly string[]
  readonly #peerUrl: string
  #child: ChildProcess | undefined
  #log = ''

  private constructor(options: EtcdServerOptions, member: Member) {
    this.#options = options
    this.url = `${options.scheme ?? 'http'}://127.0.0.1:${member.port}`
    this.#name = `m${member.index}`
    this.#peerUrls = member.peerPorts.map((port) => `http://127.0.0.1:${port}`)
    this.#peerUrl = this.#peerUrls[member.index] ?? ''
  }

  static async start(options: EtcdServerOptions): Promise<EtcdServer> {
    const [server] = await EtcdServer.startCluster(1, options)
    return server as EtcdServer
  }

  /** The members of one cluster. */
  static async startCluster(
    count: number,
    options: EtcdServerOptions,
  ): Promise<readonly EtcdServer[]> {
    for (let attempt = 1; ; attempt++) {
      const ports = await freePorts(2 * count)
      const peerPorts = ports.slice(count)
      const servers = ports
        .slice(0, count)
        .map((port, index) => new EtcdServer(options, { index, port, peerPorts }))
      try {
        await Promise.all(servers.map((server) => server.start()))
        return servers
      } catch (error) {
        await Promise.all(servers.map((server) => server.remove()))
        // Between the look at a port and its use another may have come: then it is others' turn.
        if (!IN_USE.test(String(error)) || attempt === MOST_ATTEMPTS) throw error
      }
    }
  }

  /** Again, on the same data and port, after `stop`. */
  async start(): Promise<void> {
    const flags = [
      ...['--data-dir', join(this.directory, 'data'), '--log-level', 'warn', '--logger', 'zap'],
      ...['--listen-client-urls', this.url, '--advertise-client-urls', this.url],
      ...['--listen-peer-urls', this.#peerUrl, '--initial-advertise-peer-urls', this.#peerUrl],
      ...['--name', this.#name, '--unsafe-no-fsync', '--initial-cluster'],
      this.#peerUrls.map((url, index) => `m${index}=${url}`).join(','),
      // A single member elects itself; the shorter it waits, the sooner it serves.
      ...['--heartbeat-interval', '10', '--election-timeout', '100'],
      ...(this.#options.flags ?? []),
    ]
    const child = spawn(this.#options.program, flags, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#log = (this.#log + chunk.toString()).slice(-4000)
      })
    }
    const end = systemClock.monotonic() + START_TIMEOUT_MS
    while (!(await accepts(Number(new URL(this.url).port)))) {
      if (child.exitCode !== null) throw new Error(`etcd ended: ${this.#log}`)
      if (systemClock.monotonic() > end) throw new Error(`etcd does not listen: ${this.#log}`)
      await sleep(systemClock, 10)
    }
  }

  /** Ends the process; its data stay. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  /** Stops the process where it is (`SIGSTOP`), as a machine that hangs, and lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal)
  }

  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/**
 * Below those that the system gives away: a member that is started again must find its port free,
 * and a client that tries to reach it meanwhile would be given this very port for its own end.
 */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers: Server[] = []
  try {
    while (servers.length < count) {
      const server = createServer().listen(randomInt(LEAST_PORT, firstOfSystem()), '127.0.0.1')
      try {
        await once(server, 'listening')
        servers.push(server)
      } catch {
        // Somebody has it: the next.
      }
    }
    return servers.map((server) => (server.address() as AddressInfo).port)
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  }
}

/** The least port that the system gives to whoever names none. */
function firstOfSystem(): number {
  const range = '/proc/sys/net/ipv4/ip_local_port_range'
  const first = existsSync(range) ? Number.parseInt(readFileSync(range, 'utf8'), 10) : Number.NaN
  return first > LEAST_PORT + 1000 ? first : USUAL_FIRST
}

async function accepts(port: number): Promise<boolean> {
  const { connect } = await import('node:net')
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
