import { formatError } from '../../../base/logger.ts'
import { type Random, uuid } from '../../../base/random.ts'
import { DecodeError } from '../../../machinery/decode.ts'
import { badRequest, StatusError } from '../../../machinery/status-error.ts'
import type { ExpectedReview } from '../../webhooks/decode-review.ts'
import type { WebhookClient } from '../../webhooks/webhook-client.ts'
import { WebhookSetupError } from '../../webhooks/webhook-client.ts'
import type { AdmissionTarget } from '../dynamic/admission-target.ts'
import { addAuditAnnotation } from '../dynamic/audit-annotations.ts'
import type { VersionedObjects } from '../dynamic/object-view.ts'
import {
  type AdmissionAnswer,
  admissionReview,
  expectedAnswer,
  readAdmissionAnswer,
  reviewVersionOf,
} from './admission-review.ts'
import type { Invocation } from './choose-invocation.ts'
import type { RequestBudget } from './request-budget.ts'
import {
  CallingWebhookError,
  OUT_OF_TIME,
  rejectionOf,
  requestOutOfTime,
} from './webhook-errors.ts'
import type { HookSpec } from './webhook-source.ts'

/** What webhooks are called with. */
export interface CallPorts {
  readonly client: Pick<WebhookClient, 'post' | typeof Symbol.dispose>
  readonly random: Random
  /** Shared by all who ask webhooks about one write. */
  readonly budget: RequestBudget
}

/** One question to one webhook. */
export interface HookCall {
  readonly spec: HookSpec
  readonly target: AdmissionTarget
  readonly invocation: Invocation
  readonly objects: VersionedObjects
  readonly isMutating: boolean
}

/**
 * Asks a webhook and resolves to an answer that allows the write. Rejects with a WebhookRejection
 * where it does not, with a CallingWebhookError where there is no answer that counts, and with a
 * StatusError where it must not be asked.
 */
export async function callWebhook(call: HookCall, ports: CallPorts): Promise<AdmissionAnswer> {
  const { spec, target, isMutating } = call
  const { name } = spec
  if (target.attributes.isDryRun) checkDryRun(spec)
  const version = reviewVersionOf(spec.admissionReviewVersions)
  if (version === undefined) {
    const why = 'webhook does not accept known AdmissionReview versions (v1, v1beta1)'
    throw new CallingWebhookError(name, `could not create admission objects: ${why}`, 400)
  }
  const uid = uuid(ports.random)
  const review = admissionReview(version, uid, target, call.invocation, call.objects)
  const given = await post(call, review, expectedAnswer(version), ports)
  const answer = readOrThrow(name, () => readAdmissionAnswer(given, version, uid, isMutating))
  const { request } = target.attributes
  for (const [key, value] of Object.entries(answer.auditAnnotations)) {
    addAuditAnnotation(request, `${name}/${key}`, value)
  }
  for (const warning of answer.warnings) request.addWarning(warning)
  if (!answer.allowed) throw rejectionOf(name, answer.status)
  return answer
}

/** Only a webhook that promises to have no side effects is asked about a dry run. */
function checkDryRun({ name, sideEffects }: HookSpec): void {
  if (sideEffects === 'None' || sideEffects === 'NoneOnDryRun') return
  throw badRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`)
}

async function post(
  { spec, target, isMutating }: HookCall,
  review: object,
  expected: ExpectedReview,
  { client, budget }: CallPorts,
): Promise<Readonly<Record<string, unknown>>> {
  const { name, clientConfig, timeoutSeconds } = spec
  const { request } = target.attributes
  const { signal } = request
  const ownMs = timeoutSeconds * 1000
  const leftMs = budget.leftMs(request)
  const timeoutMs = Math.min(ownMs, leftMs)
  const traced = () => ({
    name: `Call ${isMutating ? 'mutating' : 'validating'} webhook`,
    attributes: { webhook: name, ...spanAttributes(target) },
  })
  try {
    const limits = { timeoutMs, signal, traced, causedBy: request.headers }
    return await client.post(clientConfig, review, expected, limits)
  } catch (error) {
    const why = formatError(error)
    // No failure policy forgives this one: the client is not waited for any longer.
    if (leftMs < ownMs && why.endsWith(`: ${OUT_OF_TIME}`)) throw requestOutOfTime()
    if (error instanceof WebhookSetupError) {
      throw new CallingWebhookError(name, `could not get REST client: ${error.message}`, 500)
    }
    const code = error instanceof StatusError ? error.code : 503
    throw new CallingWebhookError(name, `failed to call webhook: ${why}`, code, signal.aborted)
  }
}

function spanAttributes({ attributes: { request, operation } }: AdmissionTarget) {
  const { group, version, resource, subresource } = request.info
  return { resource: `${group}/${version}, Resource=${resource}`, subresource, operation }
}

function readOrThrow<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const why = (error as Error).message
    if (error instanceof DecodeError) {
      throw new CallingWebhookError(name, `failed to call webhook: ${why}`, 503)
    }
    throw new CallingWebhookError(name, `received invalid webhook response: ${why}`, 503)
  }
}
