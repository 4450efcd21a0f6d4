import { X509Certificate } from 'node:crypto'
import { type FieldErrors, type FieldPath, invalid, required } from '../machinery/field-error.ts'
import { dns1123SubdomainErrors, portNumberErrors } from '../machinery/names.ts'
import { invalids } from '../machinery/validate-object-meta.ts'

/** The service behind which a webhook answers. */
interface Service {
  readonly namespace: string
  readonly name: string
  readonly path?: string | undefined
  readonly port: number
}

const FORM = '; desired format: https://host[/path]'
const URL_PARTS =
  /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/s
const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g

/** Either a URL or a service must say where a webhook answers. */
export function* validateWebhookClient(
  client: { readonly url?: string | undefined; readonly service?: Service | undefined },
  path: FieldPath,
): FieldErrors {
  const { url, service } = client
  if ((url === undefined) === (service === undefined)) {
    yield required(path, 'exactly one of url or service is required')
  } else if (url !== undefined) yield* validateUrl(url, path.child('url'))
  else if (service !== undefined) yield* validateService(service, path.child('service'))
}

/** Certificates to trust, in base64 of PEM. */
export function* validateCaBundle(base64: string, path: FieldPath): FieldErrors {
  const blocks = Buffer.from(base64, 'base64').toString('latin1').match(PEM_BLOCK)
  const why = 'unable to load root certificates'
  if (blocks === null) {
    yield invalid(path, base64, `${why}: unable to parse bytes as PEM block`)
    return
  }
  for (const block of blocks) {
    try {
      new X509Certificate(block)
    } catch {
      yield invalid(
        path,
        base64,
        `${why}: failed to parse certificate: x509: malformed certificate`,
      )
      return
    }
  }
}

function* validateUrl(url: string, path: FieldPath): FieldErrors {
  const syntaxError = syntaxErrorOf(url)
  if (syntaxError !== undefined) {
    yield required(
      path,
      `url must be a valid URL: parse ${JSON.stringify(url)}: ${syntaxError}${FORM}`,
    )
    return
  }
  const [, scheme = '', authority = '', query = '', fragment = ''] = URL_PARTS.exec(url) ?? []
  if (scheme.toLowerCase() !== 'https') {
    yield invalid(path, scheme.toLowerCase(), `'https' is the only allowed URL scheme${FORM}`)
  }
  const at = authority.lastIndexOf('@')
  const host = authority.slice(at + 1)
  if (host === '') yield invalid(path, host, `host must be specified${FORM}`)
  if (at >= 0) {
    const user = authority.slice(0, at)
    yield invalid(path, user, 'user information is not permitted in the URL')
  }
  if (fragment !== '') yield invalid(path, fragment, 'fragments are not permitted in the URL')
  if (query !== '') yield invalid(path, query, 'query parameters are not permitted in the URL')
}

/** Why a text is no URL at all, in the words of Go's parser. */
function syntaxErrorOf(url: string): string | undefined {
  if (/\p{Cc}/u.test(url)) return 'net/url: invalid control character in URL'
  if (url.startsWith(':')) return 'missing protocol scheme'
  const [, scheme, authority] = URL_PARTS.exec(url) ?? []
  if (scheme === undefined && /^[^/?#]*:/.test(url)) {
    return 'first path segment in URL cannot contain colon'
  }
  const host = (authority ?? '').replace(/^.*@/s, '')
  const [bad] = /[ "<>\\^`{|}]/.exec(host) ?? []
  if (bad !== undefined) return `invalid character ${JSON.stringify(bad)} in host name`
  const [port] = /:[^\]]*$/.exec(host.replace(/^\[.*\]/s, '')) ?? []
  if (port !== undefined && !/^:[0-9]*$/.test(port)) {
    return `invalid port ${JSON.stringify(port)} after host`
  }
  return undefined
}

/** Upstream says `namespace` of a missing name and the reverse, so that is what clients see. */
function* validateService(service: Service, path: FieldPath): FieldErrors {
  const { namespace, name, port, path: urlPath = '' } = service
  if (namespace === '') yield required(path.child('name'))
  if (name === '') yield required(path.child('namespace'))
  const portErrors = portNumberErrors(port)
  if (portErrors.length > 0) {
    yield invalid(path.child('port'), port, `port is not valid: ${portErrors.join(', ')}`)
  }
  if (urlPath === '' || urlPath === '/') return
  const at = path.child('path')
  if (urlPath === '//') {
    yield invalid(at, urlPath, 'segment[0] may not be empty')
    return
  }
  if (!urlPath.startsWith('/')) yield invalid(at, urlPath, "must start with a '/'")
  for (const [index, segment] of urlPath.slice(1).replace(/\/$/, '').split('/').entries()) {
    if (segment === '') yield invalid(at, urlPath, `segment[${index}] may not be empty`)
    else {
      const reasons = dns1123SubdomainErrors(segment)
      yield* invalids(
        at,
        urlPath,
        reasons.map((reason) => `segment[${index}]: ${reason}`),
      )
    }
  }
}
