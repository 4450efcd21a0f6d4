import { spawn } from 'node:child_process'

export interface ExecOptions {
  /** Written to the program's standard input, which is then closed. */
  readonly input?: string | Uint8Array
  readonly cwd?: string
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Kills the program; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

export interface ExecResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The only way to run a program to its end. Rejects where it cannot be started at all. */
export interface Exec {
  run(command: string, args: readonly string[], options?: ExecOptions): Promise<ExecResult>
}

export const systemExec: Exec = {
  run(command, args, { input, cwd, env, signal } = {}) {
    return new Promise((resolve, reject) => {
      const child = spawn(command, args, {
        cwd,
        env: env === undefined ? process.env : { ...process.env, ...env },
        signal,
        stdio: ['pipe', 'pipe', 'pipe'],
      })
      const stdout: Buffer[] = []
      const stderr: Buffer[] = []
      child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
      child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
      child.on('error', (cause) => reject(new Error(`running ${command}`, { cause })))
      child.on('close', (code) => {
        resolve({
          code: code ?? -1,
          stdout: Buffer.concat(stdout).toString(),
          stderr: Buffer.concat(stderr).toString(),
        })
      })
      child.stdin.on('error', () => {}) // The program may end without reading its input.
      child.stdin.end(input)
    })
  },
}

/** Runs a program that must succeed; the error of one that fails carries what it printed. */
export async function runOrThrow(
  exec: Exec,
  command: string,
  args: readonly string[],
  options?: ExecOptions,
): Promise<string> {
  const { code, stdout, stderr } = await exec.run(command, args, options)
  if (code === 0) return stdout
  throw new Error(`${command} ${args.join(' ')}: exit status ${code}: ${stderr.trim()}`)
}
