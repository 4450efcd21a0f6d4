import type { SecureServerOptions } from 'node:http2'
import type { ListenerTls } from './listener.ts'

/** As Go's: kubectl and client-go keep idle connections for 90 s; close after them, not before. */
export const IDLE_TIMEOUT_MS = 120_000
/** As Go's: a peer that is silent for so long is asked whether it lives. */
const TCP_KEEP_ALIVE_MS = 15_000
const MAX_HEADER_BYTES = 1024 * 1024

/** What nobody can choose, as in Go: a list of suites is for TLS 1.2. */
const TLS_1_3 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']
/** Go's, in its order where the processor has AES. */
const TLS_1_2 = [
  ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ...['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ...['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ...['ECDHE-ECDSA-AES128-SHA', 'ECDHE-RSA-AES128-SHA'],
  ...['ECDHE-ECDSA-AES256-SHA', 'ECDHE-RSA-AES256-SHA'],
]

/** What may be asked of TLS and HTTP/2; what every client copes with where it is not. */
export interface ListenerProtocol {
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3'
  /** For TLS 1.2, in OpenSSL's words; Go's when absent. */
  readonly ciphers?: string
  readonly isHttp1Only?: boolean
  /** Requests at once on one connection. */
  readonly maxStreams?: number
  /** How likely a request over HTTP/2 is the last that its client begins on this connection. */
  readonly goawayChance?: number
  /** OpenSSL's names of groups for the exchange of keys, with colons; its choice when absent. */
  readonly curves?: string
}

/** The settings of the HTTPS server, each chosen for a trap that Kubernetes' clients run into. */
export function serverOptions(
  { certificate, key, clientAuthority }: ListenerTls,
  { minVersion, ciphers, curves, isHttp1Only, maxStreams }: ListenerProtocol = {},
): SecureServerOptions {
  return {
    cert: certificate,
    key,
    ca: clientAuthority,
    // A certificate is optional, and one of another authority proves nothing: see `authorized`.
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: minVersion ?? 'TLSv1.2',
    ciphers: [...new Set([...TLS_1_3, ...(ciphers?.split(':') ?? TLS_1_2)])].join(':'),
    ...(curves !== undefined && { ecdhCurve: curves }),
    ALPNProtocols: isHttp1Only ? ['http/1.1'] : ['h2', 'http/1.1'],
    allowHTTP1: true,
    // Megabytes of one session in all. The default of 10 ends a client's whole connection with
    // ENHANCE_YOUR_CALM as soon as it lists many objects in parallel.
    maxSessionMemory: 4096,
    maxSendHeaderBlockLength: MAX_HEADER_BYTES,
    // A client that stops its informers resets hundreds of streams at once.
    ...{ streamResetBurst: 10_000, streamResetRate: 1000 },
    settings: {
      maxConcurrentStreams: maxStreams ?? 1000,
      initialWindowSize: 1024 * 1024,
      maxHeaderListSize: MAX_HEADER_BYTES,
    },
    // Answers are small and waited for; a client that has vanished must not keep its watches.
    ...{ noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEP_ALIVE_MS },
    ...{ maxHeaderSize: MAX_HEADER_BYTES },
  }
}
