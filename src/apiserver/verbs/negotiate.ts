import { type Conversion, negotiate as negotiateMedia } from '../listener/accept.ts'
import type { ServerRequest } from '../request.ts'

/** How a client wants its answer. */
export interface Representation {
  /** False where the bytes that are kept will not do: YAML, or JSON with indentation. */
  readonly isPlainJson: boolean
  /** Another shape than the objects themselves. */
  readonly as: 'Table' | 'PartialObjectMetadata' | undefined
}

const PLAIN: Representation = { isPlainJson: true, as: undefined }
const METADATA_KINDS: ReadonlySet<string> = new Set([
  'PartialObjectMetadata',
  'PartialObjectMetadataList',
])

/** The first of the accepted representations that this server has, or 406. */
export function negotiate({ headers, isInProcess, query }: ServerRequest): Representation {
  const { accept } = headers
  const wantsPretty = query.has('pretty')
  if (accept === undefined || (accept === 'application/json' && !wantsPretty)) {
    return wantsPretty ? { ...PLAIN, isPlainJson: false } : PLAIN
  }
  const { mediaType, convertTo, isPretty } = negotiateMedia(accept, isServed)
  const isMetadata = convertTo !== undefined && METADATA_KINDS.has(convertTo.kind)
  return {
    isPlainJson: isInProcess || (mediaType === 'application/json' && !isPretty && !wantsPretty),
    as: convertTo === undefined ? undefined : isMetadata ? 'PartialObjectMetadata' : 'Table',
  }
}

function isServed({ group, version, kind }: Conversion): boolean {
  if (group !== 'meta.k8s.io' || version !== 'v1') return false
  return kind === 'Table' || METADATA_KINDS.has(kind)
}
