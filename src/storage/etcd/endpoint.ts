/** Where an etcd member answers, as the gRPC library names it. */
export interface Endpoint {
  /** As it was given, for messages. */
  readonly url: string
  readonly target: string
  readonly isTls: boolean
  /** Of whom its certificate must be, wherever `target` leads; absent for a socket file. */
  readonly address?: { readonly host: string; readonly port: number }
}

/** Throws where this is not a URL that etcd can be reached by. */
function parseEndpoint(url: string): Endpoint {
  const scheme = /^(https?|unixs?):\/\//.exec(url)?.[1]
  if (scheme === undefined) {
    throw new Error(`${JSON.stringify(url)} is no URL of etcd, such as https://10.0.0.5:2379`)
  }
  if (scheme.startsWith('unix')) {
    const path = url.slice(scheme.length + 3)
    return { url, target: `unix:${path}`, isTls: scheme === 'unixs' }
  }
  const { hostname, port, pathname } = parseUrl(url)
  if (pathname !== '/') throw new Error(`${url}: a URL of etcd has no path`)
  const isTls = scheme === 'https'
  const address = {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (isTls ? 443 : 80) : Number(port),
  }
  const resolver = hostname.startsWith('[') ? 'ipv6' : 'dns'
  return { url, target: `${resolver}:${hostname}:${address.port}`, isTls, address }
}

/** The members of one cluster, from a list with commas as upstream's flag takes it. */
export function parseEndpoints(list: string): readonly Endpoint[] {
  const endpoints = list
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseEndpoint)
  if (endpoints.length === 0) throw new Error('no URL of an etcd server was given')
  return endpoints
}

function parseUrl(url: string): URL {
  try {
    return new URL(url)
  } catch (cause) {
    throw new Error(`${JSON.stringify(url)} is not a URL`, { cause })
  }
}
