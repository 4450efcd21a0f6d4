import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'

/** Programs that outlive this process. */
export interface Daemons {
  /** Starts one in a session of its own; what it prints is appended to a file. Its process id. */
  start(command: string, args: readonly string[], logPath: string): Promise<number>
  /** Silent where the process is gone. */
  signal(processId: number, signal: 'SIGTERM' | 'SIGKILL'): void
}

export const systemDaemons: Daemons = {
  async start(command, args, logPath) {
    const log = await open(logPath, 'a', 0o600)
    try {
      const child = spawn(command, args, { detached: true, stdio: ['ignore', log.fd, log.fd] })
      await once(child, 'spawn')
      child.unref()
      if (child.pid === undefined) throw new Error(`${command} has no process id`)
      return child.pid
    } finally {
      await log.close()
    }
  },
  signal(processId, signal) {
    try {
      process.kill(processId, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  },
}
