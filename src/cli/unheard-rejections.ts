import { formatError, type Logger } from '../base/logger.ts'

/**
 * Goes on after a promise has failed that nobody waited for: a mistake, which the log tells, but no
 * reason to end all that a server does. Node's own answer is to end the process.
 */
export function logUnheardRejections(logger: Logger): void {
  process.on('unhandledRejection', (error) => {
    const stack = error instanceof Error ? error.stack : undefined
    logger.error('a failure that nobody waited for', { error: formatError(error), stack })
  })
}
