import { spawn } from 'node:child_process'
import { open } from 'node:fs/promises'
import type { Terminal } from './terminal.ts'

/** What a detached cluster tells the command that started it. */
export type ParentMessage =
  | {
      readonly type: 'done'
      readonly name: string
      readonly detail: string
      readonly durationMs: number
    }
  | { readonly type: 'note' | 'line'; readonly text: string }
  | { readonly type: 'ready' }

/** Tells the command that started this process in the background, if there is one. */
export function tellParent(message: ParentMessage): void {
  if (process.connected === true) process.send?.(message)
  if (message.type === 'ready' && process.connected === true) process.disconnect()
}

/**
 * Runs this same command without `--detach` in a session of its own, shows its progress, and
 * returns once it is ready. Rejects if it ends before.
 */
export async function startDetached(logPath: string, terminal: Terminal): Promise<void> {
  const args = process.argv.slice(1).filter((arg) => arg !== '--detach' && arg !== '-d')
  const log = await open(logPath, 'a', 0o600)
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
  })
  await log.close()
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => {
      reject(new Error(`the cluster ended with status ${code}; the reason is in ${logPath}`))
    })
    child.on('message', (message: ParentMessage) => {
      if (message.type === 'done') terminal.done(message.name, message.detail, message.durationMs)
      else if (message.type === 'note') terminal.warn(message.text)
      else if (message.type === 'line') terminal.line(message.text)
      else resolve()
    })
  })
  terminal.line(`Runs in the background as process ${child.pid}. Stop it with: wherry down`)
  child.removeAllListeners('exit')
  child.unref()
}
