import {
  type Cidr,
  formatIp,
  type IpAddress,
  isInCidr,
  parseCidr,
  parseIp,
} from '../../machinery/ip-address.ts'
import { badRequest } from '../../machinery/status-error.ts'

/** What a proxy is asked for: `name`, `name:port` or `scheme:name:port`. */
export interface ProxyName {
  readonly scheme: '' | 'http' | 'https'
  readonly name: string
  /** A number or a port's name; '' for the usual one. */
  readonly port: string
}

/** Reads the name in a proxy's path; `kind` is for the 400. */
export function parseProxyName(text: string, kind: string): ProxyName {
  const parts = text.split(':')
  const [scheme = '', name = '', port = ''] = parts.length === 3 ? parts : ['', ...parts]
  const isScheme = scheme === '' || scheme === 'http' || scheme === 'https'
  if (parts.length > 3 || name === '' || !isScheme) {
    throw badRequest(`invalid ${kind} request ${JSON.stringify(text)}`)
  }
  return { scheme, name, port }
}

/** What follows `/proxy` in a request's target, as it was sent; the base is what comes before. */
export function splitProxyPath(url: string): { readonly base: string; readonly rest: string } {
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const base =
    /^\/api\/[^/]+\/(?:namespaces\/[^/]+\/)?(?:pods|services|nodes)\/[^/]+\/proxy/.exec(
      path,
    )?.[0] ?? path
  return { base, rest: url.slice(base.length) }
}

/** Unspecified, loopback, link-local (where metadata services are), multicast, broadcast. */
const REFUSED_IPV4 = ranges(
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '255.255.255.255/32'],
)
const REFUSED_IPV6 = ranges('::/128', '::1/128', 'fe80::/10', 'ff00::/8')
/** IPv6 addresses that lead to the IPv4 address in their last 32 bits (RFC 4291, RFC 6052). */
const HOLDING_IPV4 = ranges('::/96', '64:ff9b::/96')

/**
 * Addresses that the proxy may reach: not this machine's own loopback, not its neighbours on the
 * link, where metadata services are, and none that means many; however they are spelled. An IPv4
 * address as a part of an IPv6 address must be one of those, too.
 */
export function isProxyableAddress(text: string): boolean {
  const address = parseIp(text)
  if (address === undefined) return false
  if (address.family === 'IPv4') return text === address.canonical && !isIn(address, REFUSED_IPV4)
  if (isIn(address, REFUSED_IPV6)) return false
  if (!isIn(address, HOLDING_IPV4)) return true
  return isProxyableAddress(formatIp('IPv4', address.value & 0xffffffffn))
}

function ranges(...texts: readonly string[]): readonly Cidr[] {
  return texts.flatMap((text) => parseCidr(text) ?? [])
}

function isIn(address: IpAddress, cidrs: readonly Cidr[]): boolean {
  return cidrs.some((cidr) => isInCidr(address, cidr))
}
