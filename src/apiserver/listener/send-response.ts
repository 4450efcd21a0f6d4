import { Readable, type Writable } from 'node:stream'
import { createGzip, constants as zlib } from 'node:zlib'
import { type Chunk, joinChunks, lengthOf } from '../chunk.ts'
import type { ServerRequest } from '../request.ts'
import type {
  EncodedResponse,
  ObjectResponse,
  ServerResponse,
  StreamResponse,
  WatchFormat,
  WatchFrame,
  WatchResponse,
} from '../response.ts'
import { watchFormatOf } from '../watch-format.ts'
import type { WatchMeter } from '../watch-meter.ts'
import { BLOCK_BYTES, BlockPool, inBlocks } from './blocks.ts'
import { chooseEncoding, type Encoding, encode } from './encode.ts'
import { encodeList } from './encode-list.ts'
import type { Exchange, HeadFields } from './exchange.ts'
import { SharedFrames } from './shared-frames.ts'
import { warningHeaders } from './warning-headers.ts'

/** Smaller answers are not worth the time to compress (upstream's limit). */
const GZIP_FROM_BYTES = 128 * 1024
/** Upstream's level too: speed counts more than size. */
const GZIP_LEVEL = 1

const pool = new BlockPool()
const sharedFrames = new SharedFrames()

const PRETTY: Encoding = { mediaType: 'application/json', isPretty: true }

/** Undefined where all has been sent; a promise waits for a client that reads slower. */
type Sending = Promise<void> | undefined

/** Writes an answer to the client: a short one at once. */
export function sendResponse(
  exchange: Exchange,
  request: ServerRequest,
  response: ServerResponse,
  auditId: string,
): Sending {
  switch (response.type) {
    case 'upgraded':
      return undefined
    case 'object':
      return sendObject(exchange, request, response, auditId)
    case 'encoded':
      return sendEncoded(exchange, request, response, auditId)
    case 'watch':
      return sendWatch(exchange, request, response, auditId)
    case 'stream':
      return sendStream(exchange, request, response, auditId)
  }
}

function sendObject(
  exchange: Exchange,
  request: ServerRequest,
  response: ObjectResponse,
  auditId: string,
): Sending {
  const { code, list, headers, isError } = response
  const encoding =
    response.isPretty === true
      ? PRETTY
      : chooseEncoding(request, () => list?.head ?? response.object, isError)
  const head = headOf(request, headers, auditId, encoding.mediaType)
  const parts = list && encodeList(list, encoding)
  if (parts !== undefined) return sendParts(exchange, request, code, head, parts)
  return sendChunks(exchange, request, code, head, [encode(response.object, encoding)])
}

function sendEncoded(
  exchange: Exchange,
  request: ServerRequest,
  response: EncodedResponse,
  auditId: string,
): Sending {
  const { code, contentType, headers } = response
  if (!contentType.startsWith('application/json')) {
    const head = headOf(request, headers, auditId, contentType === '' ? undefined : contentType)
    return sendChunks(exchange, request, code, head, response.chunks())
  }
  const { list, hasNoCbor } = response
  const shown = () => list?.head ?? response.object()
  const encoding = chooseEncoding(request, shown, false, hasNoCbor)
  const isPlain = encoding.mediaType === 'application/json' && !encoding.isPretty
  const type = isPlain ? contentType : encoding.mediaType
  const head = headOf(request, headers, auditId, type)
  const parts = isPlain ? response.parts?.() : list && encodeList(list, encoding)
  if (parts !== undefined) return sendParts(exchange, request, code, head, parts)
  const chunks = isPlain ? response.chunks() : [encode(response.object(), encoding)]
  return sendChunks(exchange, request, code, head, chunks)
}

