import { DecodeError, decodeValue } from '../../../machinery/decode.ts'
import { s } from '../../../machinery/schema.ts'
import type { ExpectedReview } from '../../webhooks/decode-review.ts'
import { admissionRequest } from '../dynamic/admission-request.ts'
import type { AdmissionTarget } from '../dynamic/admission-target.ts'
import type { VersionedObjects } from '../dynamic/object-view.ts'
import type { Invocation } from './choose-invocation.ts'
import type { WebhookStatus } from './webhook-errors.ts'

/** What of an AdmissionReview's answer counts. */
export interface AdmissionAnswer {
  readonly allowed: boolean
  readonly status: WebhookStatus | undefined
  /** The JSON patch as text; undefined for none. */
  readonly patch: string | undefined
  readonly patchType: string
  readonly auditAnnotations: Readonly<Record<string, string>>
  readonly warnings: readonly string[]
}

const GROUP = 'admission.k8s.io'
const VERSIONS = ['v1', 'v1beta1'] as const
type ReviewVersion = (typeof VERSIONS)[number]

/** The first version that a webhook understands and we do; undefined where there is none. */
export function reviewVersionOf(offered: readonly string[]): ReviewVersion | undefined {
  const isKnown = (version: string): version is ReviewVersion =>
    VERSIONS.some((one) => one === version)
  return offered.find(isKnown)
}

/** What an answer to a review of this version must be. */
export function expectedAnswer(version: ReviewVersion): ExpectedReview {
  return {
    apiVersion: `${GROUP}/${version}`,
    kind: 'AdmissionReview',
    otherVersions: VERSIONS.filter((one) => one !== version).map((one) => `${GROUP}/${one}`),
  }
}

/** The AdmissionReview that a webhook is sent; its versions differ in their name alone. */
export function admissionReview(
  version: ReviewVersion,
  uid: string,
  target: AdmissionTarget,
  invocation: Invocation,
  { object, oldObject }: VersionedObjects,
): object {
  const { dryRun, options, ...request } = admissionRequest(target, invocation)
  return {
    kind: 'AdmissionReview',
    apiVersion: `${GROUP}/${version}`,
    request: {
      uid,
      ...request,
      object: object ?? null,
      oldObject: oldObject ?? null,
      ...{ dryRun, options },
    },
  }
}

const Response = s.struct('admission.v1.AdmissionResponse', {
  uid: s.string().default(''),
  allowed: s.bool().default(false),
  status: s
    .struct('apimachinery.pkg.apis.meta.v1.Status', {
      status: s.string().optional(),
      message: s.string().optional(),
      reason: s.string().optional(),
      details: s.json('').optional(),
      code: s.int32().optional(),
    })
    .optional(),
  patch: s.string().optional(),
  patchType: s.string().optional(),
  auditAnnotations: s.map(s.string()).optional(),
  warnings: s.list(s.string()).optional(),
})

const Review = s.struct('admission.v1.AdmissionReview', {
  kind: s.string().optional(),
  apiVersion: s.string().optional(),
  response: Response.optional(),
})

/**
 * Reads what a webhook has answered to the review with this uid. Throws an Error with upstream's
 * text for an answer that is none; that of a v1beta1 review is checked less, as it always was.
 */
export function readAdmissionAnswer(
  review: Readonly<Record<string, unknown>>,
  version: ReviewVersion,
  uid: string,
  isMutating: boolean,
): AdmissionAnswer {
  const { kind = '', apiVersion = '', response: given } = decodeResponse(review)
  if (given === undefined) throw new Error('webhook response was absent')
  const { allowed, auditAnnotations = {}, warnings = [], status } = given
  const { patch = '', patchType } = given
  if (version === 'v1') {
    if (given.uid !== uid)
      throw new Error(`expected response.uid=${quote(uid)}, got ${quote(given.uid)}`)
    checkNames(String(apiVersion), String(kind))
    checkPatch(patch, patchType, isMutating)
  }
  return {
    ...{ allowed, status: status as WebhookStatus | undefined, auditAnnotations, warnings },
    patch: patch === '' || !isMutating ? undefined : Buffer.from(patch, 'base64').toString(),
    patchType: version === 'v1' ? (patchType ?? '') : 'JSONPatch',
  }
}

/** The answer's fields in their types. Throws Go's text for what does not fit. */
function decodeResponse(review: object): (typeof Review)['stored'] {
  const decoded = decodeValue(Review.node, review).value as (typeof Review)['stored']
  const at = illegalBase64At(decoded.response?.patch ?? '')
  if (at >= 0) throw new DecodeError(`illegal base64 data at input byte ${at}`)
  return decoded
}

/** Where a text stops to be base64; -1 where it is. */
function illegalBase64At(text: string): number {
  const at = text.search(/[^A-Za-z0-9+/=\r\n]/)
  if (at >= 0) return at
  return text.replaceAll(/[\r\n]/g, '').length % 4 === 0 ? -1 : text.length - (text.length % 4)
}

function checkNames(apiVersion: string, kind: string): void {
  if (apiVersion === `${GROUP}/v1` && kind === 'AdmissionReview') return
  const shown = `${apiVersion === '' ? '/' : apiVersion}, Kind=${kind}`
  throw new Error(`expected webhook response of ${GROUP}/v1, Kind=AdmissionReview, got ${shown}`)
}

function checkPatch(patch: string, patchType: string | undefined, isMutating: boolean): void {
  if (!isMutating) {
    if (patch !== '') throw new Error('validating webhook may not return response.patch')
    if (patchType !== undefined) {
      throw new Error('validating webhook may not return response.patchType')
    }
    return
  }
  if (patch !== '' && patchType === undefined) {
    throw new Error('webhook returned response.patch but not response.patchType')
  }
  if (patch === '' && patchType !== undefined) {
    throw new Error('webhook returned response.patchType but not response.patch')
  }
  if (patchType === '') throw new Error('webhook returned invalid response.patchType of ""')
}

function quote(text: string): string {
  return JSON.stringify(text)
}
