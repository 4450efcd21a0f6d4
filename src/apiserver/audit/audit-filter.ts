import { Readable } from 'node:stream'
import { type Clock, formatMicroTime } from '../../base/clock.ts'
import { internalError, StatusError } from '../../machinery/status-error.ts'
import { explained, type Filter, type Handler } from '../handler.ts'
import type { AuditIds } from '../listener/audit-ids.ts'
import { isLongRunning } from '../listener/request-deadline.ts'
import type { ServerRequest } from '../request.ts'
import type { EncodedResponse, ObjectResponse, ServerResponse } from '../response.ts'
import {
  type AuditEvent,
  type AuditStatus,
  auditUser,
  objectReferenceOf,
  sourceAddresses,
  userAgentOf,
  withoutManagedFields,
} from './audit-event.ts'
import type { Stage } from './audit-policy.ts'
import type { AuditDecision, EvaluatePolicy } from './evaluate-policy.ts'
import { latencyAnnotations } from './latency-annotations.ts'

/** Upstream's `--audit-log-mode` and `--audit-webhook-mode`: what a request waits for. */
export type AuditMode = 'batch' | 'blocking' | 'blocking-strict'

/** Takes events, and keeps them or loses them. */
export interface AuditBackend {
  /** A backend that requests wait for answers whether the event was kept; never rejects. */
  process(event: AuditEvent): Promise<boolean> | undefined
  /** Resolves when everything that was taken is where it belongs. */
  close(): Promise<void>
  /** Counted as they happen, for metrics. */
  readonly losses?: readonly AuditLosses[]
}

/** How many events a backend could not keep; `plugin` is its name in upstream's metrics. */
export interface AuditLosses {
  readonly plugin: 'log' | 'webhook' | 'truncate'
  events: number
}

export interface AuditOptions {
  readonly evaluate: EvaluatePolicy
  readonly backends: readonly AuditBackend[]
  readonly clock: Clock
  /** For requests that have no identifier yet, those of this process. */
  readonly ids: AuditIds
  /** Counts, for metrics. */
  readonly counts: AuditCounts
}

/** How much was logged, for metrics. */
export interface AuditCounts {
  events: number
  /** Requests that were refused since their event could not be kept. */
  rejected: number
  readonly byLevel: Map<string, number>
}

/** Upstream's words. */
const NOT_STORED = 'failed to store audit event'

/**
 * Tells the backends what was asked, by whom, and what became of it, by the rules of a policy: a
 * filter right after authentication, inside the panic guard and outside impersonation.
 */
export function audit(options: AuditOptions): Filter {
  const { evaluate, counts } = options
  return (request, next) => {
    const decision = evaluate(request.info, request.user)
    counts.byLevel.set(decision.level, (counts.byLevel.get(decision.level) ?? 0) + 1)
    if (decision.level === 'None') return next(request)
    return new AuditedRequest(options, request, decision).answer(next)
  }
}

/**
 * The same for those whom authentication turns away: a filter right before it, which lets alone
 * what has got past it.
 */
export function auditFailedAuthentication(options: AuditOptions): Filter {
  const explain = (request: ServerRequest, error: unknown) => {
    const isRefused = request.user === undefined && error instanceof StatusError
    if (!isRefused || error.reason !== 'Unauthorized') return error
    const decision = options.evaluate(request.info, undefined)
    if (decision.level !== 'None') {
      new AuditedRequest(options, request, decision).refuse(error)
    }
    return error
  }
  return (request, next) => explained(request, next, (error) => explain(request, error))
}

/** One request on its way, and the events of its stages. */
class AuditedRequest {
  readonly #options: AuditOptions
  readonly #request: ServerRequest
  readonly #decision: AuditDecision
  readonly #received: string
  readonly #receivedAtMs: number
  readonly #user: ServerRequest['user']
  readonly #auditId: string
  /** Whether events were kept, where the request must wait for that. */
  #pending: Promise<boolean>[] | undefined

  constructor(options: AuditOptions, request: ServerRequest, decision: AuditDecision) {
    this.#options = options
    this.#request = request
    this.#decision = decision
    this.#received = formatMicroTime(options.clock.now())
    this.#receivedAtMs = options.clock.monotonic()
    // Impersonation replaces the user.
    this.#user = request.user
    this.#auditId = request.auditId ?? options.ids.next()
  }

