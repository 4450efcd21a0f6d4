import { getServers } from 'node:dns'
import type { Clock } from '../../base/clock.ts'
import { sleep } from '../../base/clock.ts'
import { type OpenPool, openHttpsPool, type Pool } from '../../base/https-pool.ts'
import { stringifyJson } from '../../base/json.ts'
import type { Attributes } from '../../base/tracing/span.ts'
import { passedHeaders, traceHeaders } from '../../base/tracing/span-context.ts'
import type { Tracer } from '../../base/tracing/tracer.ts'
import { LeastRecentlyUsed } from '../../client/least-recently-used.ts'
import { decodeYaml } from '../../machinery/codec/yaml.ts'
import { StatusError } from '../../machinery/status-error.ts'
import type { DecodeYaml } from '../request.ts'
import { decodeReview, type ExpectedReview, type ReadYaml } from './decode-review.ts'
import { networkErrorText } from './network-error.ts'
import { askOwnServer, isOwnServer, type OwnServer } from './own-server.ts'
import { type PostedReview, postReview, type WebhookAnswer } from './post-review.ts'
import { serverResponseError } from './server-response-error.ts'
import type { Location, ServiceResolver } from './service-resolver.ts'
import { untilAborted } from './until-aborted.ts'
import { targetOf, type WebhookClientConfig, type WebhookTarget } from './webhook-client-config.ts'
import type { ClientCredentials, FindCredentials } from './webhook-credentials.ts'

type Review = Readonly<Record<string, unknown>>

export interface WebhookClientOptions {
  readonly services: Pick<ServiceResolver, 'resolve'>
  readonly credentials: FindCredentials
  readonly clock: Clock
  /** For webhooks that name the API server's own service; called over the network when absent. */
  readonly ownServer?: OwnServer | undefined
  /** Reads long YAML where that stops nobody else; here when absent. */
  readonly decodeYaml?: DecodeYaml | undefined
  /** Records calls, and tells webhooks on whose behalf they are; nothing when absent. */
  readonly tracer?: Tracer | undefined
  /** How connections are made, to a URL or to a service; over the network when absent. */
  readonly openPools?: { readonly url: OpenPool; readonly service: OpenPool } | undefined
}

/** What one call may take. */
export interface CallLimits {
  /** The server is told it in whole seconds; 30 seconds when absent. */
  readonly timeoutMs?: number
  /** Of the request that waits for the answer. */
  readonly signal?: AbortSignal
  /** The headers of the request that waits: what they say of traces is passed on. */
  readonly causedBy?: Readonly<Record<string, string | undefined>>
  /** What the call is, where it is recorded. */
  readonly traced?: () => { readonly name: string; readonly attributes: Attributes }
  /** Of the answer; 16 MiB when absent. */
  readonly maxBytes?: number
}

/** Upstream's for clients of webhooks. */
const DEFAULT_TIMEOUT_MS = 30_000
const USER_AGENT = 'kube-apiserver-admission'
const DEFAULT_MAX_BYTES = 16 * 1024 * 1024
/** How often a server that says Retry-After is asked again. */
const MAX_RETRIES = 10
/** Servers whose connections are kept, as many as upstream. */
const MOST_POOLS = 200

/** The configuration says nothing that could be called. */
export class WebhookSetupError extends Error {
  override readonly name = 'WebhookSetupError'
}

/**
 * Calls admission and conversion webhooks: posts a review and resolves to the answer, a review of
 * the kind that is expected.
 * Connections are kept and shared by configurations that are alike.
 *
 * Rejects with what upstream's client says: a StatusError where the server answered with an error,
 * else an Error such as `Post "https://hook.default.svc:443/x?timeout=10s": context deadline
 * exceeded`; a WebhookSetupError where nothing was sent. Who calls says what the call was for.
 */
export class WebhookClient implements Disposable {
  readonly #options: WebhookClientOptions
  readonly #pools = new LeastRecentlyUsed<Pool>(MOST_POOLS, (pool) => pool[Symbol.dispose]())

  constructor(options: WebhookClientOptions) {
    this.#options = options
  }

  async post(
    config: WebhookClientConfig,
    review: object,
    expected: ExpectedReview,
    limits: CallLimits = {},
  ): Promise<Review> {
    const { tracer } = this.#options
    const call = tracer?.active?.isRecording === true ? limits.traced?.() : undefined
    if (tracer === undefined || call === undefined)
      return this.#post(config, review, expected, limits)
    const span = tracer.start(call.name, { attributes: call.attributes })
    return tracer.during(span, async () => {
      const answer = await this.#post(config, review, expected, limits)
      span.addEvent('Request completed')
      return answer
    })
  }

