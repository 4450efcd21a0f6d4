import { isIPv6 } from 'node:net'
import type { ServerOptions } from './cluster-options.ts'
import { primaryAddress } from './nodes/node-address.ts'

/**
 * Where others reach the server: at the address that it was told, else where it listens. Whoever
 * listens everywhere is reached at the machine's own address (upstream's `DefaultAdvertiseAddress`).
 */
export async function advertisedAddress({
  advertiseAddress,
  bindAddress,
  files,
}: Pick<ServerOptions, 'advertiseAddress' | 'bindAddress' | 'files'>): Promise<string> {
  const isTold = advertiseAddress !== undefined && !isWildcard(advertiseAddress)
  const address = isTold ? advertiseAddress : bindAddress
  return isWildcard(address) ? primaryAddress(files) : address
}

/**
 * Where a server listens that was not told: on loopback alone, unless others are to reach it
 * elsewhere. (kube-apiserver always listens everywhere.)
 */
export function usualBindAddress(advertiseAddress: string | undefined): string {
  if (advertiseAddress === undefined || /^127\.|^::1$/.test(advertiseAddress)) return '127.0.0.1'
  return isIPv6(advertiseAddress) ? '::' : '0.0.0.0'
}

/** Whether a server that is bound to an address answers on another one, too. */
export function listensOn(bindAddress: string, address: string): boolean {
  return isWildcard(bindAddress) || bindAddress === address
}

/** Whether an address stands for all that a machine has. */
export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}
