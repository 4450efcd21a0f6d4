import { quoteGo } from '../../base/go-quote.ts'
import { CelError } from './cel-error.ts'
import { parseAddress } from './parse-address.ts'

/** A URL with the parts that Go's net/url tells apart. */
export interface GoUrl {
  readonly scheme: string
  readonly opaque: string
  readonly user: string
  readonly host: string
  /** As it was written where that is valid, else escaped. */
  readonly escapedPath: string
  readonly query: string
  readonly fragment: string
}

/** Raised within; the message is Go's. */
class UrlError extends Error {}

const PATH_SAFE = /^[A-Za-z0-9\-_.~$&+,/:;=@]$/
const HOST_SAFE = /^[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]$/
const VALID_PATH = /^[A-Za-z0-9\-_.~$&+,/:;=@!'()*[\]%]*$/

/** A URL as a server takes it in a request: absolute, or a path from the root. */
export function parseRequestUrl(text: string): GoUrl | CelError {
  // A request has no fragment: what looks like one is part of the path for the first check.
  const request = tryParse(text, text, true)
  if (request instanceof CelError) return request
  const hash = text.indexOf('#')
  const plain = hash < 0 ? text : text.slice(0, hash)
  const url = tryParse(plain, plain, false)
  return url instanceof CelError ? url : { ...url, fragment: hash < 0 ? '' : text.slice(hash + 1) }
}

function tryParse(text: string, shown: string, isRequest: boolean): GoUrl | CelError {
  try {
    return parse(text, isRequest)
  } catch (error) {
    if (error instanceof UrlError) return new CelError(`parse ${quoteGo(shown)}: ${error.message}`)
    throw error
  }
}

const EMPTY: GoUrl = {
  scheme: '',
  opaque: '',
  user: '',
  host: '',
  escapedPath: '',
  query: '',
  fragment: '',
}

function parse(text: string, isRequest: boolean): GoUrl {
  if (/\p{Cc}/u.test(text.replace(/[\u0080-\u009f]/g, ''))) {
    throw new UrlError('net/url: invalid control character in URL')
  }
  if (text === '' && isRequest) throw new UrlError('empty url')
  if (text === '*') return { ...EMPTY, escapedPath: '*' }
  if (text.startsWith(':')) throw new UrlError('missing protocol scheme')
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1] ?? ''
  const afterScheme = scheme === '' ? text : text.slice(scheme.length + 1)
  const question = afterScheme.indexOf('?')
  const query = question < 0 ? '' : afterScheme.slice(question + 1)
  let rest = question < 0 ? afterScheme : afterScheme.slice(0, question)
  const url = { ...EMPTY, scheme: scheme.toLowerCase(), query }
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...url, opaque: rest }
    if (isRequest) throw new UrlError('invalid URI for request')
    if (rest.split('/')[0]?.includes(':')) {
      throw new UrlError('first path segment in URL cannot contain colon')
    }
  }
  let authority = ''
  if ((scheme !== '' || (!isRequest && !rest.startsWith('///'))) && rest.startsWith('//')) {
    const end = rest.indexOf('/', 2)
    authority = rest.slice(2, end < 0 ? undefined : end)
    rest = end < 0 ? '' : rest.slice(end)
  }
  const at = authority.lastIndexOf('@')
  const host = parseHost(url.scheme, authority.slice(at + 1))
  const user = at < 0 ? '' : checkUser(authority.slice(0, at))
  return { ...url, user, host, escapedPath: escapePath(rest) }
}

function checkUser(user: string): string {
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) {
    throw new UrlError('net/url: invalid userinfo')
  }
  checkEscapes(user)
  return user
}

function parseHost(scheme: string, host: string): string {
  const open = host.lastIndexOf('[')
  if (open > 0) throw new UrlError('invalid IP-literal')
  if (open === 0) return parseLiteral(host)
  const first = host.indexOf(':')
  if (first >= 0) {
    const isStrict = scheme === 'http' || scheme === 'https'
    checkPort(host.slice(isStrict ? first : host.lastIndexOf(':')))
  }
  return unescapeHost(host)
}