function sendChunks(
  exchange: Exchange,
  request: ServerRequest,
  code: number,
  head: HeadFields,
  chunks: readonly Chunk[],
): Sending {
  const length = lengthOf(chunks)
  const isEmpty = request.method === 'HEAD' || code === 304 || code === 204
  // A part of a document is a part of what is not compressed.
  const mayCompress = length >= GZIP_FROM_BYTES && !isEmpty && code !== 206
  if (mayCompress && acceptsGzip(request)) {
    return sendCompressed(exchange, request, code, head, chunks)
  }
  if (code !== 304 && code !== 204) head['content-length'] = length
  exchange.sendHead(code, head, isEmpty)
  request.onSent?.(isEmpty ? 0 : length)
  if (isEmpty) return undefined
  const { outgoing } = exchange
  if (length <= BLOCK_BYTES) {
    outgoing.end(joinChunks(chunks, length))
    return undefined
  }
  return writeBlocks(outgoing, chunks).then(() => {})
}

/** What is made while it is sent: its length is known at the end. */
async function sendParts(
  exchange: Exchange,
  request: ServerRequest,
  code: number,
  head: HeadFields,
  parts: Iterable<Chunk>,
): Promise<void> {
  if (request.method === 'HEAD') return sendChunks(exchange, request, code, head, [...parts])
  if (acceptsGzip(request)) return sendCompressible(exchange, request, code, head, parts)
  exchange.sendHead(code, head, false)
  const length = await writeBlocks(exchange.outgoing, parts)
  request.onSent?.(length)
}

/** Makes as much as says whether it is worth the time to compress it. */
function sendCompressible(
  exchange: Exchange,
  request: ServerRequest,
  code: number,
  head: HeadFields,
  parts: Iterable<Chunk>,
): Sending {
  const rest = parts[Symbol.iterator]()
  const made: Chunk[] = []
  let length = 0
  while (length < GZIP_FROM_BYTES) {
    const { done, value } = rest.next()
    if (done === true) return sendChunks(exchange, request, code, head, made)
    made.push(value)
    length += value.length
  }
  return sendCompressed(exchange, request, code, head, oneAfterTheOther(made, rest))
}

function* oneAfterTheOther(made: readonly Chunk[], rest: Iterator<Chunk>): Iterable<Chunk> {
  yield* made
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value
}

/** Waits after each block until the client has taken it. Resolves with how many bytes it took. */
async function writeBlocks(outgoing: Writable, chunks: Iterable<Chunk>): Promise<number> {
  let length = 0
  let last: Uint8Array | undefined
  for (const block of inBlocks(chunks, pool)) {
    if (last !== undefined && !writeBlock(outgoing, last)) await drained(outgoing)
    if (outgoing.destroyed) return length
    length += block.length
    last = block
  }
  if (last === undefined) outgoing.end()
  else endWith(outgoing, last)
  return length
}

function writeBlock(outgoing: Writable, block: Uint8Array): boolean {
  return outgoing.write(block, (error) => pool.giveBack(block, error))
}

function endWith(outgoing: Writable, block: Uint8Array): void {
  writeBlock(outgoing, block)
  outgoing.end()
}

function acceptsGzip({ method, headers }: ServerRequest): boolean {
  const accepted = headers['accept-encoding']
  if (method !== 'GET' || accepted === undefined || !accepted.includes('gzip')) return false
  // As upstream, which knows no qualities here: with one, even the best, nothing is compressed.
  return accepted.split(',').some((encoding) => encoding.trim() === 'gzip')
}

async function sendCompressed(
  exchange: Exchange,
  request: ServerRequest,
  code: number,
  head: HeadFields,
  chunks: Iterable<Chunk>,
): Promise<void> {
  head['content-encoding'] = 'gzip'
  const vary = head['vary']
  if (vary === undefined) head['vary'] = 'Accept-Encoding'
  else if (!String(vary).includes('Accept-Encoding')) {
    head['vary'] = `${String(vary)}, Accept-Encoding`
  }
  exchange.sendHead(code, head, false)
  // To be told that it closes comes too late then: nobody would end the compressor.
  if (exchange.outgoing.destroyed) return
  const gzip = createGzip({ level: GZIP_LEVEL, chunkSize: 64 * 1024, flush: zlib.Z_NO_FLUSH })
  const { onSent } = request
  if (onSent !== undefined) {
    let sent = 0
    gzip.on('data', (chunk: Buffer) => {
      sent += chunk.length
    })
    gzip.once('end', () => onSent(sent))
  }
  gzip.pipe(exchange.outgoing)
  exchange.outgoing.once('close', () => gzip.destroy())
  for (const block of inBlocks(chunks, pool)) {
    if (!writeBlock(gzip, block)) await drained(gzip)
    if (gzip.destroyed) return
  }
  gzip.end()
}

