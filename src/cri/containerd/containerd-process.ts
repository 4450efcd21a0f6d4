import { type Clock, sleep } from '../../base/clock.ts'
import type { FileSystem } from '../../base/file-system.ts'
import type { Logger } from '../../base/logger.ts'
import { ifThere } from '../../base/missing-file.ts'
import { loadGrpc } from '../grpc/connection.ts'
import { GrpcRuntime } from '../grpc/grpc-runtime.ts'
import { hasRuntimeCode } from '../runtime-error.ts'
import type { Daemons } from './daemons.ts'
import type { ContainerdPaths } from './paths.ts'

const READY_WITHIN_MS = 20_000
const ADOPT_WITHIN_MS = 2_000
const PROBE_EVERY_MS = 5
const STOP_WITHIN_MS = 10_000

export interface ContainerdProcessOptions {
  readonly paths: ContainerdPaths
  readonly files: FileSystem
  readonly daemons: Daemons
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Our own containerd daemon. It is a session leader of its own, so nothing that happens to this
 * process ends it; it is recognised again by its process id and its command line.
 */
export class ContainerdProcess {
  readonly #paths: ContainerdPaths
  readonly #files: FileSystem
  readonly #daemons: Daemons
  readonly #clock: Clock
  readonly #logger: Logger

  constructor({ paths, files, daemons, clock, logger }: ContainerdProcessOptions) {
    this.#paths = paths
    this.#files = files
    this.#daemons = daemons
    this.#clock = clock
    this.#logger = logger
  }

  /** True where a live one with the same configuration was found and is kept. */
  async adopt(config: string): Promise<boolean> {
    const processId = await this.#ownProcessId()
    if (processId === undefined) return false
    const running = await readText(this.#files, this.#paths.config)
    if (running === config && (await this.#answersWithin(ADOPT_WITHIN_MS, processId))) return true
    this.#logger.info('restarting containerd', { processId, sameConfig: running === config })
    await this.stop()
    return false
  }

  /** Starts one and waits until its CRI answers. */
  async start(command: string, config: string): Promise<void> {
    const { config: configPath, log, processId: processIdPath, socket } = this.#paths
    await this.#files.remove(socket) // A stale one would look like an answer to come.
    if ((await this.#files.stat(log)) !== undefined) await this.#files.rename(log, `${log}.1`)
    await this.#files.writeFile(configPath, config, 0o600)
    const args = ['--config', configPath]
    const processId = await this.#daemons.start(command, args, log)
    await this.#files.writeFile(processIdPath, `${processId}\n`, 0o600)
    await loadGrpc() // While the daemon starts.
    if (await this.#answersWithin(READY_WITHIN_MS, processId)) return
    await this.stop()
    const lines = (await readText(this.#files, log)) ?? ''
    throw new Error(
      `containerd did not become ready: ${lines.trim().split('\n').slice(-5).join('\n')}`,
    )
  }

  async isRunning(): Promise<boolean> {
    return (await this.#ownProcessId()) !== undefined
  }

  /** Ends the daemon; its shims and containers go on. Silent where none runs. */
  async stop(): Promise<void> {
    const processId = await this.#ownProcessId()
    if (processId === undefined) return
    const isGone = async () => (await this.#ownProcessId(processId)) === undefined
    this.#daemons.signal(processId, 'SIGTERM')
    if (!(await this.#until(isGone, STOP_WITHIN_MS))) {
      this.#daemons.signal(processId, 'SIGKILL')
      await this.#until(isGone, STOP_WITHIN_MS)
    }
    await this.#files.remove(this.#paths.processId)
  }

  async #recordedProcessId(): Promise<number> {
    return Number(await readText(this.#files, this.#paths.processId))
  }

  /**
   * The daemon's process id, if it runs and is ours: ids are used again after a reboot. One that
   * has ended but that nobody has waited for has an empty command line.
   */
  async #ownProcessId(known?: number): Promise<number | undefined> {
    const processId = known ?? (await this.#recordedProcessId())
    if (!Number.isInteger(processId) || processId <= 0) return undefined
    const command = await readText(this.#files, `/proc/${processId}/cmdline`)
    return command?.split('\0').includes(this.#paths.config) ? processId : undefined
  }

  async #answersWithin(limitMs: number, processId: number): Promise<boolean> {
    const { socket } = this.#paths
    const runtime = new GrpcRuntime({
      socketPath: socket,
      clock: this.#clock,
      logger: this.#logger,
    })
    const limit = new AbortController()
    const timer = this.#clock.after(limitMs, () => limit.abort())
    let isAnswering = false
    try {
      await this.#until(async () => {
        if ((await this.#ownProcessId(processId)) === undefined) return true
        if ((await this.#files.stat(socket)) === undefined) return false
        isAnswering = await isReady(runtime, limit.signal)
        return isAnswering
      }, limitMs)
      return isAnswering
    } finally {
      timer[Symbol.dispose]()
      runtime.close()
    }
  }

  async #until(isDone: () => Promise<boolean>, limitMs: number): Promise<boolean> {
    const end = this.#clock.monotonic() + limitMs
    while (!(await isDone())) {
      if (this.#clock.monotonic() > end) return false
      await sleep(this.#clock, PROBE_EVERY_MS)
    }
    return true
  }
}

/** The socket opens a moment before the CRI behind it has begun to serve. */
async function isReady(runtime: GrpcRuntime, signal: AbortSignal): Promise<boolean> {
  try {
    await runtime.version({ signal })
    return true
  } catch (error) {
    if (signal.aborted) return false
    if (hasRuntimeCode(error, 'Unavailable', 'Unknown', 'Unimplemented')) return false
    throw error
  }
}

async function readText(files: FileSystem, path: string): Promise<string | undefined> {
  const bytes = await ifThere(files.readFile(path))
  return bytes && Buffer.from(bytes).toString()
}
