import { stringifyJson } from '../../base/json.ts'
import type { Logger } from '../../base/logger.ts'
import type { AuditEvent } from './audit-event.ts'
import type { AuditBackend, AuditLosses } from './audit-filter.ts'

/** Upstream's `--audit-log-truncate-max-event-size`, and the same for webhooks. */
export const DEFAULT_MAX_EVENT_BYTES = 102_400
/** Says of an event that its objects were left out. */
const ANNOTATION = 'audit.k8s.io/truncated'

/**
 * Events that are too large lose what was sent and answered; what is too large then is lost, and
 * that is logged.
 */
export class TruncatingBackend implements AuditBackend {
  readonly #backend: AuditBackend
  readonly #maxEventBytes: number
  readonly #logger: Logger
  readonly #own: AuditLosses = { plugin: 'truncate', events: 0 }
  readonly losses: readonly AuditLosses[]

  constructor(backend: AuditBackend, maxEventBytes: number, logger: Logger) {
    this.#backend = backend
    this.losses = [this.#own, ...(backend.losses ?? [])]
    this.#maxEventBytes = maxEventBytes
    this.#logger = logger
  }

  process(event: AuditEvent): Promise<boolean> | undefined {
    if (sizeOf(event) <= this.#maxEventBytes) return this.#backend.process(event)
    const hasObjects = event.level === 'Request' || event.level === 'RequestResponse'
    const shorter = hasObjects ? withoutObjects(event) : event
    if (sizeOf(shorter) <= this.#maxEventBytes) return this.#backend.process(shorter)
    const { auditID: id, stage } = event
    this.#own.events++
    this.#logger.error('an audit event was lost: it is too large', { id, stage })
    // Its request is not refused for that: the policy says too much, not the client.
    return undefined
  }

  close(): Promise<void> {
    return this.#backend.close()
  }
}

function withoutObjects(event: AuditEvent): AuditEvent {
  const annotations = { ...event.annotations, [ANNOTATION]: 'true' }
  return { ...event, requestObject: undefined, responseObject: undefined, annotations }
}

function sizeOf(event: AuditEvent): number {
  return Buffer.byteLength(stringifyJson(event)) + 1
}
