import type { Duplex } from 'node:stream'

/** Where a connection is to lead to. */
export interface DialAddress {
  readonly host: string
  readonly port: number
}

/**
 * Opens a connection to an address by a way of its own, such as a proxy. What is written to it
 * arrives there, and the reverse. Rejects where that cannot be had; the signal ends the attempt.
 * `onProxyReached` is called once there is a connection to the proxy, if there is one.
 */
export type Dial = (
  address: DialAddress,
  signal?: AbortSignal,
  onProxyReached?: () => void,
) => Promise<Duplex>