function parseLiteral(host: string): string {
  const close = host.lastIndexOf(']')
  if (close < 0) throw new UrlError("missing ']' in host")
  checkPort(host.slice(close + 1))
  const inner = host.slice(1, close)
  const zone = inner.indexOf('%25')
  const address = unescapeHost(zone < 0 ? inner : inner.slice(0, zone))
  const parsed = parseAddress(address)
  if (parsed instanceof CelError && !/IPv4-mapped/.test(parsed.message)) {
    throw new UrlError(`invalid host: ${parsed.message.replace(/^.*?string: /, '')}`)
  }
  if (!address.includes(':')) throw new UrlError('invalid IP-literal')
  const unescapedZone = zone < 0 ? '' : `%${inner.slice(zone + 3)}`
  return `[${address}${unescapedZone}]${host.slice(close + 1)}`
}

function checkPort(port: string): void {
  if (port === '' || /^:[0-9]*$/.test(port)) return
  throw new UrlError(`invalid port ${quoteGo(port)} after host`)
}

function unescapeHost(host: string): string {
  for (let at = 0; at < host.length; at++) {
    const character = host[at] ?? ''
    if (character === '%') {
      const hex = escapeAt(host, at)
      if (Number.parseInt(hex, 16) < 0x80 && hex !== '25') {
        throw new UrlError(`invalid URL escape ${quoteGo(`%${hex}`)}`)
      }
      at += 2
    } else if (character < '\u0080' && !HOST_SAFE.test(character)) {
      throw new UrlError(`invalid character ${quoteGo(character)} in host name`)
    }
  }
  return decode(host).toString()
}

/** The two digits of the escape at a place. */
function escapeAt(text: string, at: number): string {
  const hex = text.slice(at + 1, at + 3)
  if (!/^[0-9a-fA-F]{2}$/.test(hex)) {
    throw new UrlError(`invalid URL escape ${quoteGo(text.slice(at, at + 3))}`)
  }
  return hex
}

function checkEscapes(text: string): void {
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 1)) escapeAt(text, at)
}

/** The bytes that a text with escapes stands for. */
function decode(text: string): Buffer {
  const parts = text.split(/%([0-9a-fA-F]{2})/)
  return Buffer.concat(
    parts.map((part, index) => Buffer.from(part, index % 2 === 1 ? 'hex' : 'utf8')),
  )
}

function escapePath(path: string): string {
  checkEscapes(path)
  if (VALID_PATH.test(path)) return path
  let escaped = ''
  for (const byte of decode(path)) {
    const character = String.fromCharCode(byte)
    const isSafe = byte < 0x80 && PATH_SAFE.test(character)
    escaped += isSafe ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return escaped
}

/** The name of the host without its port and brackets. */
export const hostnameOf = ({ host }: GoUrl): string =>
  host.startsWith('[') ? host.slice(1, host.lastIndexOf(']')) : host.replace(/:[0-9]*$/, '')

export const portOf = ({ host }: GoUrl): string => /:([0-9]*)$/.exec(host)?.[1] ?? ''

/** The values of a query by name; what is malformed is left out. */
export function parseQuery(query: string): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>()
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue
    const equals = pair.indexOf('=')
    const name = unescapeQuery(equals < 0 ? pair : pair.slice(0, equals))
    const value = unescapeQuery(equals < 0 ? '' : pair.slice(equals + 1))
    if (name === undefined || value === undefined) continue
    const known = values.get(name)
    if (known === undefined) values.set(name, [value])
    else known.push(value)
  }
  return values
}

function unescapeQuery(text: string): string | undefined {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return undefined
  return decode(text.replaceAll('+', ' ')).toString()
}

/** The URL as a text; two URLs are equal when theirs are. */
export function formatUrl(url: GoUrl): string {
  const { scheme, opaque, user, host, escapedPath, query, fragment } = url
  const start = scheme === '' ? '' : `${scheme}:`
  const authority = host === '' && user === '' ? '' : `//${user === '' ? '' : `${user}@`}${host}`
  const end = `${query === '' ? '' : `?${query}`}${fragment === '' ? '' : `#${fragment}`}`
  return `${start}${opaque === '' ? `${authority}${escapedPath}` : opaque}${end}`
}