async function sendWatch(
  exchange: Exchange,
  request: ServerRequest,
  { code, contentType, batches }: WatchResponse,
  auditId: string,
): Promise<void> {
  exchange.sendHead(code, headOf(request, undefined, auditId, contentType), false)
  const format = watchFormatOf(contentType)
  const { outgoing } = exchange
  const { watchMeter } = request
  flushHead(outgoing)
  for await (const frames of batches) {
    const shared = sharedFrames.join(frames, format)
    if (shared !== undefined) {
      if (watchMeter !== undefined) measure(watchMeter, frames, shared.length)
      if (outgoing.destroyed) return
      if (!outgoing.write(shared)) await drained(outgoing)
      continue
    }
    for (const block of inBlocks(bytesOf(frames, format, watchMeter), pool)) {
      if (outgoing.destroyed) return
      if (!writeBlock(outgoing, block)) await drained(outgoing)
    }
  }
  outgoing.end()
}

/** One by one, since the state that a watch begins with may be large and not encoded yet. */
function* bytesOf(
  frames: readonly WatchFrame[],
  format: WatchFormat,
  meter: WatchMeter | undefined,
): Iterable<Uint8Array> {
  for (const frame of frames) {
    const bytes = frame.bytes(format)
    meter?.sent(bytes.length)
    yield bytes
  }
  if (frames.at(-1)?.endsInitialEvents === true) meter?.begun()
}

/** Of those that were joined their lengths are known. */
function measure(meter: WatchMeter, frames: readonly WatchFrame[], bytes: number): void {
  if (frames.length === 1) meter.sent(bytes)
  else for (const length of sharedFrames.lengths) meter.sent(length)
  if (frames[frames.length - 1]?.endsInitialEvents === true) meter.begun()
}

async function sendStream(
  exchange: Exchange,
  request: ServerRequest,
  { code, headers, body }: StreamResponse,
  auditId: string,
): Promise<void> {
  const isEmpty = request.method === 'HEAD'
  exchange.sendHead(code, headOf(request, headers, auditId, undefined), isEmpty)
  const { outgoing } = exchange
  if (isEmpty || outgoing.destroyed) {
    // Nobody reads it: what it comes from must not wait for that.
    if (body instanceof Readable) body.destroy()
    return
  }
  flushHead(outgoing)
  for await (const chunk of body) {
    if (outgoing.destroyed) return
    if (!outgoing.write(chunk)) await drained(outgoing)
  }
  outgoing.end()
}

/** HTTP/1.1 holds the head back until the first byte of the body, which may take hours. */
function flushHead(outgoing: Writable): void {
  if ('flushHeaders' in outgoing) (outgoing.flushHeaders as () => void).call(outgoing)
}

function headOf(
  request: ServerRequest,
  own: StreamResponse['headers'] | undefined,
  auditId: string,
  contentType: string | undefined,
): HeadFields {
  const head: HeadFields = { 'audit-id': auditId, 'cache-control': 'no-cache, private' }
  if (contentType !== undefined) {
    head['content-type'] = contentType
    request.trace?.answerIn(contentType)
  }
  if (request.responseHeaders !== undefined) Object.assign(head, request.responseHeaders)
  if (request.warnings.length > 0) head['warning'] = warningHeaders(request.warnings)
  return own === undefined ? head : Object.assign(head, own)
}

/** Resolves when the stream takes more, or never will. */
function drained(outgoing: Writable): Promise<void> {
  if (outgoing.destroyed || !outgoing.writableNeedDrain) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = () => {
      outgoing.off('drain', finish).off('close', finish).off('error', finish)
      resolve()
    }
    outgoing.on('drain', finish).on('close', finish).on('error', finish)
  })
}
