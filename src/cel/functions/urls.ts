import { CelError } from '../values/cel-error.ts'
import {
  formatUrl,
  type GoUrl,
  hostnameOf,
  parseQuery,
  parseRequestUrl,
  portOf,
} from '../values/go-url.ts'
import { ArrayList } from '../values/list.ts'
import { EntryMap } from '../values/map.ts'
import { Opaque } from '../values/opaque.ts'
import type { CelValue } from '../values/value.ts'
import { NO_SUCH_OVERLOAD } from './arithmetic.ts'
import { type CelFunction, global, member } from './function.ts'
import { URL_TYPE } from './signature.ts'

/** A parsed URL. */
class UrlValue extends Opaque {
  readonly url: GoUrl

  constructor(url: GoUrl) {
    super()
    this.url = url
  }

  get type() {
    return URL_TYPE
  }

  equals(other: CelValue): boolean | CelError {
    return other instanceof UrlValue ? String(this) === String(other) : NO_SUCH_OVERLOAD
  }

  override toString(): string {
    return formatUrl(this.url)
  }

  toJson(): string {
    return String(this)
  }
}

function toUrl(text: string): UrlValue | CelError {
  const url = parseRequestUrl(text)
  if (!(url instanceof CelError)) return new UrlValue(url)
  return new CelError(`URL parse error during conversion from string: ${url.message}`)
}

const part =
  (read: (url: GoUrl) => string) =>
  ({ url }: UrlValue) =>
    read(url)

const TO_STRING = '(Url) -> string'

/** Kubernetes' library of URLs. */
export const URL_FUNCTIONS: readonly CelFunction[] = [
  global('url', 'string_to_url', '(string) -> Url', toUrl),
  member(
    'getScheme',
    'url_get_scheme',
    TO_STRING,
    part(({ scheme }) => scheme),
  ),
  member(
    'getHost',
    'url_get_host',
    TO_STRING,
    part(({ host }) => host),
  ),
  member('getHostname', 'url_get_hostname', TO_STRING, part(hostnameOf)),
  member('getPort', 'url_get_port', TO_STRING, part(portOf)),
  member(
    'getEscapedPath',
    'url_get_escaped_path',
    TO_STRING,
    part(({ escapedPath }) => escapedPath),
  ),
  member('getQuery', 'url_get_query', '(Url) -> map(string, list(string))', ({ url }: UrlValue) => {
    const entries = Array.from(parseQuery(url.query), ([name, values]) => {
      return [name, new ArrayList(values)] as const
    })
    return new EntryMap(entries)
  }),
  global('isURL', 'is_url_string', '(string) -> bool', (text: string) => {
    return !(parseRequestUrl(text) instanceof CelError)
  }),
]
