import { CBOR } from '../cbor/media-type.ts'
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
  /** False where the bytes that are kept will not do: YAML, CBOR, or JSON with indentation. */
  readonly isPlainJson: boolean
  readonly isProtobuf: boolean
  readonly isCbor: boolean
  /** Another shape than the objects themselves. */
  readonly as: 'Table' | 'PartialObjectMetadata' | undefined
  /** The version of that shape. */
  readonly metaVersion: MetaVersion
  /** Metadata was asked for as that of a list. */
  readonly isOfList: boolean
}

/** Versions of `meta.k8s.io` that clients still ask for. */
export type MetaVersion = 'v1' | 'v1beta1'

const PLAIN: Representation = {
  isPlainJson: true,
  isProtobuf: false,
  isCbor: false,
  as: undefined,
  metaVersion: 'v1',
  isOfList: false,
}
/** Subresources that upstream shows in no Table, by `group/plural/subresource`. */
const WITHOUT_TABLE: ReadonlySet<string> = new Set([
  '/namespaces/finalize',
  '/pods/ephemeralcontainers',
  '/pods/resize',
  'certificates.k8s.io/certificatesigningrequests/approval',
  'resource.k8s.io/devicetaintrules/status',
  'resource.k8s.io/resourceclaims/status',
  'resource.k8s.io/resourcepoolstatusrequests/status',
  'scheduling.k8s.io/podgroups/status',
])
const METADATA_KINDS: ReadonlySet<string> = new Set([
  'PartialObjectMetadata',
  'PartialObjectMetadataList',
])

/** The first of the accepted representations that this server has of a kind, or 406. */
export function negotiate(
  { headers, info, isInProcess, query }: ServerRequest,
  kind: TypeNames,
): Representation {
  const { accept } = headers
  const wantsPretty = query.has('pretty')
  if (accept === undefined || (accept === 'application/json' && !wantsPretty)) {
    return wantsPretty ? { ...PLAIN, isPlainJson: false } : PLAIN
  }
  const hasTable =
    info.subresource === '' ||
    !WITHOUT_TABLE.has(`${info.group}/${info.resource}/${info.subresource}`)
  const { mediaType, convertTo, isPretty } = negotiateMedia(
    accept,
    hasTable ? isServed : isServedBeside,
    MEDIA_TYPES,
    offeredOf(kind),
  )
  const isMetadata = convertTo !== undefined && METADATA_KINDS.has(convertTo.kind)
  return {
    isPlainJson: isInProcess || (mediaType === 'application/json' && !isPretty && !wantsPretty),
    isProtobuf: !isInProcess && mediaType === PROTOBUF,
    isCbor: !isInProcess && mediaType === CBOR,
    as: convertTo === undefined ? undefined : isMetadata ? 'PartialObjectMetadata' : 'Table',
    metaVersion: convertTo?.version === 'v1beta1' ? 'v1beta1' : 'v1',
    isOfList: convertTo?.kind === 'PartialObjectMetadataList',
  }
}

/** Throws 406 before anything is written, or said to be missing, that could not be shown. */
export function checkAcceptable(request: ServerRequest, kind: TypeNames): void {
  const { accept } = request.headers
  if (accept !== undefined && accept !== 'application/json') negotiate(request, kind)
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
  return group === 'meta.k8s.io' && (version === 'v1' || version === 'v1beta1')
}

/** What there is without a Table. */
function isServedBeside(conversion: Conversion, mediaType: MediaType): boolean {
  return conversion.kind !== 'Table' && isServed(conversion, mediaType)
}
