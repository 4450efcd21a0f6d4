import { type Clock, pause } from '../base/clock.ts'
import type { FileSystem } from '../base/file-system.ts'
import { formatError, type Logger } from '../base/logger.ts'

export interface PollOptions {
  readonly files: FileSystem
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Files are looked at rather than watched: those of a mounted ConfigMap or Secret change by a link
 * two folders up, which no watch of theirs shows. Upstream looks each minute, besides its watches.
 */
const INTERVAL_MS = 5000

/**
 * Calls `onChange` with the texts of files, in their order, whenever one of them has changed; what
 * it rejects with is logged, and it is called again until it succeeds. Files that cannot be read
 * count as unchanged. `texts` are those in force. Resolves when the signal aborts.
 */
export async function pollFiles(
  paths: readonly string[],
  texts: readonly string[],
  onChange: (texts: readonly string[]) => Promise<void> | void,
  { files, clock, logger }: PollOptions,
  signal: AbortSignal,
): Promise<void> {
  let known = texts
  /** What was refused last: said once, not every few seconds. */
  let refused = ''
  while (await pause(clock, INTERVAL_MS, signal)) {
    let found: readonly string[]
    try {
      found = await readFiles(paths, files)
    } catch {
      continue // On its way from one state to another, or gone: what is in force stays.
    }
    if (found.every((text, index) => text === known[index])) continue
    try {
      await onChange(found)
      known = found
      refused = ''
      logger.info('a configuration was read again', { files: paths.join(',') })
    } catch (error) {
      const why = formatError(error)
      if (why === refused) continue
      refused = why
      logger.error('a changed configuration is not used', { files: paths.join(','), error: why })
    }
  }
}

/** The texts of files. Rejects where one cannot be read. */
export function readFiles(paths: readonly string[], files: FileSystem): Promise<string[]> {
  return Promise.all(paths.map(async (path) => Buffer.from(await files.readFile(path)).toString()))
}
