import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { sendRequest } from '../../base/http-backend.ts'
import { formatHead, proxyUpgrade } from '../../base/upgrade-proxy.ts'

/** Headers that belong to one connection; those of the upgrade itself are passed on. */
const NOT_PASSED = new Set(['host', 'authorization', 'content-length', 'transfer-encoding'])

/**
 * Hands an upgraded connection over to the server at `url`: the same request, then bytes both ways
 * until both sides have ended. Rejects, with nothing answered yet, where it cannot be reached.
 */
export function proxyTo(
  url: string,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const { hostname, port, pathname, search } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const { method = 'POST' } = request
  const headers = passedHeaders(request)
  return proxyUpgrade(
    { socket, head },
    { host, port: Number(port) },
    { method, path: `${pathname}${search}`, headers },
    sendRequest,
  )
}

function passedHeaders({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  const passed: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || NOT_PASSED.has(name)) continue
    passed[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return passed
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
}

/** Answers a request for an upgrade that is not granted. */
export function refuseUpgrade(socket: Duplex, status: number, message: string): void {
  if (socket.destroyed || socket.writableEnded) return
  const body = `${message}\n`
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': `${Buffer.byteLength(body)}`,
    connection: 'close',
  }
  socket.end(`${formatHead(status, TITLES[status] ?? 'Error', headers)}${body}`)
}
