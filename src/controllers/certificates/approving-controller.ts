import { parseCertificateRequest } from '../../base/certificate-request.ts'
import type { Logger } from '../../base/logger.ts'
import type { Client } from '../../client/client.ts'
import type { Informer } from '../../client/lister.ts'
import type { SubjectAccessReview } from '../../kinds/authorization/v1/subject-access-review.ts'
import { CertificateSigningRequest } from '../../kinds/certificates/v1/certificate-signing-request.ts'
import {
  KUBELET_CLIENT_SIGNER,
  kubeletClientProblem,
} from '../../kinds/certificates/v1/request-rules.ts'
import {
  type Controller,
  type ControllerContext,
  type Result,
  self,
  type Watch,
  watch,
} from '../runtime/controller.ts'
import { isDecided, isIssued } from './request-conditions.ts'

const PATH = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
const REVIEWS = '/apis/authorization.k8s.io/v1/subjectaccessreviews'

interface Recognized {
  /** The subresource that the requestor must be allowed to create. */
  readonly subresource: string
  readonly message: string
}

const SELF: Recognized = {
  subresource: 'selfnodeclient',
  message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
}
const OTHER: Recognized = {
  subresource: 'nodeclient',
  message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
}

/** Approves the client certificates of kubelets where their requestors may have them. */
export class CertificateApprovingController implements Controller {
  readonly name = 'certificatesigningrequest-approving-controller'
  readonly workers = 5
  readonly retryDelays = { baseDelayMs: 200, maxDelayMs: 1_000_000 }
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #requests: Informer<CertificateSigningRequest>
  /** What may be allowed later, by a role that somebody adds, is asked again. */
  readonly #refusals = new Map<string, number>()

  constructor({ client, informers }: ControllerContext) {
    this.#client = client
    this.#requests = informers.for(CertificateSigningRequest)
    this.watches = [watch(this.#requests, self)]
  }

  async reconcile(name: string, logger: Logger): Promise<Result> {
    const request = this.#requests.get(name)
    if (request === undefined || isIssued(request) || isDecided(request)) {
      this.#refusals.delete(name)
      return undefined
    }
    const recognized = recognize(request)
    for (const { subresource, message } of recognized) {
      if (!(await this.#mayCreate(request, subresource))) continue
      await this.#approve(request, message)
      this.#refusals.delete(name)
      return undefined
    }
    if (recognized.length === 0) return undefined
    logger.debug('a recognized request is not allowed', { request: name })
    const refusals = this.#refusals.get(name) ?? 0
    this.#refusals.set(name, refusals + 1)
    const { baseDelayMs, maxDelayMs } = this.retryDelays
    return { requeueAfterMs: Math.min(baseDelayMs * 2 ** refusals, maxDelayMs) }
  }

  async #mayCreate({ spec }: CertificateSigningRequest, subresource: string): Promise<boolean> {
    const { username: user, uid, groups, extra } = spec
    const review = (await this.#client.raw('POST', REVIEWS, {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        ...(user !== undefined && { user }),
        ...(uid !== undefined && { uid }),
        ...(groups !== undefined && { groups }),
        ...(extra !== undefined && { extra }),
        resourceAttributes: {
          group: 'certificates.k8s.io',
          version: '*',
          resource: 'certificatesigningrequests',
          verb: 'create',
          subresource,
        },
      },
    })) as SubjectAccessReview
    return review.status?.allowed === true
  }

  async #approve(request: CertificateSigningRequest, message: string): Promise<void> {
    const approved = { type: 'Approved', status: 'True', reason: 'AutoApproved', message }
    const conditions = [...(request.status.conditions ?? []), approved]
    const path = `${PATH}/${encodeURIComponent(request.metadata.name)}/approval`
    await this.#client.raw('PUT', path, { ...request, status: { ...request.status, conditions } })
  }
}

/** As what a request may be approved, the narrower right first. */
function recognize({ metadata, spec }: CertificateSigningRequest): readonly Recognized[] {
  const { request: base64, signerName, usages = [], username } = spec
  if (signerName !== KUBELET_CLIENT_SIGNER) return []
  let request: ReturnType<typeof parseCertificateRequest>
  try {
    request = parseCertificateRequest(Buffer.from(base64, 'base64').toString('latin1'))
  } catch (cause) {
    throw new Error(`unable to parse csr ${JSON.stringify(metadata.name)}`, { cause })
  }
  if (kubeletClientProblem(request, usages) !== undefined) return []
  return username === request.commonName ? [SELF, OTHER] : [OTHER]
}
