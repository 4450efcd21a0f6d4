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
  const { mediaType, convertTo, isPretty } = negotiateMedia(
    accept,
    isServed,
    MEDIA_TYPES,
    offeredOf(kind),
  )
  const isMetadata = convertTo !== undefined && METADATA_KINDS.has(convertTo.kind)
  return {
    isPlainJson: isInProcess || (mediaType === 'application/json' && !isPretty && !wantsPretty),
    isProtobuf: !isInProcess && mediaType === PROTOBUF,
    as: convertTo === undefined ? undefined : isMetadata ? 'PartialObjectMetadata' : 'Table',
  }
}

/** Custom resources have no protobuf form, though their metadata has. */
function offeredOf(kind: TypeNames): readonly MediaType[] {
  return hasProtobuf(kind) ? MEDIA_TYPES : TEXT_TYPES
}

/** Throws 406 for who takes a Table alone: what is answered and not kept has no such form. */
export function refuseTables({ headers }: ServerRequest, kind: TypeNames): void {
  const { accept } = headers
  negotiateMedia(accept, isMetadata, MEDIA_TYPES, offeredOf(kind))
}

/** A Table has no protobuf form either. */
function isServed(conversion: Conversion, mediaType: MediaType): boolean {
  if (conversion.kind !== 'Table') return isMetadata(conversion)
  return isOfMeta(conversion) && mediaType !== PROTOBUF
}

function isMetadata(conversion: Conversion): boolean {
  return isOfMeta(conversion) && METADATA_KINDS.has(conversion.kind)
}

function isOfMeta({ group, version }: Conversion): boolean {
  return group === 'meta.k8s.io' && version === 'v1'
}