  async #post(
    config: WebhookClientConfig,
    review: object,
    expected: ExpectedReview,
    { timeoutMs, signal, causedBy, maxBytes = DEFAULT_MAX_BYTES }: CallLimits,
  ): Promise<Review> {
    const { ownServer } = this.#options
    const { target, credentials, pool } = await this.#prepare(config)
    const timeout = secondsText(timeoutMs ?? DEFAULT_TIMEOUT_MS)
    const path = `${target.path}?timeout=${timeout}`
    const what = `Post ${JSON.stringify(`${target.origin}${path}`)}`
    const abort = new AbortController()
    const onAbort = () => abort.abort(new Error(endText(signal)))
    if (signal?.aborted) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    const late =
      timeoutMs === undefined
        ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
        : 'context deadline exceeded'
    using _timer = this.#options.clock.after(timeoutMs ?? DEFAULT_TIMEOUT_MS, () =>
      abort.abort(new Error(late)),
    )
    const call = {
      serverName: target.serverName,
      path,
      headers: { ...headersOf(target, credentials), ...this.#traceHeaders(causedBy) },
      body: Buffer.from(stringifyJson(review)),
      maxBytes,
      signal: abort.signal,
    }
    try {
      // Its time may have been up before: then nobody is asked.
      abort.signal.throwIfAborted()
      if (ownServer !== undefined && isOwnServer(target)) {
        const asked = { path: target.path, timeout, signal: abort.signal }
        return await askOwnServer(ownServer, asked, review, expected)
      }
      const answer = await this.#send(pool, target, what, call)
      const readYaml: ReadYaml = async (text) => {
        const { decodeYaml: decode } = this.#options
        const question = { text, findDuplicates: false }
        return decode?.(question, abort.signal) ?? decodeYaml(text, question)
      }
      return await decodeReview(textOf(answer), expected, readYaml)
    } catch (error) {
      if (error !== abort.signal.reason) throw error
      throw new Error(`${what}: ${(error as Error).message}`)
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Calls under way go on; no connection is kept. */
  [Symbol.dispose](): void {
    for (const pool of this.#pools.values()) pool[Symbol.dispose]()
  }

  #traceHeaders(causedBy: CallLimits['causedBy']): Readonly<Record<string, string>> {
    const { tracer } = this.#options
    if (tracer === undefined) return causedBy === undefined ? {} : passedHeaders(causedBy)
    const { active } = tracer
    return active === undefined ? {} : { ...traceHeaders(active.context) }
  }

  async #prepare(config: WebhookClientConfig) {
    try {
      const target = targetOf(config)
      const credentials = await this.#options.credentials(target.hostPort)
      return { target, credentials, pool: this.#poolOf(config, credentials) }
    } catch (cause) {
      throw new WebhookSetupError((cause as Error).message, { cause })
    }
  }

  /** Asks again as long as the server wants that. */
  async #send(
    pool: Pool,
    target: WebhookTarget,
    what: string,
    call: Omit<PostedReview, 'location'>,
  ): Promise<WebhookAnswer> {
    const { clock } = this.#options
    let location: Location = { host: target.serverName, port: target.port }
    for (let retries = 0; ; retries++) {
      try {
        if (target.service !== undefined) {
          const { namespace, name } = target.service
          location = await untilAborted(
            this.#options.services.resolve(namespace, name, target.port),
            call.signal,
          )
        }
        const answer = await postReview(pool, { ...call, location })
        const seconds = retryAfterOf(answer)
        const isTransient = answer.code === 429 || answer.code >= 500
        if (!isTransient || seconds === undefined || retries === MAX_RETRIES) return answer
        // However long that is: the signal ends it when the time of the call is up.
        await sleep(clock, seconds * 1000, call.signal)
      } catch (error) {
        if (error === call.signal.reason) throw error
        const { serverName } = target
        const attempted = { ...location, serverName, nameServer: nameServerOf(), now: clock.now() }
        throw new Error(`${what}: ${networkErrorText(error, attempted)}`)
      }
    }
  }

  #poolOf({ caBundle, service }: WebhookClientConfig, credentials: ClientCredentials): Pool {
    const { certificate, key } = credentials
    const { openPools } = this.#options
    const sort = service === undefined ? 'url' : 'service'
    // Where both are reached alike, they may share what is open.
    const id = JSON.stringify([caBundle, certificate, key, ...(openPools ? [sort] : [])])
    const known = this.#pools.get(id)
    if (known !== undefined) return known
    const authority = caBundle === undefined || caBundle === '' ? undefined : fromBase64(caBundle)
    const pool = (openPools?.[sort] ?? openHttpsPool)({ authority, certificate, key })
    this.#pools.set(id, pool)
    return pool
  }
}

function headersOf(
  target: WebhookTarget,
  { bearerToken, username, password, headers }: ClientCredentials,
): Readonly<Record<string, string>> {
  const basic = Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64')
  return {
    ...headers,
    accept: 'application/json, */*',
    'content-type': 'application/json',
    host: target.origin.slice('https://'.length),
    'user-agent': USER_AGENT,
    ...(username !== undefined && { authorization: `Basic ${basic}` }),
    ...(bearerToken !== undefined && { authorization: `Bearer ${bearerToken}` }),
  }
}

/** Throws what an answer says that is no review. */
function textOf(answer: WebhookAnswer): string {
  const { code, headers, text } = answer
  const contentType = headers['content-type'] ?? ''
  if (code < 200 || code > 206) {
    const retryAfterSeconds = retryAfterOf(answer)
    throw serverResponseError({ ...{ code, contentType, text }, retryAfterSeconds })
  }
  if (text === '') {
    const shown = contentType === '' ? 'application/json' : contentType
    throw new Error(`0-length response with status code: ${code} and content type: ${shown}`)
  }
  return text
}

/** Why a request stopped waiting: its own time was up, or its client has left. */
function endText(signal: AbortSignal | undefined): string {
  return signal?.reason instanceof StatusError ? 'context deadline exceeded' : 'context canceled'
}

/** As Go shows it. */
function nameServerOf(): string {
  const [first = ''] = getServers()
  if (first === '' || /[\].]:\d+$/.test(first)) return first
  return first.includes(':') ? `[${first}]:53` : `${first}:53`
}

function retryAfterOf({ headers }: WebhookAnswer): number | undefined {
  const text = headers['retry-after'] ?? ''
  // As Go: what is no whole number of 64 bits says nothing.
  return /^\d+$/.test(text) && Number(text) < 2 ** 63 ? Number(text) : undefined
}

/** As Go prints a duration of whole seconds, rounded up. */
function secondsText(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds % 60}s`
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString()
}
