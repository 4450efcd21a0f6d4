import {
  type StatusDetails,
  StatusError,
  type StatusReason,
} from '../../../machinery/status-error.ts'

/** A webhook could not be asked, or its answer was none: its failure policy decides. */
export class CallingWebhookError extends Error {
  override readonly name = 'CallingWebhookError'
  /** For metrics: what the server answered, or what stands for its silence. */
  readonly code: number
  /** The client has gone: nothing is wrong with the webhook. */
  readonly isCanceled: boolean

  constructor(webhook: string, reason: string, code: number, isCanceled = false) {
    super(`failed calling webhook ${JSON.stringify(webhook)}: ${reason}`)
    this.code = code
    this.isCanceled = isCanceled
  }
}

/** A webhook has refused a write; the client gets the status. */
export class WebhookRejection extends Error {
  override readonly name = 'WebhookRejection'
  readonly status: StatusError

  constructor(status: StatusError) {
    super(status.message)
    this.status = status
  }
}

/** The `status` of a webhook's answer, as far as it was given. */
export interface WebhookStatus {
  readonly status?: string | undefined
  readonly message?: string | undefined
  readonly reason?: string | undefined
  readonly details?: StatusDetails | undefined
  readonly code?: number | undefined
}

/** A status code has three digits; upstream's server, too, answers 500 where it is given more. */
const MOST_CODE = 999

/** What the client is told: whose refusal it is, and why, with a code that is an error. */
export function rejectionOf(webhook: string, given: WebhookStatus = {}): WebhookRejection {
  const deniedBy = `admission webhook ${JSON.stringify(webhook)} denied the request`
  const { message = '', reason = '', details, code = 0 } = given
  const why = message !== '' ? message : reason
  const text = why === '' ? `${deniedBy} without explanation` : `${deniedBy}: ${why}`
  return new WebhookRejection(
    new StatusError(reason as StatusReason, text, {
      code: code > MOST_CODE ? 500 : Math.max(code, 400),
      ...(details !== undefined && { details }),
    }),
  )
}

/** How calls end whose time is up. */
export const OUT_OF_TIME = 'context deadline exceeded'

/** The 504 of a write that has taken all the time that writes have. */
export function requestOutOfTime(): StatusError {
  const why = 'request did not complete within requested timeout'
  return new StatusError('Timeout', `Timeout: ${why} - ${OUT_OF_TIME}`, { details: {} })
}

/** The 504 of a request whose time is up while webhooks were asked. */
export function requestTimedOut(): StatusError {
  const why = 'request did not complete within requested timeout'
  return new StatusError('Timeout', `Timeout: ${why}`, { details: {} })
}