  async answer(next: Handler): Promise<ServerResponse> {
    this.#emit('RequestReceived', undefined)
    if (this.#pending !== undefined && !(await this.#areKept())) {
      this.#options.counts.rejected++
      throw internalError(NOT_STORED)
    }
    let response: ServerResponse
    try {
      response = await next(this.#request)
    } catch (error) {
      this.#failed(error)
      if (this.#pending !== undefined) await this.#areKept()
      throw error
    }
    const answered = this.#answered(response)
    if (this.#pending !== undefined) await this.#areKept()
    return answered
  }

  /** Waits for the backends that requests wait for. */
  async #areKept(): Promise<boolean> {
    const pending = this.#pending ?? []
    this.#pending = undefined
    return (await Promise.all(pending)).every((isKept) => isKept)
  }

  refuse(error: StatusError): void {
    const attempted = attemptedMethods(this.#request)
    const message =
      attempted.length === 0
        ? 'Authentication failed, no credentials provided'
        : `Authentication failed, attempted: ${attempted.join(', ')}`
    const status = { metadata: {}, message, code: error.code }
    this.#emit('ResponseStarted', status)
  }

  #answered(response: ServerResponse): ServerResponse {
    const isLong = isLongRunning(this.#request.info)
    switch (response.type) {
      case 'upgraded': {
        const status = { metadata: {}, code: 101 }
        this.#emit('ResponseStarted', status)
        this.#request.connection?.onClosed?.(() => this.#emit('ResponseComplete', status))
        return response
      }
      case 'watch': {
        const status = { metadata: {}, code: response.code }
        this.#emit('ResponseStarted', status)
        return { ...response, batches: this.#untilEnd(response.batches, status) }
      }
      case 'stream': {
        const status = { metadata: {}, code: response.code }
        if (isLong) this.#emit('ResponseStarted', status)
        const { body } = response
        if (!(body instanceof Readable)) {
          return { ...response, body: this.#untilEnd(body, status) }
        }
        // It must stay what it is: whoever does not read it to its end destroys it.
        if (body.closed) this.#emit('ResponseComplete', status)
        else body.once('close', () => this.#emit('ResponseComplete', status))
        return response
      }
      default: {
        const { code } = response
        const isFailure = code >= 400 && response.type === 'object'
        const status = isFailure ? statusOf(response.object, code) : { metadata: {}, code }
        if (isLong) this.#emit('ResponseStarted', status)
        this.#emit('ResponseComplete', status, this.#shownAnswer(response))
        return response
      }
    }
  }

  #shownAnswer(response: ObjectResponse | EncodedResponse): unknown {
    if (this.#decision.level !== 'RequestResponse') return undefined
    return response.type === 'object' ? response.object : response.object()
  }

  async *#untilEnd<T>(items: AsyncIterable<T>, status: AuditStatus): AsyncIterable<T> {
    try {
      yield* items
    } finally {
      this.#emit('ResponseComplete', status)
      if (this.#pending !== undefined) await this.#areKept()
    }
  }

  #failed(error: unknown): void {
    if (error instanceof StatusError) {
      const value = error.toStatus()
      const shown = this.#decision.level === 'RequestResponse' ? value : undefined
      this.#emit('ResponseComplete', statusOf(value, error.code), shown)
      return
    }
    if (this.#request.signal.aborted) {
      const message = 'Connection closed early'
      this.#emit('ResponseComplete', { metadata: {}, status: 'Success', message, code: 200 })
      return
    }
    const message = `APIServer panic'd: ${error instanceof Error ? error.message : String(error)}`
    const reason = 'InternalError' as const
    this.#emit('Panic', { metadata: {}, status: 'Failure', message, reason, code: 500 })
  }

  #emit(stage: Stage, status: AuditStatus | undefined, responseObject?: unknown): void {
    const { omitStages, omitManagedFields, level } = this.#decision
    if (omitStages.has(stage)) return
    const { backends, clock, counts } = this.#options
    const request = this.#request
    const { user, impersonationConstraint } = request
    const hasBody = level === 'Request' || level === 'RequestResponse'
    const shown = (value: unknown) => (omitManagedFields ? withoutManagedFields(value) : value)
    const tookMs = clock.monotonic() - this.#receivedAtMs
    const latencies = stage === 'ResponseComplete' ? latencyAnnotations(request, tookMs) : []
    const event: AuditEvent = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level,
      auditID: this.#auditId,
      stage,
      requestURI: request.url,
      verb: request.info.verb,
      user: this.#user === undefined ? { username: '' } : auditUser(this.#user),
      impersonatedUser: user === this.#user || user === undefined ? undefined : auditUser(user),
      authenticationMetadata:
        impersonationConstraint === undefined ? undefined : { impersonationConstraint },
      sourceIPs: sourceAddresses(request),
      userAgent: userAgentOf(request),
      objectRef: objectReferenceOf(request),
      responseStatus: status,
      requestObject: hasBody ? shown(request.submitted) : undefined,
      responseObject: shown(responseObject),
      requestReceivedTimestamp: this.#received,
      stageTimestamp: stage === 'RequestReceived' ? this.#received : formatMicroTime(clock.now()),
      annotations: annotationsOf(request, hasBody, latencies),
    }
    counts.events++
    for (const backend of backends) {
      const keeping = backend.process(event)
      if (keeping === undefined) continue
      this.#pending ??= []
      this.#pending.push(keeping)
    }
  }
}

function annotationsOf(
  { auditAnnotations, bodyAuditAnnotations }: ServerRequest,
  hasBody: boolean,
  latencies: ReturnType<typeof latencyAnnotations>,
): Record<string, string> | undefined {
  const ofBody = hasBody ? (bodyAuditAnnotations ?? []) : []
  const isAny = auditAnnotations.size > 0 || bodyAuditAnnotations !== undefined
  if (!isAny && latencies.length === 0) return undefined
  const annotations: Record<string, string> = {}
  for (const [key, value] of [...auditAnnotations, ...ofBody, ...latencies]) {
    // Who impersonates is the event's user.
    if (key !== 'impersonator') annotations[key] = value
  }
  return annotations
}

function statusOf(object: unknown, code: number): AuditStatus {
  const { status, message, reason, details } = object as AuditStatus
  return {
    metadata: {},
    ...(status !== undefined && { status }),
    ...(message !== undefined && { message }),
    ...(reason !== undefined && { reason }),
    ...(details !== undefined && { details }),
    code,
  }
}

function attemptedMethods({ headers, connection, query }: ServerRequest): readonly string[] {
  const [scheme = '', proof] = (headers['authorization'] ?? '').trim().split(' ')
  const methods: string[] = []
  if (scheme.toLowerCase() === 'basic') methods.push('basic')
  if (scheme.toLowerCase() === 'bearer' && proof !== undefined) methods.push('bearer')
  if (query.has('access_token')) methods.push('access_token')
  if (connection?.peerCertificate !== undefined) methods.push('x509')
  return methods
}
