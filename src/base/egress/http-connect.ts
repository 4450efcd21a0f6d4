import { type IncomingMessage, request } from 'node:http'
import { connect as connectTcp, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { authorityOf } from '../https-pool.ts'
import type { Dial } from './dial.ts'

/** A proxy that understands HTTP's CONNECT. Certificates are PEM. */
export type HttpProxy =
  | { readonly path: string }
  | {
      readonly host: string
      readonly port: number
      /** Plain HTTP when absent. */
      readonly tls?: {
        /** Those of the system when absent. */
        readonly authority?: string | undefined
        readonly certificate: string
        readonly key: string
        readonly serverName?: string | undefined
      }
    }

/** Connections by way of an HTTP proxy: one to the proxy for each, with upstream's errors. */
export function dialThroughHttpProxy(proxy: HttpProxy): Dial {
  const name = 'path' in proxy ? proxy.path : authorityOf(proxy.host, proxy.port)
  return (address, signal, onProxyReached) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error)
        return
      }
      const target = authorityOf(address.host, address.port)
      const asking = request({
        ...{ method: 'CONNECT', path: target, headers: { host: '127.0.0.1' }, signal },
        createConnection: () => {
          const socket = connectTo(proxy)
          const isSecure = 'tls' in proxy && proxy.tls !== undefined
          if (onProxyReached) socket.once(isSecure ? 'secureConnect' : 'connect', onProxyReached)
          return socket
        },
      })
      asking.on('error', reject)
      asking.on('response', (response) => {
        response.destroy()
        reject(refused(response, name, target))
      })
      asking.on('connect', (response: IncomingMessage, socket: Duplex, head: Buffer) => {
        if (response.statusCode === 200 && head.length === 0) {
          resolve(socket)
          return
        }
        socket.destroy()
        const early = `unexpected ${head.length} bytes of buffered data from CONNECT proxy`
        const isEarly = response.statusCode === 200
        reject(isEarly ? new Error(`${early} "${name}"`) : refused(response, name, target))
      })
      asking.end()
    })
}

function refused({ statusCode, statusMessage }: IncomingMessage, name: string, target: string) {
  const status = `${statusCode} ${statusMessage}`
  return new Error(
    `proxy error from ${name} while dialing ${target}, code ${statusCode}: ${status}`,
  )
}

function connectTo(proxy: HttpProxy): Socket {
  if ('path' in proxy) return connectTcp(proxy.path)
  const { host, port, tls } = proxy
  if (tls === undefined) return connectTcp(port, host)
  const { authority, certificate, key, serverName } = tls
  return connectTls({
    ...{ host, port, cert: certificate, key, minVersion: 'TLSv1.2' },
    ...(authority !== undefined && { ca: authority }),
    ...(serverName !== undefined && serverName !== '' && { servername: serverName }),
  })
}
