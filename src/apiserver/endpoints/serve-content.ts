import type { ServerRequest } from '../request.ts'
import type { EncodedResponse } from '../response.ts'
import { byteRanges, type Range } from './byte-ranges.ts'

type Headers = Readonly<Record<string, string>>

/** A document that clients may ask for in parts, or only where it has changed. */
export interface Content {
  readonly bytes: Uint8Array
  readonly contentType: string
  /** Of the bytes, in hexadecimal digits. */
  readonly hash: string
  /** Clients are not told the hash, and may not ask for it. */
  readonly hasNoTag?: true
  /** Wall-clock milliseconds. */
  readonly modifiedTime: number
  /** Sent with whatever the answer is. */
  readonly headers: Headers
  /** The bytes as a value, for a caller within this process. */
  object(): unknown
}

/** Answers by the conditions and ranges of a request, with the codes and texts of Go's library. */
export function serveContent(request: ServerRequest, content: Content): EncodedResponse {
  const { bytes, contentType, headers } = content
  const modified = { 'last-modified': new Date(content.modifiedTime).toUTCString() }
  const tag = tagOf(content)
  const tagged = tag === '' ? headers : { ...headers, etag: tag }
  switch (judge(request, content)) {
    case 'unchanged':
      return respond(304, '', tag === '' ? { ...headers, ...modified } : tagged, [])
    case 'failed':
      return respond(412, contentType, { ...tagged, ...modified }, [])
    case 'wanted':
  }
  const all = { ...tagged, ...modified, 'accept-ranges': 'bytes' }
  const found = byteRanges(rangeOf(request, content), bytes.length)
  if ('error' in found) return respondUnsatisfiable(found, content)
  const [first, ...others] = found.ranges
  if (first === undefined) {
    return { ...respond(200, contentType, all, [bytes]), object: () => content.object() }
  }
  if (others.length > 0) return respondInParts(content, all, found.ranges)
  const range = { 'content-range': rangeText(first, bytes.length) }
  return respond(206, contentType, { ...all, ...range }, [part(bytes, first)])
}

function respondUnsatisfiable(
  { error, overlapsNothing }: { readonly error: string; readonly overlapsNothing?: true },
  { bytes, headers }: Content,
): EncodedResponse {
  const range = overlapsNothing && { 'content-range': `bytes */${bytes.length}` }
  const all = { ...headers, ...range, 'x-content-type-options': 'nosniff' }
  return respond(416, 'text/plain; charset=utf-8', all, [Buffer.from(`${error}\n`)])
}

/** Several ranges, as a document of several parts. */
function respondInParts(
  { bytes, contentType, hash }: Content,
  headers: Headers,
  ranges: readonly Range[],
): EncodedResponse {
  // What hashes to this cannot contain it.
  const boundary = hash.slice(0, 60).toLowerCase()
  const chunks = ranges.flatMap((range, index) => {
    const start = `${index === 0 ? '' : '\r\n'}--${boundary}\r\n`
    const about = `Content-Range: ${rangeText(range, bytes.length)}\r\nContent-Type: ${contentType}`
    return [Buffer.from(`${start}${about}\r\n\r\n`), part(bytes, range)]
  })
  const type = `multipart/byteranges; boundary=${boundary}`
  return respond(206, type, headers, [...chunks, Buffer.from(`\r\n--${boundary}--\r\n`)])
}

function respond(
  code: number,
  contentType: string,
  headers: Headers,
  chunks: readonly Uint8Array[],
): EncodedResponse {
  return {
    type: 'encoded',
    ...{ code, contentType, headers },
    chunks: () => chunks,
    object: () => undefined,
  }
}

/** RFC 9110, 13.2.2: what is asked of the tag counts before what is asked of the time. */
function judge(request: ServerRequest, content: Content): 'wanted' | 'unchanged' | 'failed' {
  const { headers, method } = request
  const isRead = method === 'GET' || method === 'HEAD'
  const { 'if-match': match, 'if-none-match': noneMatch } = headers
  const tag = tagOf(content)
  const seconds = Math.floor(content.modifiedTime / 1000)
  if (match) {
    if (!tags(match).some((one) => one === '*' || one === tag)) return 'failed'
  } else {
    const since = secondsOf(headers['if-unmodified-since'])
    if (since !== undefined && seconds > since) return 'failed'
  }
  if (noneMatch) {
    const isKnown = tags(noneMatch).some((one) => one === '*' || one.replace(/^W\//, '') === tag)
    if (isKnown) return isRead ? 'unchanged' : 'failed'
    return 'wanted'
  }
  const since = secondsOf(headers['if-modified-since'])
  return isRead && since !== undefined && seconds <= since ? 'unchanged' : 'wanted'
}

/** Of an older state the whole document is wanted, not a range. */
function rangeOf({ headers, method }: ServerRequest, content: Content): string {
  const { range = '', 'if-range': condition } = headers
  if (!condition || (method !== 'GET' && method !== 'HEAD')) return range
  const isSame = /^(W\/)?"/.test(condition)
    ? tags(condition)[0] === tagOf(content)
    : secondsOf(condition) === Math.floor(content.modifiedTime / 1000)
  return isSame ? range : ''
}

function tagOf({ hash, hasNoTag }: Content): string {
  return hasNoTag ? '' : `"${hash}"`
}

/** Those at the beginning that are well-formed. */
function tags(list: string): readonly string[] {
  const found: string[] = []
  const tag = /[\s,]*(\*|(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")/y
  for (let match = tag.exec(list); match !== null; match = tag.exec(list)) {
    found.push(match[1] ?? '')
  }
  return found
}

/** Undefined for what is no date. */
function secondsOf(date: string | undefined): number | undefined {
  const time = date ? Date.parse(date) : Number.NaN
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000)
}

function part(bytes: Uint8Array, { start, length }: Range): Uint8Array {
  return bytes.subarray(start, start + length)
}

function rangeText({ start, length }: Range, size: number): string {
  return `bytes ${start}-${start + length - 1}/${size}`
}
