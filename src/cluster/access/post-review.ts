import { type PostReview, ReviewTimeout } from '../../apiserver/review-webhook.ts'
import { type Clock, sleep } from '../../base/clock.ts'
import type { SendRequest } from '../../base/http-backend.ts'
import { jitter, type Random } from '../../base/random.ts'
import type { WebhookTarget } from '../webhook-target.ts'

/** Upstream's default back-off of webhooks. */
const ATTEMPTS = 5
const FIRST_WAIT_MS = 500
const FACTOR = 1.5
const JITTER = 0.2
/** A review is small; a server that sends more is not read to the end. */
const MOST_BYTES = 3 * 1024 * 1024

export interface PostOptions {
  readonly send: SendRequest
  readonly clock: Clock
  readonly random: Random
  /** For one attempt. */
  readonly timeoutMs: number
}

/** Posts reviews to the server of a kubeconfig, again where it is overloaded or has failed. */
export function postReviewTo(target: WebhookTarget, options: PostOptions): PostReview {
  return async (review) => {
    const body = Buffer.from(JSON.stringify(review))
    let waitMs = FIRST_WAIT_MS
    for (let attempt = 1; ; attempt++) {
      const { code, text, error } = await tryOnce(target, body, options)
      if (code >= 200 && code <= 206) return JSON.parse(text) as unknown
      const mayPass = code === 429 || code >= 500 || error?.code === 'ECONNRESET'
      if (!mayPass || attempt === ATTEMPTS) {
        if (error !== undefined) throw error
        throw new Error(`the webhook answered ${code}`)
      }
      await sleep(options.clock, jitter(options.random, waitMs, JITTER))
      waitMs *= FACTOR
    }
  }
}

interface Attempt {
  /** 0 where there was no answer. */
  readonly code: number
  readonly text: string
  readonly error?: NodeJS.ErrnoException
}

async function tryOnce(
  { server, path, token }: WebhookTarget,
  body: Uint8Array,
  { send, clock, timeoutMs }: PostOptions,
): Promise<Attempt> {
  const abort = new AbortController()
  using _timer = clock.after(timeoutMs, () =>
    abort.abort(new ReviewTimeout('the webhook took too long')),
  )
  const headers = {
    accept: 'application/json',
    'content-type': 'application/json',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
  try {
    const { signal } = abort
    const response = await send(server, { method: 'POST', path, headers, body, signal })
    if (response.type === 'upgraded') {
      response.socket.destroy()
      throw new Error('the webhook switched protocols')
    }
    return { code: response.code, text: await readText(response.body) }
  } catch (error) {
    return { code: 0, text: '', error: error as NodeJS.ErrnoException }
  }
}

/** All of a body, up to what a sensible server sends. */
export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > MOST_BYTES) throw new Error('the answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
