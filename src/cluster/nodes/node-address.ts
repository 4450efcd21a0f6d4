import { networkInterfaces } from 'node:os'
import type { FileSystem } from '../../base/file-system.ts'

export interface InterfaceAddress {
  readonly interface: string
  readonly address: string
}

/** What a machine without a network calls itself. */
const LOOPBACK = '127.0.0.1'

/**
 * The address by which others reach this machine: that of the interface with the default route,
 * else the first that is not loopback and not ours.
 */
export async function primaryAddress(files: FileSystem): Promise<string> {
  let routes = ''
  try {
    routes = Buffer.from(await files.readFile('/proc/net/route')).toString()
  } catch {
    // Not Linux: the first interface will do.
  }
  const addresses = Object.entries(networkInterfaces()).flatMap(([name, list]) =>
    (list ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => ({ interface: name, address })),
  )
  return choosePrimary(addresses, routes)
}

/** `routes`: the text of /proc/net/route. */
export function choosePrimary(addresses: readonly InterfaceAddress[], routes: string): string {
  const defaults = routes
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
    .toSorted((a, b) => Number(a[6]) - Number(b[6]))
    .map(([name]) => name)
  const foreign = addresses.filter(({ interface: name }) => !/^wherry\d+$/.test(name))
  const byRoute = defaults.flatMap((name) => foreign.filter((one) => one.interface === name))
  return (byRoute[0] ?? foreign[0])?.address ?? LOOPBACK
}
