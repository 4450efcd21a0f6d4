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

/**
 * Addresses that the proxy may reach: not this machine's own loopback, not its neighbours on the
 * link, where metadata services are, and none that means many.
 */
export function isProxyableAddress(address: string): boolean {
  if (address.includes(':')) {
    const lower = address.toLowerCase()
    return !/^(::1?$|fe[89ab]|ff|::ffff:)/.test(lower)
  }
  const [first = 0, second = 0] = address.split('.').map(Number)
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(address)) return false
  const isLinkLocal = first === 169 && second === 254
  return (
    first !== 0 && first !== 127 && first < 224 && !isLinkLocal && address !== '255.255.255.255'
  )
}
