import { rootCertificates } from 'node:tls'
import type { FetchText } from '../../apiserver/authentication/issuer-keys.ts'
import type { Clock } from '../../base/clock.ts'
import type { SendRequest } from '../../base/http-backend.ts'
import { readText } from './post-review.ts'

const TIMEOUT_MS = 30_000

/** Reads documents by HTTPS alone, never without checking who serves them. */
export function fetchTextBy(send: SendRequest, clock: Clock): FetchText {
  return async (text, authority = rootCertificates.join('\n'), token) => {
    const url = new URL(text)
    if (url.protocol !== 'https:') throw new Error(`${text} is not https`)
    const abort = new AbortController()
    using _timer = clock.after(TIMEOUT_MS, () => abort.abort(new Error(`${text} took too long`)))
    const port = url.port === '' ? 443 : Number(url.port)
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const response = await send(
      { host, port, tls: { authority } },
      {
        method: 'GET',
        path: `${url.pathname}${url.search}`,
        headers: {
          ...{ accept: 'application/json', host: url.host },
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        signal: abort.signal,
      },
    )
    if (response.type === 'upgraded') {
      response.socket.destroy()
      throw new Error(`${text} switched protocols`)
    }
    const body = await readText(response.body)
    if (response.code !== 200) throw new Error(`${text} answered ${response.code}`)
    return body
  }
}
