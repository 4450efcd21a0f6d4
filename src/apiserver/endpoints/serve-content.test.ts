import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joinChunks } from '../chunk.ts'
import { ServerRequest } from '../request.ts'
import { byteRanges } from './byte-ranges.ts'
import { serveContent } from './serve-content.ts'

const TEXT = '0123456789'
const DATE = 'Sun, 22 Nov 2026 03:49:05 GMT'
const BEFORE = 'Sun, 22 Nov 2026 03:49:04 GMT'
const AFTER = 'Sun, 22 Nov 2026 03:49:06 GMT'
const HASH = 'A'.repeat(128)
const TAG = `"${HASH}"`

/** What a request with these headers is answered. */
function serve(headers: Readonly<Record<string, string>>, method = 'GET', hasNoTag?: true) {
  const signal = new AbortController().signal
  const request = new ServerRequest({ method, url: '/openapi/v2', headers, signal })
  const { code, contentType, ...rest } = serveContent(request, {
    bytes: Buffer.from(TEXT),
    contentType: 'application/json',
    hash: HASH,
    modifiedTime: Date.parse(DATE) + 700,
    headers: { vary: 'Accept' },
    ...(hasNoTag && { hasNoTag }),
    object: () => TEXT,
  })
  const chunks = rest.chunks()
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  return { code, contentType, headers: rest.headers, text: joinChunks(chunks, length).toString() }
}

const codeOf = (headers: Readonly<Record<string, string>>, method?: string) =>
  serve(headers, method).code

test('a document comes with its tag and time; whoever has it gets neither it nor its type', () => {
  assert.deepEqual(serve({}), {
    code: 200,
    contentType: 'application/json',
    headers: { vary: 'Accept', etag: TAG, 'last-modified': DATE, 'accept-ranges': 'bytes' },
    text: TEXT,
  })
  const unchanged = { code: 304, contentType: '', headers: { vary: 'Accept', etag: TAG }, text: '' }
  for (const known of [TAG, `W/${TAG}`, `"x", ${TAG}`, '*']) {
    assert.deepEqual(serve({ 'if-none-match': known }), unchanged, known)
    assert.equal(codeOf({ 'if-none-match': known }, 'HEAD'), 304)
    assert.equal(codeOf({ 'if-none-match': known }, 'POST'), 412)
  }
  for (const since of [DATE, AFTER]) {
    assert.deepEqual(serve({ 'if-modified-since': since }), unchanged)
  }
  assert.equal(codeOf({ 'if-modified-since': BEFORE }), 200)
  assert.equal(codeOf({ 'if-modified-since': AFTER }, 'POST'), 200)
  assert.equal(codeOf({ 'if-modified-since': AFTER, 'if-none-match': '"x"' }), 200)
  assert.equal(codeOf({ 'if-modified-since': 'yesterday' }), 200)
})

test('a document without a tag is known by its time', () => {
  const { headers } = serve({}, 'GET', true)
  assert.deepEqual(headers, { vary: 'Accept', 'last-modified': DATE, 'accept-ranges': 'bytes' })
  const unchanged = serve({ 'if-modified-since': DATE }, 'GET', true)
  assert.equal(unchanged.code, 304)
  assert.deepEqual(unchanged.headers, { vary: 'Accept', 'last-modified': DATE })
  assert.equal(serve({ 'if-match': TAG }, 'GET', true).code, 412)
  assert.equal(serve({ 'if-none-match': TAG }, 'GET', true).code, 200)
})

test('preconditions that are not met are a 412', () => {
  const { code, headers } = serve({ 'if-match': '"x"' })
  const tagged = { vary: 'Accept', etag: TAG, 'last-modified': DATE }
  assert.deepEqual({ code, headers }, { code: 412, headers: tagged })
  assert.equal(codeOf({ 'if-match': `W/${TAG}` }), 412)
  assert.equal(codeOf({ 'if-match': `"x" ${TAG}` }), 200)
  assert.equal(codeOf({ 'if-match': '*', 'if-unmodified-since': BEFORE }), 200)
  assert.equal(codeOf({ 'if-unmodified-since': BEFORE }), 412)
  assert.equal(codeOf({ 'if-unmodified-since': DATE }), 200)
})

test('ranges: one, several, none that is there, and only of the state that the client has', () => {
  const one = serve({ range: 'bytes=2-4' })
  assert.deepEqual([one.code, one.text], [206, '234'])
  assert.equal(one.headers?.['content-range'], 'bytes 2-4/10')
  const several = serve({ range: 'bytes=0-1, -1' })
  const boundary = 'a'.repeat(60)
  assert.equal(several.contentType, `multipart/byteranges; boundary=${boundary}`)
  const type = 'Content-Type: application/json'
  assert.equal(
    several.text,
    `--${boundary}\r\nContent-Range: bytes 0-1/10\r\n${type}\r\n\r\n01\r\n` +
      `--${boundary}\r\nContent-Range: bytes 9-9/10\r\n${type}\r\n\r\n9\r\n--${boundary}--\r\n`,
  )
  const beyond = serve({ range: 'bytes=10-' })
  assert.deepEqual([beyond.code, beyond.text], [416, 'invalid range: failed to overlap\n'])
  assert.equal(beyond.headers?.['content-range'], 'bytes */10')
  assert.equal(beyond.headers?.['etag'], undefined)
  assert.deepEqual(serve({ range: 'nonsense' }).text, 'invalid range\n')
  const range = 'bytes=0-0'
  for (const same of [TAG, DATE]) assert.equal(codeOf({ range, 'if-range': same }), 206)
  for (const other of ['"x"', `W/${TAG}`, BEFORE]) {
    assert.equal(codeOf({ range, 'if-range': other }), 200)
  }
})

test('what a Range header may say', () => {
  const ranges = (text: string, size = 10) => {
    const found = byteRanges(text, size)
    return 'error' in found ? found.error : found.ranges.map((one) => [one.start, one.length])
  }
  assert.deepEqual(ranges('bytes=0-99'), [[0, 10]])
  assert.deepEqual(ranges('bytes=-99'), [[0, 10]])
  assert.deepEqual(ranges('bytes=,3-, ,'), [[3, 7]])
  assert.deepEqual(ranges('bytes=20-,1-1'), [[1, 1]])
  assert.deepEqual(ranges('bytes=0-9,0-0'), [], 'more than everything')
  assert.deepEqual(ranges('bytes=5-', 0), [])
  for (const bad of ['bytes=5-2', 'bytes=-', 'bytes=a-b', 'bytes=--1', 'lines=1-2', 'bytes=1']) {
    assert.equal(ranges(bad), 'invalid range', bad)
  }
})
