import {
  type Conversion,
  MEDIA_TYPES,
  type MediaType,
  negotiate as negotiateMedia,
  TEXT_TYPES,
} from '../listener/accept.ts'
import { hasProtobuf, type TypeNames } from '../protobuf/api-protobuf.ts'
import { PROTOBUF } from '../protobuf/media-type.ts'
import type { ServerRequest } from '../request.ts'

/** How a client wants its answer. */
export interface Representation {
  /** False where the bytes that are kept will not do: YAML, or JSON with indentation. */
  readonly isPlainJson: boolean
  readonly isProtobuf: boolean
  /** Another shape than the objects themselves. */
  readonly as: 'Table' | 'PartialObjectMetadata' | undefined
}

const PLAIN: Representation = { isPlainJson: true, isProtobuf: false, as: undefined }
const METADATA_KINDS: ReadonlySet<string> = new Set([
  'PartialObjectMetadata',
  'PartialObjectMetadataList',
])

/** The first of the accepted representations that this server has of a kind, or 406. */
export function negotiate(
  { headers, isInProcess, query }: ServerRequest,
  kind: TypeNames,
): Representation {
  const { accept } = headers
  const wantsPretty = query.has('pretty')
  if (accept === undefined || (accept === 'application/json' && !wantsPretty)) {
    return wantsPretty ? { ...PLAIN, isPlainJson: false } : PLAIN
  }
  const { mediaType, convertTo, isPretty } = negotiateMedia(accept, isServed, offeredOf(kind))
  const isMetadata = convertTo !== undefined && METADATA_KINDS.has(convertTo.kind)
  return {
    isPlainJson: isInProcess || (mediaType === 'application/json' && !isPretty && !wantsPretty),
    isProtobuf: !isInProcess && mediaType === PROTOBUF,
    as: convertTo === undefined ? undefined : isMetadata ? 'PartialObjectMetadata' : 'Table',
  }
}

/** Custom resources have no protobuf form. */
function offeredOf(kind: TypeNames): readonly MediaType[] {
  return hasProtobuf(kind) ? MEDIA_TYPES : TEXT_TYPES
}

/** A Table has no protobuf form either. */
function isServed({ group, version, kind }: Conversion, mediaType: MediaType): boolean {
  if (group !== 'meta.k8s.io' || version !== 'v1') return false
  return (kind === 'Table' && mediaType !== PROTOBUF) || METADATA_KINDS.has(kind)
}
