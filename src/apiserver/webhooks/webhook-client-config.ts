import { posix } from 'node:path'

/** How to reach a webhook: by URL, or by a service; as it stands in configurations. */
export interface WebhookClientConfig {
  readonly url?: string | undefined
  readonly service?:
    | {
        readonly namespace: string
        readonly name: string
        readonly path?: string | undefined
        readonly port?: number | undefined
      }
    | undefined
  /** PEM in base64; the system's roots are trusted when absent. */
  readonly caBundle?: string | undefined
}

/** A webhook's server and the path on it, read from its configuration. */
export interface WebhookTarget {
  /** Such as `https://hook.example.com` or `https://NAME.NAMESPACE.svc:443`, for messages. */
  readonly origin: string
  readonly path: string
  /** The host with its port, by which credentials are found. */
  readonly hostPort: string
  /** The name that the server's certificate must bear. */
  readonly serverName: string
  readonly port: number
  /** Whose endpoints are asked; absent for a URL, which names its host. */
  readonly service?: { readonly namespace: string; readonly name: string }
}

const DEFAULT_PORT = 443

/** Throws where the configuration names neither URL nor service, or no usable URL. */
export function targetOf({ url, service }: WebhookClientConfig): WebhookTarget {
  if (service !== undefined) {
    const { namespace, name, path = '', port = DEFAULT_PORT } = service
    const serverName = `${name}.${namespace}.svc`
    const hostPort = `${serverName}:${port}`
    return {
      origin: `https://${hostPort}`,
      path: cleanPath(path),
      ...{ hostPort, serverName, port },
      service: { namespace, name },
    }
  }
  if (url === undefined || url === '') {
    throw new Error('webhook configuration must have either service or URL')
  }
  const parsed = new URL(url)
  const serverName = parsed.hostname.replace(/^\[|\]$/g, '')
  const port = parsed.port === '' ? DEFAULT_PORT : Number(parsed.port)
  // URL drops a port that is the scheme's own; messages show what was configured.
  const [, authority = parsed.host] = /^[a-z]+:\/\/([^/?#]*)/i.exec(url) ?? []
  return {
    origin: `${parsed.protocol}//${authority}`,
    path: cleanPath(parsed.pathname),
    hostPort: `${parsed.hostname}:${port}`,
    ...{ serverName, port },
  }
}

/** As upstream's client joins it: one slash in front, none behind. */
function cleanPath(path: string): string {
  const clean = posix.normalize(`/${path}`)
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean
}
