import type { AuthConfig } from '../../cri/messages/image.ts'
import type { Secret } from '../../kinds/core/v1/secret.ts'

interface DockerAuth {
  readonly username?: string
  readonly password?: string
  readonly auth?: string
  readonly identitytoken?: string
}

const DEFAULT_REGISTRY = 'index.docker.io'

/**
 * What a pod's pull secrets hold for the registry of an image, the most specific first. Secrets of
 * another type, or damaged ones, hold nothing.
 */
export function registryCredentials(image: string, secrets: readonly Secret[]): AuthConfig[] {
  const repository = repositoryOf(image)
  return secrets
    .flatMap((secret) => Object.entries(readAuths(secret)))
    .filter(([server]) => matches(repository, normalize(server)))
    .toSorted(([a], [b]) => normalize(b).length - normalize(a).length)
    .map(([server, auth]) => toAuthConfig(server, auth))
}

function readAuths({ type, data = {} }: Secret): Readonly<Record<string, DockerAuth>> {
  const read = (key: string) => {
    const text = Buffer.from(data[key] ?? '', 'base64').toString()
    return JSON.parse(text) as Record<string, unknown>
  }
  try {
    if (type === 'kubernetes.io/dockerconfigjson') {
      return (read('.dockerconfigjson')['auths'] ?? {}) as Record<string, DockerAuth>
    }
    if (type === 'kubernetes.io/dockercfg') {
      return read('.dockercfg') as Record<string, DockerAuth>
    }
  } catch {
    // Not JSON: validation has let it in, a pull without credentials may still work.
  }
  return {}
}

/** The host and path of an image, with Docker Hub's made explicit. */
function repositoryOf(image: string): string {
  const name = image.replace(/@.*$/, '').replace(/:[^/:]*$/, '')
  const [first = ''] = name.split('/')
  const hasHost = name.includes('/') && /[.:]|^localhost$/.test(first)
  return hasHost
    ? name.replace(/^docker\.io\//, `${DEFAULT_REGISTRY}/`)
    : `${DEFAULT_REGISTRY}/${name}`
}

function normalize(server: string): string {
  const bare = server.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '')
  return bare === 'docker.io' ? DEFAULT_REGISTRY : bare
}

/** `*.example.com` stands for one part of a host's name. */
function matches(repository: string, server: string): boolean {
  const [host = '', ...path] = server.split('/')
  const [imageHost = '', ...imagePath] = repository.split('/')
  const pattern = host.split('.')
  const parts = imageHost.split('.')
  const isHost =
    pattern.length === parts.length &&
    pattern.every((part, index) => part === '*' || part === parts[index])
  return isHost && imagePath.join('/').startsWith(path.join('/'))
}

function toAuthConfig(serverAddress: string, auth: DockerAuth): AuthConfig {
  const [user, ...password] = Buffer.from(auth.auth ?? '', 'base64')
    .toString()
    .split(':')
  return {
    serverAddress,
    username: auth.username ?? user ?? '',
    password: auth.password ?? password.join(':'),
    ...(auth.identitytoken !== undefined && { identityToken: auth.identitytoken }),
  }
}
