export type LogFields = Readonly<Record<string, unknown>>

/** A message that never varies, and fields that do. */
export interface Logger {
  /** Of use to those who look for a fault (-v 4). */
  debug(message: string, fields?: LogFields): void
  /** A state has changed. */
  info(message: string, fields?: LogFields): void
  /** Someone must look. */
  error(message: string, fields?: LogFields): void
  /** A child that adds these fields to every line. */
  with(fields: LogFields): Logger
}

export type LogLevel = 'debug' | 'info' | 'error'
export type LogSink = (level: LogLevel, message: string, fields: LogFields) => void

/** A logger to a sink; the bound fields come with every line. */
export function createLogger(sink: LogSink, bound: LogFields = {}): Logger {
  return {
    debug: (message, fields) => sink('debug', message, { ...bound, ...fields }),
    info: (message, fields) => sink('info', message, { ...bound, ...fields }),
    error: (message, fields) => sink('error', message, { ...bound, ...fields }),
    with: (fields) => createLogger(sink, { ...bound, ...fields }),
  }
}

/** For tests and callers that want no output. */
export const silentLogger: Logger = createLogger(() => {})

/** A log value in klog's form: strings quoted, errors with their causes, the rest as JSON. */
export function formatLogValue(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(formatError(value))
  if (value === undefined) return 'null'
  return JSON.stringify(value) ?? String(value)
}

/** An error's message followed by those of its causes, the innermost last. */
export function formatError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `: ${formatError(error.cause)}`
  return `${error.message}${cause}`
}
