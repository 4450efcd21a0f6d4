import type { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import type { Secret } from '../../kinds/core/v1/secret.ts'

/** One file of a projected volume. */
export interface ProjectedFile {
  readonly content: Uint8Array
  readonly mode: number
  /** Who owns it; root where nobody is named. */
  readonly owner?: number | undefined
}

/** The files of a volume by their path in it. */
export type Payload = ReadonlyMap<string, ProjectedFile>

interface KeyToPath {
  readonly key: string
  readonly path: string
  readonly mode?: number | undefined
}

interface Projection {
  readonly items?: readonly KeyToPath[] | undefined
  readonly optional?: boolean | undefined
}

/** A ConfigMap's files: all its keys, or those that `items` names. Throws for a missing key. */
export function configMapPayload(
  { data = {}, binaryData = {} }: Partial<ConfigMap>,
  projection: Projection,
  defaultMode: number,
): Payload {
  const contents = new Map<string, Uint8Array>()
  for (const [key, text] of Object.entries(data)) contents.set(key, Buffer.from(text))
  for (const [key, bytes] of Object.entries(binaryData)) {
    contents.set(key, Buffer.from(bytes, 'base64'))
  }
  const missing = (key: string) => `configmap references non-existent config key: ${key}`
  return project(contents, projection, defaultMode, missing)
}

/** A Secret's files, as `configMapPayload`. */
export function secretPayload(
  { data = {} }: Partial<Secret>,
  projection: Projection,
  defaultMode: number,
): Payload {
  const contents = new Map<string, Uint8Array>()
  for (const [key, bytes] of Object.entries(data)) contents.set(key, Buffer.from(bytes, 'base64'))
  const missing = (key: string) => `references non-existent secret key: ${key}`
  return project(contents, projection, defaultMode, missing)
}

function project(
  contents: ReadonlyMap<string, Uint8Array>,
  { items = [], optional = false }: Projection,
  defaultMode: number,
  missing: (key: string) => string,
): Payload {
  const files = new Map<string, ProjectedFile>()
  if (items.length === 0) {
    for (const [key, content] of contents) files.set(key, { content, mode: defaultMode })
    return files
  }
  for (const { key, path, mode = defaultMode } of items) {
    const content = contents.get(key)
    if (content !== undefined) files.set(path, { content, mode })
    else if (!optional) throw new Error(missing(key))
  }
  return files
}
