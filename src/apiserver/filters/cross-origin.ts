import { respondWithText } from '../endpoints/document.ts'
import type { Filter } from '../handler.ts'

const METHODS = 'POST, GET, OPTIONS, PUT, DELETE, PATCH'
const HEADERS =
  'Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, ' +
  'If-Modified-Since'

/**
 * Lets scripts of other origins use the API from a browser (upstream's `--cors-allowed-origins`).
 * No filter where there are none. Throws for an expression that upstream refuses.
 */
export function crossOrigin(allowed: readonly string[] = []): readonly Filter[] {
  if (allowed.length === 0) return []
  const patterns = allowed.map(patternOf)
  return [
    (request, next) => {
      const { origin = '' } = request.headers
      if (origin === '' || !patterns.some((pattern) => pattern.test(origin))) return next(request)
      const headers = {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': METHODS,
        'access-control-allow-headers': HEADERS,
        'access-control-expose-headers': 'Date',
        'access-control-allow-credentials': 'true',
      }
      request.responseHeaders = { ...request.responseHeaders, ...headers }
      if (request.method === 'OPTIONS') return Promise.resolve(respondWithText('', 204))
      return next(request)
    },
  ]
}

/** What neither begins nor ends with the host would let in hosts that merely contain it. */
function patternOf(text: string): RegExp {
  const refuse = (why: string, cause?: unknown) =>
    new Error(`--cors-allowed-origins has an invalid regular expression: ${why}`, { cause })
  const isPinned = /\^|\/\//.test(text) && /[$:]/.test(text)
  if (!isPinned) {
    throw refuse('regular expression does not pin to start/end of host in the origin header')
  }
  try {
    return new RegExp(text, 'u')
  } catch (cause) {
    throw refuse((cause as Error).message, cause)
  }
}
