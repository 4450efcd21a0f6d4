import { createWriteStream } from 'node:fs'
import type { Clock } from '../base/clock.ts'
import { formatLogValue, type LogLevel, type LogSink } from '../base/logger.ts'

const LETTER: Readonly<Record<LogLevel, string>> = { debug: 'I', info: 'I', error: 'E' }

/** Lines as klog writes them: `I1121 12:00:00.000000 "message" key="value"`. */
export function klogSink(write: (line: string) => void, clock: Clock, verbosity: number): LogSink {
  return (level, message, fields) => {
    if (level === 'debug' && verbosity < 4) return
    const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${formatLogValue(value)}`)
    write(
      `${LETTER[level]}${formatStamp(clock.now())} ${JSON.stringify(message)}${pairs.join('')}\n`,
    )
  }
}

/** Appends lines to a file; close it to have them all on disk. */
export function openLogFile(path: string): {
  write(line: string): void
  close(): Promise<void>
} {
  const stream = createWriteStream(path, { flags: 'a', mode: 0o600 })
  stream.on('error', () => {}) // A full disk must not end the cluster.
  return {
    write: (line) => void stream.write(line),
    close: () => new Promise((resolve) => stream.end(resolve)),
  }
}

/** `MMDD hh:mm:ss.uuuuuu` in UTC. */
function formatStamp(ms: number): string {
  const text = new Date(ms).toISOString()
  return `${text.slice(5, 7)}${text.slice(8, 10)} ${text.slice(11, 23)}000`
}
