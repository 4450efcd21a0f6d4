import { maxHeaderSize } from 'node:http'
import type { Duplex } from 'node:stream'

/** What a client that has sent no request of HTTP/1.1 is told, in plain text as by Go's server. */
const REFUSALS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}
/** A method that Node.js's parser does not know, though it may be well-formed. */
const UNKNOWN_METHOD = 'HPE_INVALID_METHOD'
const METHOD_NOT_ALLOWED = {
  ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' },
  message: 'the server does not allow this method on the requested resource',
  ...{ reason: 'MethodNotAllowed', details: {}, code: 405 },
}

/**
 * Ends a connection on which something came that is no request: with an answer, where the client
 * may still read one.
 */
export function refuseMalformed(error: Error, socket: Duplex): void {
  const { code = '', bytesParsed = 0 } = error as NodeJS.ErrnoException & { bytesParsed?: number }
  if (!socket.writable || !/^(HPE|ERR_HTTP)_/.test(code) || bytesParsed > maxHeaderSize) {
    socket.destroy()
    return
  }
  if (code === UNKNOWN_METHOD) {
    refuseMethod(socket)
    return
  }
  endWithText(socket, REFUSALS[code] ?? '400 Bad Request')
}

/** Ends a connection on which a method came that no resource has. */
export function refuseMethod(socket: Duplex): void {
  const body = `${JSON.stringify(METHOD_NOT_ALLOWED)}\n`
  end(socket, '405 Method Not Allowed', 'application/json', body, 'no-cache, private')
}

/** Ends a connection on which something was asked for that is no URL. */
export function refuseTarget(socket: Duplex): void {
  endWithText(socket, '400 Bad Request')
}

function endWithText(socket: Duplex, refusal: string): void {
  end(socket, refusal, 'text/plain; charset=utf-8', refusal)
}

function end(
  socket: Duplex,
  status: string,
  contentType: string,
  body: string,
  cacheControl?: string,
): void {
  const caching = cacheControl === undefined ? '' : `Cache-Control: ${cacheControl}\r\n`
  const head = `HTTP/1.1 ${status}\r\nContent-Type: ${contentType}\r\n${caching}`
  socket.end(`${head}Connection: close\r\n\r\n${body}`, () => socket.destroy())
}
