import { type Clock, pause } from '../../base/clock.ts'
import { childAbort } from '../../base/lifetime.ts'
import type { LogFile, LogFiles } from './log-files.ts'
import { isSince, type LogLine, parseLogLine } from './log-line.ts'
import { tailOffset } from './tail-offset.ts'

/** What of a log is wanted (PodLogOptions, with times made absolute). */
export interface LogOptions {
  readonly follow: boolean
  readonly timestamps: boolean
  readonly tailLines?: number | undefined
  readonly limitBytes?: number | undefined
  /** Milliseconds since the epoch. */
  readonly sinceMs?: number | undefined
  /** Both when absent. */
  readonly stream?: 'stdout' | 'stderr' | undefined
}

export interface LogReaderPorts {
  readonly files: LogFiles
  readonly clock: Clock
  /** Whether more may still be written. */
  isRunning(): Promise<boolean>
}

const CHUNK_BYTES = 64 * 1024
const LINE_FEED = 0x0a
/** Watching a directory may miss a write: look at least so often. */
const CHECK_PERIOD_MS = 1000

/**
 * What a container has written, as its user wants to see it. With `follow` it goes on until the
 * container has ended or the signal aborts. Throws where there is no such file.
 */
export async function* readLogs(
  path: string,
  options: LogOptions,
  ports: LogReaderPorts,
  signal: AbortSignal,
): AsyncIterable<Buffer> {
  const file = await ports.files.open(path)
  if (file === undefined) {
    throw new Error(`failed to open log file "${path}": no such file or directory`)
  }
  const { tailLines } = options
  const start = tailLines === undefined ? 0 : await tailOffset(file, tailLines)
  const formatter = new LineFormatter(options)
  const records = options.follow
    ? followRecords(file, start, path, ports, signal)
    : wholeRecords(file, start)
  let left = options.follow || tailLines === undefined ? Number.POSITIVE_INFINITY : tailLines
  for await (const record of records) {
    if (left-- <= 0) return
    const line = parseLogLine(record)
    if (line === undefined) continue
    const text = formatter.format(line)
    if (text.length > 0) yield text
    if (formatter.isExhausted) return
  }
}

/** Applies the options to one line after another. */
class LineFormatter {
  readonly #options: LogOptions
  #remaining: number
  #isNewLine = true

  constructor(options: LogOptions) {
    this.#options = options
    this.#remaining = options.limitBytes ?? Number.POSITIVE_INFINITY
  }

  get isExhausted(): boolean {
    return this.#remaining <= 0
  }

  format({ time, stream, content }: LogLine): Buffer {
    const { sinceMs, timestamps, stream: wanted } = this.#options
    const startsLine = this.#isNewLine
    this.#isNewLine = content.length === 0 || content[content.length - 1] === LINE_FEED
    if (sinceMs !== undefined && !isSince(time, sinceMs)) return Buffer.alloc(0)
    if (wanted !== undefined && wanted !== stream) return Buffer.alloc(0)
    const text =
      timestamps && startsLine ? Buffer.concat([Buffer.from(`${time} `), content]) : content
    const cut = text.length > this.#remaining ? text.subarray(0, this.#remaining) : text
    this.#remaining -= cut.length
    return cut
  }
}

/** The records up to the end of the file; an unfinished last one counts. */
async function* wholeRecords(file: LogFile, start: number): AsyncIterable<Buffer> {
  try {
    const buffer = new RecordBuffer()
    let offset = start
    for (;;) {
      const chunk = await file.read(offset, CHUNK_BYTES)
      if (chunk.length === 0) break
      offset += chunk.length
      yield* buffer.add(chunk)
    }
    if (buffer.rest.length > 0) yield buffer.rest
  } finally {
    await file.close()
  }
}

async function* followRecords(
  first: LogFile,
  start: number,
  path: string,
  { files, clock, isRunning }: LogReaderPorts,
  signal: AbortSignal,
): AsyncIterable<Buffer> {
  let file = first
  let offset = start
  let buffer = new RecordBuffer()
  let changed = childAbort(signal)
  const watcher = files.watch(path, () => changed.abort())
  try {
    while (!signal.aborted) {
      // Asked before reading: what was written until the end is still read after it.
      const mayGrow = await isRunning()
      for (;;) {
        const chunk = await file.read(offset, CHUNK_BYTES)
        if (chunk.length === 0) break
        offset += chunk.length
        yield* buffer.add(chunk)
      }
      const next = await replacement(file, path, files)
      if (next !== undefined) {
        await file.close()
        file = next
        offset = 0
        buffer = new RecordBuffer()
        continue
      }
      if (!mayGrow) return
      await pause(clock, CHECK_PERIOD_MS, changed.signal)
      changed[Symbol.dispose]()
      changed = childAbort(signal)
    }
  } finally {
    changed[Symbol.dispose]()
    watcher[Symbol.dispose]()
    await file.close()
  }
}

/** The file that took this one's path, after the log was rotated. */
async function replacement(
  file: LogFile,
  path: string,
  files: LogFiles,
): Promise<LogFile | undefined> {
  const current = await files.open(path)
  if (current === undefined) return undefined
  const [mine, its] = await Promise.all([file.identity(), current.identity()])
  if (mine !== its) return current
  await current.close()
  return undefined
}

/** Cuts what arrives in chunks into records, each with its line feed. */
class RecordBuffer {
  rest: Buffer = Buffer.alloc(0);

  *add(chunk: Buffer): Iterable<Buffer> {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    let start = 0
    for (;;) {
      const end = bytes.indexOf(LINE_FEED, start)
      if (end < 0) break
      yield bytes.subarray(start, end + 1)
      start = end + 1
    }
    this.rest = bytes.subarray(start)
  }
}
