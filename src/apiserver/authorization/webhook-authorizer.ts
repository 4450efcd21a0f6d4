import type { Clock } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import { LeastRecentlyUsed } from '../../client/least-recently-used.ts'
import type { SubjectAccessReviewStatus } from '../../kinds/authorization/v1/access-review-attributes.ts'
import { FieldSelectorError, parseFieldSelector } from '../../machinery/field-selector.ts'
import { SelectorError } from '../../machinery/label-requirement.ts'
import { parseRequirements } from '../../machinery/label-selector-parser.ts'
import type { Expiring, PostReview } from '../review-webhook.ts'
import { type Attributes, type Authorizer, type Decision, NO_OPINION } from './authorizer.ts'
import type { RuleResolver } from './rule-resolver.ts'

export interface WebhookAuthorizerOptions {
  readonly post: PostReview
  readonly clock: Clock
  readonly logger: Logger
  /** Of the SubjectAccessReview that is sent: `v1` or `v1beta1`. */
  readonly version: string
  /** How long a yes counts; 0 for once. */
  readonly authorizedTtlMs: number
  /** How long anything else counts. */
  readonly unauthorizedTtlMs: number
  /** What counts where the webhook gives no answer. */
  readonly onFailure: 'NoOpinion' | 'Deny'
}

const CACHE_SIZE = 8192
/** Requests whose attributes are longer fill no cache. */
const MOST_CACHED_LENGTH = 10_000

/** Mode `Webhook`: asks another server, by SubjectAccessReview. */
export class WebhookAuthorizer implements Authorizer, RuleResolver {
  readonly #options: WebhookAuthorizerOptions
  readonly #answers = new LeastRecentlyUsed<Expiring<Decision>>(CACHE_SIZE)

  constructor(options: WebhookAuthorizerOptions) {
    this.#options = options
  }

  authorize(attributes: Attributes): Decision | Promise<Decision> {
    const spec = reviewSpec(attributes)
    const key = JSON.stringify(spec)
    const known = this.#answers.get(key)
    const { clock } = this.#options
    if (known !== undefined && clock.monotonic() < known.until) return known.value
    return this.#ask(spec, key, attributes)
  }

  rulesFor() {
    const errors = ['webhook authorizer does not support user rule resolution']
    return { rules: [], errors, isIncomplete: true as const }
  }

  async #ask(spec: object, key: string, attributes: Attributes): Promise<Decision> {
    const { post, clock, logger, version, onFailure } = this.#options
    let status: SubjectAccessReviewStatus
    try {
      const apiVersion = `authorization.k8s.io/${version}`
      const sent = version === 'v1' ? spec : withOldNames(spec)
      const review = { apiVersion, kind: 'SubjectAccessReview', metadata: {}, spec: sent }
      status = statusOf(await post(review))
    } catch (error) {
      logger.error('the authorization webhook gave no answer', { error: formatError(error) })
      return onFailure === 'Deny' ? { verdict: 'Deny', reason: '' } : NO_OPINION
    }
    const decision = decisionOf(status)
    const { authorizedTtlMs, unauthorizedTtlMs } = this.#options
    const ttlMs = status.allowed === true ? authorizedTtlMs : unauthorizedTtlMs
    if (ttlMs > 0 && isCacheable(attributes)) {
      this.#answers.set(key, { value: decision, until: clock.monotonic() + ttlMs })
    }
    return decision
  }
}

function decisionOf({ allowed, denied, reason = '' }: SubjectAccessReviewStatus): Decision {
  if (denied === true) return { verdict: 'Deny', reason }
  return { verdict: allowed === true ? 'Allow' : 'NoOpinion', reason }
}

/** Throws for an answer that is no review: it must never count as a yes. */
function statusOf(answer: unknown): SubjectAccessReviewStatus {
  const { kind, status } = (answer ?? {}) as { kind?: unknown; status?: unknown }
  if (kind !== 'SubjectAccessReview' || typeof status !== 'object' || status === null) {
    throw new Error('the answer is no SubjectAccessReview with a status')
  }
  const { allowed, denied, reason } = status as Record<string, unknown>
  return {
    allowed: allowed === true,
    denied: denied === true,
    reason: typeof reason === 'string' ? reason : '',
  }
}

/** The question in the fields of `spec`. */
export function reviewSpec(attributes: Attributes): object {
  const { user, verb, isResourceRequest, path } = attributes
  const { name, uid = '', groups, extra } = user
  const what = isResourceRequest
    ? { resourceAttributes: resourceAttributes(attributes) }
    : { nonResourceAttributes: { path, verb } }
  return {
    ...what,
    ...(name !== '' && { user: name }),
    ...(groups.length > 0 && { groups }),
    ...(extra !== undefined && { extra }),
    ...(uid !== '' && { uid }),
  }
}

function resourceAttributes(attributes: Attributes): object {
  const { namespace, verb, group, version, resource, subresource, name } = attributes
  const texts = { namespace, verb, group, version, resource, subresource, name }
  const filled = Object.entries(texts).filter(([, text]) => text !== '')
  const fields = fieldRequirements(attributes.fieldSelector)
  const labels = labelRequirements(attributes.labelSelector ?? '')
  return {
    ...Object.fromEntries(filled),
    ...(fields.length > 0 && { fieldSelector: { requirements: fields } }),
    ...(labels.length > 0 && { labelSelector: { requirements: labels } }),
  }
}

/** What cannot be read is left out: that asks for more, so it allows no more than it should. */
function fieldRequirements(selector: string): readonly object[] {
  try {
    return parseFieldSelector(selector).requirements.map(({ field, operator, value }) => ({
      key: field,
      operator: operator === '=' ? 'In' : 'NotIn',
      values: [value],
    }))
  } catch (error) {
    if (error instanceof FieldSelectorError) return []
    throw error
  }
}

const LABEL_OPERATORS: Readonly<Record<string, string>> = {
  '=': 'In',
  '==': 'In',
  in: 'In',
  '!=': 'NotIn',
  notin: 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
}

function labelRequirements(selector: string): readonly object[] {
  try {
    return parseRequirements(selector).flatMap(({ key, operator, values }) => {
      const name = LABEL_OPERATORS[operator]
      if (name === undefined) return []
      return [{ key, operator: name, ...(values.length > 0 && { values }) }]
    })
  } catch (error) {
    if (error instanceof SelectorError) return []
    throw error
  }
}

/** In v1beta1 the groups are called `group`. */
function withOldNames(spec: object): object {
  const { groups, ...rest } = spec as { readonly groups?: readonly string[] }
  return groups === undefined ? rest : { ...rest, group: groups }
}

function isCacheable(attributes: Attributes): boolean {
  const { namespace, verb, group, version, resource, subresource, name, path } = attributes
  const all = [namespace, verb, group, version, resource, subresource, name, path]
  return all.reduce((length, text) => length + text.length, 0) < MOST_CACHED_LENGTH
}
