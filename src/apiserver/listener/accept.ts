import { StatusError } from '../../machinery/status-error.ts'
import { CBOR } from '../cbor/media-type.ts'
import { PROTOBUF } from '../protobuf/media-type.ts'

/** What the server can write, and names where it refuses. */
export const MEDIA_TYPES = ['application/json', 'application/yaml', PROTOBUF] as const
/** CBOR it writes for who asks for it by name; upstream's messages do not list it. */
export type MediaType = (typeof MEDIA_TYPES)[number] | typeof CBOR
/** What it can write of objects that have no protobuf form. */
export const TEXT_TYPES: readonly MediaType[] = ['application/json', 'application/yaml']

/** The type that a client wants instead of the resource's own, such as a Table. */
export interface Conversion {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** What a client gets: the encoding, and the type where it asks for another than the usual. */
export interface Negotiated<T = MediaType> {
  readonly mediaType: T
  readonly convertTo: Conversion | undefined
  /** Indented for human eyes (`pretty=1`). */
  readonly isPretty: boolean
}

/** One clause of an Accept header: `application/json;as=Table;v=v1;g=meta.k8s.io;q=0.9`. */
interface Clause {
  readonly type: string
  readonly subtype: string
  readonly quality: number
  readonly parameters: Readonly<Record<string, string>>
}

const PLAIN_JSON: Negotiated = {
  mediaType: 'application/json',
  convertTo: undefined,
  isPretty: false,
}

/**
 * Chooses among the clauses of an Accept header, the one with the highest quality first, by
 * upstream's rules: a conversion that `allows` refuses skips its clause, and so does a type that is
 * not `plain` where none is asked for. Throws 406 where nothing is left.
 */
export function negotiate(
  accept: string | undefined,
  allows: (conversion: Conversion, mediaType: MediaType) => boolean = () => false,
  offered: readonly MediaType[] = MEDIA_TYPES,
  plain: readonly MediaType[] = offered,
): Negotiated {
  if (accept === undefined || accept === '' || accept === 'application/json') return PLAIN_JSON
  return negotiateClauses<MediaType>(accept, allows, offered, plain)
}

/** `negotiate` for what has other types than objects, and none that is understood. */
export function negotiateClauses<T extends Accepted>(
  accept: string,
  allows: (conversion: Conversion, mediaType: T | typeof CBOR) => boolean,
  offered: readonly T[],
  plain: readonly T[],
): Negotiated<T | typeof CBOR> {
  for (const clause of parseAccept(accept)) {
    for (const mediaType of offered) {
      if (!matches(clause, mediaType)) continue
      const found = matchClause(clause, mediaType, allows, plain.includes(mediaType))
      if (found !== undefined) return found
    }
    if (!isCbor(clause)) continue
    const found = matchClause<T | typeof CBOR>(clause, CBOR, allows, hasJson(plain))
    if (found !== undefined) return found
  }
  throw notAcceptable(offered)
}

/** The 406 with upstream's text. */
export function notAcceptable(offered: readonly string[] = MEDIA_TYPES): StatusError {
  return new StatusError(
    'NotAcceptable',
    `only the following media types are accepted: ${offered.join(', ')}`,
  )
}

/** Any media type that an endpoint may have. */
export type Accepted = `${string}/${string}`

/** The best of the offered types, for endpoints that have others than objects; 406 without one. */
export function negotiateAmong(accept: string | undefined, offered: readonly Accepted[]): Accepted {
  const clauses = accept === undefined || accept === '' ? undefined : parseAccept(accept)
  const found =
    clauses === undefined
      ? offered[0]
      : clauses.map((clause) => offered.find((one) => matches(clause, one))).find(Boolean)
  if (found !== undefined) return found
  throw notAcceptable(offered)
}

function matches({ type, subtype }: Clause, mediaType: string): boolean {
  const [ownType, ownSubtype] = mediaType.split('/')
  return (type === '*' || type === ownType) && (subtype === '*' || subtype === ownSubtype)
}

function matchClause<T extends Accepted>(
  { parameters }: Clause,
  mediaType: T,
  allows: (conversion: Conversion, mediaType: T) => boolean,
  isPlain: boolean,
): Negotiated<T> | undefined {
  const { as: kind, g: group, v: version, stream, sv } = parameters
  if (stream !== undefined && stream !== '' && !(stream === 'watch' && isStreamed(mediaType))) {
    return undefined
  }
  if (sv !== undefined && sv !== '' && sv !== 'v1') return undefined
  const isPretty = parameters['pretty'] === '1'
  if (kind === undefined && group === undefined && version === undefined) {
    return isPlain ? { mediaType, convertTo: undefined, isPretty } : undefined
  }
  const convertTo = { group: group ?? '', version: version ?? '', kind: kind ?? '' }
  return allows(convertTo, mediaType) ? { mediaType, convertTo, isPretty } : undefined
}

/** YAML has no form in which one event would follow another. */
function isStreamed(mediaType: Accepted): boolean {
  return mediaType !== 'application/yaml'
}

/** Whatever there is as JSON, there is as CBOR. */
function hasJson(types: readonly string[]): boolean {
  return types.includes('application/json')
}

function isCbor({ type, subtype }: Clause): boolean {
  return type === 'application' && subtype === 'cbor'
}

/** Clients send the same few headers with every request. */
const parsed = new Map<string, readonly Clause[]>()
const MOST_PARSED = 256
/** Anybody may send a long one, and each would be kept. */
const LONGEST_KEPT = 512

/** Best quality first; among equals, wildcards last, then as they stand. */
function parseAccept(header: string): readonly Clause[] {
  let clauses = parsed.get(header)
  if (clauses === undefined) {
    clauses = parseClauses(header)
    if (header.length > LONGEST_KEPT) return clauses
    if (parsed.size >= MOST_PARSED) parsed.clear()
    parsed.set(header, clauses)
  }
  return clauses
}

function parseClauses(header: string): readonly Clause[] {
  const clauses = header.split(',').flatMap(parseClause)
  const rank = ({ type, subtype }: Clause) => (type === '*' ? 2 : subtype === '*' ? 1 : 0)
  return clauses.toSorted((a, b) => b.quality - a.quality || rank(a) - rank(b))
}

/**
 * As the library that upstream uses: what has no subtype is passed over, and so are parameters that
 * are no pair; a quality that is no number is 0, which is the last choice and not a refusal.
 */
function parseClause(text: string): readonly Clause[] {
  const [range = '', ...rest] = text.split(';').map((part) => part.trim())
  const [type = '', subtype = type === '*' ? '*' : '', ...more] = range.toLowerCase().split('/')
  if (type === '' || subtype === '' || more.length > 0) return []
  const parameters: Record<string, string> = Object.create(null)
  let quality = 1
  for (const parameter of rest) {
    const [name = '', value = '', ...others] = parameter.split('=')
    if (value === '' || others.length > 0) continue
    if (name.trim() === 'q') quality = Number.parseFloat(value) || 0
    else parameters[name.trim()] = value.trim()
  }
  return [{ type, subtype, quality, parameters }]
}
