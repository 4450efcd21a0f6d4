import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FileSystem } from '../base/file-system.ts'
import { formatError } from '../base/logger.ts'

/** The kernel's sun_path holds 108 bytes with the ending zero. */
const MAX_SOCKET_PATH_BYTES = 107

/** What connecting fails with when no process listens. */
const NOBODY_THERE: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED', 'EPIPE'])

/** Where the cluster of a data directory listens for `wherry status`, `down` and `image`. */
export function controlSocketPath(dataDirectory: string): string {
  const within = join(dataDirectory, 'control.sock')
  if (Buffer.byteLength(within) <= MAX_SOCKET_PATH_BYTES) return within
  const hash = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16)
  return join(tmpdir(), `wherry-${hash}.sock`)
}

/** Answers one command of another process of the same user. What it returns goes back as JSON. */
export type ControlHandler = (command: string, argument: unknown) => Promise<unknown>

/**
 * Listens for commands. Only the owner of the data directory can connect. What a killed process
 * left is replaced; a live one makes this reject with EADDRINUSE.
 */
export async function listenControl(
  path: string,
  files: FileSystem,
  handler: ControlHandler,
): Promise<AsyncDisposable> {
  const server = createServer((request, response) => {
    answer(request, response, handler).catch((error) => {
      response.statusCode = 500
      response.end(JSON.stringify({ error: formatError(error) }))
    })
  })
  if ((await files.stat(path)) !== undefined && !(await isAlive(path))) await files.remove(path)
  server.listen(path)
  await once(server, 'listening')
  await files.chmod(path, 0o600)
  return {
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeIdleConnections()
      await once(server, 'close')
    },
  }
}

/** Sends a command to the cluster that listens there; undefined where none does. */
export async function sendControl(
  path: string,
  command: string,
  argument?: unknown,
): Promise<unknown> {
  const call = request({ socketPath: path, method: 'POST', path: `/${command}` })
  call.on('error', () => {}) // A refused connection reports itself twice.
  call.end(JSON.stringify(argument ?? null))
  let response: IncomingMessage
  try {
    ;[response] = (await once(call, 'response')) as [IncomingMessage]
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== undefined && NOBODY_THERE.has(code)) return undefined
    throw error
  }
  const result = JSON.parse(await readAll(response)) as { error?: string; value?: unknown }
  if (result.error !== undefined) throw new Error(result.error)
  return result.value ?? null
}

async function isAlive(path: string): Promise<boolean> {
  try {
    return (await sendControl(path, 'ping')) !== undefined
  } catch {
    return true
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handler: ControlHandler,
): Promise<void> {
  const command = (request.url ?? '/').slice(1)
  const argument: unknown = JSON.parse(await readAll(request))
  const value = command === 'ping' ? true : await handler(command, argument)
  response.setHeader('connection', 'close')
  response.end(JSON.stringify({ value }))
}

async function readAll(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
