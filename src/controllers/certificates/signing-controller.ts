import {
  type ParsedCertificateRequest,
  parseCertificateRequest,
} from '../../base/certificate-request.ts'
import type { Client } from '../../client/client.ts'
import type { Informer } from '../../client/lister.ts'
import {
  CertificateSigningRequest,
  type CertificateSigningRequestCondition,
} from '../../kinds/certificates/v1/certificate-signing-request.ts'
import { SIGNER_RULES } from '../../kinds/certificates/v1/request-rules.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Controller,
  type ControllerContext,
  type Result,
  self,
  type Watch,
  watch,
} from '../runtime/controller.ts'
import { hasFailed, isApproved, isIssued } from './request-conditions.ts'

/** Signs with the cluster's authority: a PEM certificate for a request (DER). */
export type SignCertificate = (
  der: Uint8Array,
  usages: readonly string[],
  ttlMs: number,
) => Promise<string>

/** Upstream's `--cluster-signing-duration`. */
const DEFAULT_SIGNING_DURATION_MS = 365 * 86_400_000
const LEAST_DURATION_MS = 600_000

/** Issues certificates for approved requests to the signers that are part of Kubernetes. */
export class CertificateSigningController implements Controller {
  readonly name = 'certificatesigningrequest-signing-controller'
  readonly workers = 5
  readonly retryDelays = { baseDelayMs: 200, maxDelayMs: 1_000_000 }
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #requests: Informer<CertificateSigningRequest>
  readonly #sign: SignCertificate
  readonly #mostMs: number

  /** `mostMs`: how long a certificate lives at most, and where its request does not say. */
  constructor(
    { client, informers }: ControllerContext,
    sign: SignCertificate,
    mostMs = DEFAULT_SIGNING_DURATION_MS,
  ) {
    this.#client = client
    this.#sign = sign
    this.#mostMs = mostMs
    this.#requests = informers.for(CertificateSigningRequest)
    this.watches = [watch(this.#requests, self)]
  }

  async reconcile(name: string): Promise<Result> {
    const request = this.#requests.get(name)
    if (request === undefined || isIssued(request)) return undefined
    if (!isApproved(request) || hasFailed(request)) return undefined
    const problemOf = SIGNER_RULES.get(request.spec.signerName)
    if (problemOf === undefined) return undefined
    const { usages = [], expirationSeconds } = request.spec
    const parsed = parse(request)
    const problem = problemOf(parsed, usages)
    const status =
      problem === undefined
        ? await this.#issue(request, parsed, lifetimeMs(expirationSeconds, this.#mostMs))
        : withFailure(request, problem)
    try {
      await this.#client.updateStatus(CertificateSigningRequest, { ...request, status })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
    return undefined
  }

  async #issue(
    { spec, status }: CertificateSigningRequest,
    { der }: ParsedCertificateRequest,
    ttlMs: number,
  ): Promise<CertificateSigningRequest['status']> {
    const certificate = await this.#sign(der, spec.usages ?? [], ttlMs)
    return { ...status, certificate: Buffer.from(certificate).toString('base64') }
  }
}

function parse({ metadata, spec }: CertificateSigningRequest): ParsedCertificateRequest {
  try {
    return parseCertificateRequest(Buffer.from(spec.request, 'base64').toString('latin1'))
  } catch (cause) {
    throw new Error(`unable to parse csr ${JSON.stringify(metadata.name)}`, { cause })
  }
}

/** A request may ask for less than the usual time, but not for less than ten minutes. */
export function lifetimeMs(expirationSeconds: number | undefined, mostMs: number): number {
  if (expirationSeconds === undefined) return mostMs
  const wantedMs = expirationSeconds * 1000
  return wantedMs > mostMs ? mostMs : Math.max(wantedMs, LEAST_DURATION_MS)
}

function withFailure(
  { status }: CertificateSigningRequest,
  message: string,
): CertificateSigningRequest['status'] {
  const failed: CertificateSigningRequestCondition = {
    type: 'Failed',
    status: 'True',
    reason: 'SignerValidationFailure',
    message,
  }
  return { ...status, conditions: [...(status.conditions ?? []), failed] }
}
