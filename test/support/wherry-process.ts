import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleep, systemClock } from '../../src/base/clock.ts'

/** What a program printed and how it ended. */
export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const PROGRAM = join(process.cwd(), 'dist/wherry.mjs')
const START_TIMEOUT_MS = 60_000
const POLL_MS = 25

/** The program itself, built and started as a user would, in a data directory of its own. */
export class WherryProcess {
  readonly directory = mkdtempSync(join(tmpdir(), 'wherry-e2e-'))
  readonly #prefix: readonly string[]
  readonly #options: readonly string[]
  #child: ChildProcess | undefined
  #output = ''

  /** `prefix` is put in front of every command, such as one that enters a network namespace. */
  constructor(options: readonly string[], prefix: readonly string[] = []) {
    this.#options = options
    this.#prefix = prefix
  }

  get kubeconfig(): string {
    return join(this.directory, 'kubeconfig')
  }

  get dataDirectory(): string {
    return join(this.directory, 'data')
  }

  /** What `up` has printed since the last start. */
  get output(): string {
    return this.#output
  }

  get processId(): number {
    return this.#child?.pid ?? 0
  }

  /** Resolves once all nodes are Ready; rejects with what was printed if it ends before. */
  async up(): Promise<void> {
    const [program = '', ...args] = this.#command('up', ...this.#options)
    this.#output = ''
    const child = spawn(program, args, { env: this.#environment(), stdio: 'pipe' })
    this.#child = child
    const collect = (chunk: Buffer) => {
      this.#output += chunk.toString()
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    const end = systemClock.monotonic() + START_TIMEOUT_MS
    while (!/^Ready in/m.test(this.#output)) {
      if (child.exitCode !== null) throw new Error(`up ended: ${this.#output}`)
      if (systemClock.monotonic() > end) throw new Error(`not ready: ${this.#output}`)
      await sleep(systemClock, POLL_MS)
    }
  }

  /** Sends a signal and resolves when the process has ended. */
  async end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  /** The command line of a command that needs no data directory. */
  command(...args: readonly string[]): readonly string[] {
    return [process.execPath, '--enable-source-maps', PROGRAM, ...args]
  }

  /** Another command of the program on the same data directory. */
  wherry(...args: readonly string[]): Outcome {
    return this.#run(this.#command(...args))
  }

  kubectl(...args: readonly string[]): Outcome {
    return this.#run([...this.#prefix, 'kubectl', ...args])
  }

  /** As `kubectl`, for one that must succeed: what it printed. */
  ok(...args: readonly string[]): string {
    const { code, stdout, stderr } = this.kubectl(...args)
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}${stdout}`)
    return stdout
  }

  /** Any program inside the cluster's network. */
  run(...command: readonly string[]): Outcome {
    return this.#run([...this.#prefix, ...command])
  }

  /** A program that goes on, such as `kubectl port-forward`. */
  spawn(...command: readonly string[]): ChildProcess {
    const [program = '', ...args] = [...this.#prefix, ...command]
    return spawn(program, args, { env: this.#environment(), stdio: 'pipe' })
  }

  /** Tries until a check passes; its last failure is thrown when the time is up. */
  async eventually<T>(check: () => T | Promise<T>, withinMs = 30_000): Promise<T> {
    const end = systemClock.monotonic() + withinMs
    for (;;) {
      try {
        return await check()
      } catch (error) {
        if (systemClock.monotonic() > end) throw error
        await sleep(systemClock, POLL_MS * 4)
      }
    }
  }

  /** Stops and removes everything. */
  async remove(): Promise<void> {
    await this.end('SIGKILL')
    const { code, stderr } = this.wherry('reset', '--yes')
    rmSync(this.directory, { recursive: true, force: true })
    if (code !== 0) throw new Error(`reset: ${stderr}`)
  }

  #command(...args: readonly string[]): readonly string[] {
    const node = [process.execPath, '--enable-source-maps', PROGRAM]
    return [...this.#prefix, ...node, ...args, '--data-dir', this.dataDirectory]
  }

  #run([program = '', ...args]: readonly string[]): Outcome {
    const result = spawnSync(program, args, {
      encoding: 'utf8',
      env: this.#environment(),
      maxBuffer: 64 * 1024 * 1024,
      timeout: START_TIMEOUT_MS,
    })
    if (result.error !== undefined) throw result.error
    return { code: result.status ?? -1, stdout: result.stdout, stderr: result.stderr }
  }

  #environment(): NodeJS.ProcessEnv {
    const { NODE_OPTIONS: _, ...environment } = process.env
    // kubectl keeps what it has learnt of a server by its address, which tests use again.
    return {
      ...environment,
      KUBECONFIG: this.kubeconfig,
      KUBECACHEDIR: join(this.directory, 'cache'),
    }
  }
}
