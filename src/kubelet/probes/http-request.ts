import type { Container, HttpGetAction } from '../pod-types.ts'

/** One GET that a probe or a hook makes. */
export interface HttpRequest {
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly port: number
  /** With the query. */
  readonly path: string
  readonly headers: readonly (readonly [name: string, value: string])[]
}

const VERSION = '1.36'

/** Where an httpGet action goes and with which headers. Throws for a port that cannot be found. */
export function httpRequestOf(
  action: HttpGetAction,
  container: Container,
  podIp: string,
  purpose: 'probe' | 'lifecycle',
): HttpRequest {
  const { host = '', path = '/', scheme = 'HTTP', httpHeaders = [] } = action
  return {
    scheme: scheme.toLowerCase() as 'http' | 'https',
    host: host === '' ? podIp : host,
    port: containerPort(action.port, container),
    path: path.startsWith('/') ? path : `/${path}`,
    headers: withDefaults(httpHeaders, purpose),
  }
}

function withDefaults(
  given: readonly { readonly name: string; readonly value: string }[],
  purpose: string,
): HttpRequest['headers'] {
  const has = (wanted: string) => given.some(({ name }) => name.toLowerCase() === wanted)
  const headers: (readonly [string, string])[] = given
    // An empty Accept means: send none.
    .filter(({ name, value }) => name.toLowerCase() !== 'accept' || value !== '')
    .map(({ name, value }) => [name, value])
  if (!has('user-agent')) headers.push(['User-Agent', `kube-${purpose}/${VERSION}`])
  if (!has('accept')) headers.push(['Accept', '*/*'])
  return headers
}

/** The number of a port that is given as such, or by the name it has in the container. */
export function containerPort(port: number | string, container: Container): number {
  const named = container.ports?.find(({ name }) => name === port)?.containerPort
  const number = typeof port === 'number' ? port : (named ?? Number(port))
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number
  if (typeof port === 'string' && named === undefined && Number.isNaN(number)) {
    throw new Error(`couldn't find port: "${port}" in container ports`)
  }
  throw new Error(`invalid port number: ${port}`)
}
