/** An image's name in full: `docker.io/library/redis:latest`. */
export interface ImageReference {
  /** A registry's host, with its port where it has one. */
  readonly registry: string
  readonly repository: string
  /** `latest` unless a tag or a digest is given. */
  readonly tag?: string
  readonly digest?: string
}

const DEFAULT_REGISTRY = 'docker.io'
const HOST = /^[a-zA-Z0-9.-]+(:[0-9]+)?$|^\[[0-9a-f:]+\](:[0-9]+)?$/
const PATH_PART = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^[a-z0-9]+:[0-9a-f]{32,}$/

/** The short forms that Docker introduced stand for its registry. Throws where it is no name. */
export function parseImageReference(text: string): ImageReference {
  const [named = '', digest] = split(text, text.indexOf('@'))
  const colon = named.lastIndexOf(':')
  const [name = '', tag] = split(named, colon > named.lastIndexOf('/') ? colon : -1)
  const parts = name.split('/')
  const first = parts[0] ?? ''
  const isHost = parts.length > 1 && (first === 'localhost' || /[.:]/.test(first))
  const registry = isHost ? first : DEFAULT_REGISTRY
  const path = isHost ? parts.slice(1) : parts
  const isValid =
    HOST.test(registry) &&
    path.every((part) => PATH_PART.test(part)) &&
    (tag === undefined || TAG.test(tag)) &&
    (digest === undefined || DIGEST.test(digest))
  if (!isValid) throw new Error(`invalid image reference "${text}"`)
  const isShort = registry === DEFAULT_REGISTRY && path.length === 1
  const effectiveTag = tag ?? (digest === undefined ? 'latest' : undefined)
  return {
    registry,
    repository: isShort ? `library/${path[0]}` : path.join('/'),
    ...(effectiveTag === undefined ? {} : { tag: effectiveTag }),
    ...(digest === undefined ? {} : { digest }),
  }
}

/** What stands before and after the separator at `index`; all of it before where that is -1. */
function split(text: string, index: number): readonly string[] {
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)]
}

function formatImageReference({ registry, repository, tag, digest }: ImageReference): string {
  const tagPart = tag === undefined ? '' : `:${tag}`
  return `${registry}/${repository}${tagPart}${digest === undefined ? '' : `@${digest}`}`
}

/** The one way to write a reference that means the same image. */
export function canonicalImageName(text: string): string {
  return formatImageReference(parseImageReference(text))
}
