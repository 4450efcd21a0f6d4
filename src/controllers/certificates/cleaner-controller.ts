import { X509Certificate } from 'node:crypto'
import { type Clock, pause } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { Client } from '../../client/client.ts'
import type { Informer } from '../../client/lister.ts'
import { CertificateSigningRequest } from '../../kinds/certificates/v1/certificate-signing-request.ts'
import { isReason } from '../../machinery/status-error.ts'
import type { Controller, ControllerContext, Result, Watch } from '../runtime/controller.ts'
import { isIssued } from './request-conditions.ts'

const HOUR_MS = 3_600_000
const INTERVAL_MS = HOUR_MS
const DECIDED_MS = HOUR_MS
const PENDING_MS = 24 * HOUR_MS

/** Deletes requests that nobody waits for any more, once an hour. */
export class CertificateCleanerController implements Controller {
  readonly name = 'certificatesigningrequest-cleaner-controller'
  readonly workers = 0
  readonly watches: readonly Watch[] = []

  readonly #client: Client
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #requests: Informer<CertificateSigningRequest>

  constructor({ client, informers, clock, logger }: ControllerContext) {
    this.#client = client
    this.#clock = clock
    this.#logger = logger
    this.#requests = informers.for(CertificateSigningRequest)
  }

  reconcile(): Promise<Result> {
    return Promise.resolve(undefined)
  }

  async run(signal: AbortSignal): Promise<void> {
    do {
      for (const request of this.#requests.list()) await this.#clean(request)
    } while (await pause(this.#clock, INTERVAL_MS, signal))
  }

  async #clean(request: CertificateSigningRequest): Promise<void> {
    const reason = reasonToDelete(request, this.#clock.now())
    if (reason === undefined) return
    const { name } = request.metadata
    this.#logger.info('a certificate signing request is removed', { request: name, reason })
    try {
      await this.#client.delete(CertificateSigningRequest, { name })
    } catch (error) {
      if (isReason(error, 'NotFound')) return
      const why = formatError(error)
      this.#logger.error('a certificate signing request stays', { request: name, error: why })
    }
  }
}

/** Why a request is of no use any more; undefined while it may be. `now`: milliseconds. */
function reasonToDelete(request: CertificateSigningRequest, now: number): string | undefined {
  const { conditions = [] } = request.status
  const isOlder = (time: string | null | undefined, ms: number) =>
    typeof time === 'string' && now - Date.parse(time) > ms
  const isPast = (type: string, ms: number) =>
    conditions.some((one) => one.type === type && isOlder(one.lastUpdateTime, ms))
  if (isIssued(request) && isPast('Approved', DECIDED_MS)) return 'it was issued long ago'
  if (isPast('Denied', DECIDED_MS)) return 'it was denied long ago'
  if (isPast('Failed', DECIDED_MS)) return 'it failed long ago'
  const isPending = conditions.length === 0
  if (isPending && isOlder(request.metadata.creationTimestamp, PENDING_MS)) {
    return 'nobody decided on it'
  }
  const isApproved = conditions.some(({ type }) => type === 'Approved')
  if (isApproved && hasExpired(request, now)) return 'its certificate has expired'
  if (!isIssued(request) && isPast('Approved', PENDING_MS)) return 'no signer took it'
  return undefined
}

function hasExpired({ status }: CertificateSigningRequest, now: number): boolean {
  if (status.certificate === undefined) return false
  try {
    const certificate = new X509Certificate(Buffer.from(status.certificate, 'base64'))
    return now > Date.parse(certificate.validTo)
  } catch {
    // Not a certificate that could expire.
    return false
  }
}
