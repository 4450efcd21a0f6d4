/** The streams that exec and attach connect. */
export interface StreamOptions {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

/** Throws upstream's text where no stream at all is asked for. */
export function parseStreamOptions(query: URLSearchParams): StreamOptions {
  const isSet = (name: string) => query.get(name) === '1' || query.get(name) === 'true'
  const tty = isSet('tty')
  const stdin = isSet('input')
  const stdout = isSet('output')
  // A terminal has one output only.
  const stderr = isSet('error') && !tty
  if (!stdin && !stdout && !stderr) {
    throw new Error('you must specify at least 1 of stdin, stdout, stderr')
  }
  return { stdin, stdout, stderr, tty }
}
