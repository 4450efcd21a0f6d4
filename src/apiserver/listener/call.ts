import type { Clock } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import {
  type Connection,
  errorResponse,
  type Handler,
  ServerRequest,
  type ServerResponse,
} from '../request.ts'
import type { AuditIds } from './audit-ids.ts'
import type { Deadline, DeadlineQueue } from './deadline-queue.ts'
import type { Exchange } from './exchange.ts'
import { LazyAbort } from './lazy-abort.ts'
import { readBody } from './read-body.ts'
import { isLongRunning, requestTimeoutMs, timedOut } from './request-deadline.ts'
import { sendResponse } from './send-response.ts'

/** What a listener lends to each call that it serves. */
export interface CallContext {
  readonly handler: Handler
  readonly clock: Clock
  readonly auditIds: AuditIds
  readonly logger: Logger
  readonly requestTimeoutMs: number
  readonly deadlines: DeadlineQueue
  /** Those that last as long as their clients like: a shutdown aborts them. */
  readonly longRunning: Set<Call>
}

/** One request on its way through the handler, and its answer on the way back. */
export class Call {
  readonly #context: CallContext
  readonly #exchange: Exchange
  readonly #connection: Connection
  readonly #abort = new LazyAbort()
  readonly #auditId: string
  #request: ServerRequest | undefined
  #beforeSending: () => void = () => {}
  #deadline: Deadline | Disposable | undefined
  /** An answer was chosen: whatever else comes is too late. */
  #isAnswered = false
  #isDone = false

  constructor(context: CallContext, exchange: Exchange, connection: Connection) {
    this.#context = context
    this.#exchange = exchange
    this.#connection = connection
    this.#auditId = exchange.headers['audit-id'] ?? context.auditIds.next()
  }

  /** Resolves when the answer is sent, or cannot be. `beforeSending` is called with the answer. */
  async serve(beforeSending: () => void): Promise<void> {
    this.#beforeSending = beforeSending
    const { outgoing, socket } = this.#exchange
    const closing = this.#connection.takeOver === undefined ? outgoing : socket
    closing?.once('close', () => {
      if (!this.#isDone) this.abort(new Error('the client has gone'))
    })
    let response: ServerResponse
    try {
      response = await this.#answer()
    } catch (error) {
      response = errorResponse(error)
    }
    this.#cancelDeadline()
    if (!this.#isAnswered) await this.#send(response)
    this.#isDone = true
    this.#context.longRunning.delete(this)
  }

  /** Tells whoever works for this call that its outcome is not wanted any more. */
  abort(reason: unknown): void {
    this.#abort.abort(reason)
  }

  #answer(): Promise<ServerResponse> {
    const { handler, longRunning } = this.#context
    const { method, url, headers, rawHeaders, incoming } = this.#exchange
    const abort = this.#abort
    const request = new ServerRequest({
      method,
      url,
      headers,
      rawHeaders,
      readBody: () => readBody(incoming, headers['content-length']),
      incoming,
      connection: this.#connection,
      auditId: this.#auditId,
      get signal() {
        return abort.signal
      },
    })
    this.#request = request
    if (isLongRunning(request.info)) longRunning.add(this)
    else this.#setDeadline(request)
    return handler(request)
  }

  /** Throws 400 for a `?timeout=` that is none. */
  #setDeadline({ query }: ServerRequest): void {
    const { clock, deadlines, requestTimeoutMs: limitMs } = this.#context
    const ms = requestTimeoutMs(query, limitMs)
    const onDue = () => this.#onDeadline()
    this.#deadline = ms === limitMs ? deadlines.add(onDue) : clock.after(ms, onDue)
  }

  #cancelDeadline(): void {
    const deadline = this.#deadline
    if (deadline === undefined) return
    if ('onDue' in deadline) this.#context.deadlines.cancel(deadline)
    else deadline[Symbol.dispose]()
  }

  /** The client gets its answer now; the handler is told, and what it still says is dropped. */
  #onDeadline(): void {
    const timeout = timedOut()
    this.abort(timeout)
    void this.#send(errorResponse(timeout))
  }

  async #send(response: ServerResponse): Promise<void> {
    this.#isAnswered = true
    this.#beforeSending()
    const exchange = this.#exchange
    try {
      // Without a request its target could not be read: there is nothing to negotiate by.
      if (this.#request === undefined) exchange.abort()
      else await sendResponse(exchange, this.#request, response, this.#auditId)
      if (response.type !== 'upgraded') exchange.dropRequest()
    } catch (error) {
      if (!this.#abort.isAborted) {
        this.#context.logger.error('sending an answer failed', { error: formatError(error) })
      }
      exchange.abort()
    }
  }
}
