import type { Transport } from '../../client/transport.ts'
import { StatusError } from '../../machinery/status-error.ts'
import { checkReview, type ExpectedReview } from './decode-review.ts'
import { untilAborted } from './until-aborted.ts'
import type { WebhookTarget } from './webhook-client-config.ts'

/** The way into this API server itself, as `system:apiserver`. */
export type OwnServer = () => Pick<Transport, 'request'>

/**
 * Whether a webhook is behind the service `kubernetes` of `default`: it belongs to an aggregated
 * API, and is asked through this server, which says who it is to that API.
 */
export function isOwnServer({ service, port }: WebhookTarget): boolean {
  return service?.namespace === 'default' && service.name === 'kubernetes' && port === 443
}

/** One question by that way. Rejects with a StatusError, or the reason of the signal. */
export async function askOwnServer(
  server: OwnServer,
  { path, timeout, signal }: { path: string; timeout: string; signal: AbortSignal },
  review: object,
  expected: ExpectedReview,
): Promise<Readonly<Record<string, unknown>>> {
  const query = { timeout }
  const asking = server().request({ method: 'POST', path, query, body: review, signal })
  const answer = await untilAborted(asking, signal)
  if (typeof answer === 'string') {
    throw new StatusError('InternalError', `the answer is no object: ${answer.slice(0, 100)}`)
  }
  return checkReview(answer, expected)
}
