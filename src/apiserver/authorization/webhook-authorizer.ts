import type { Clock } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import { LeastRecentlyUsed } from '../../client/least-recently-used.ts'
import type { SubjectAccessReviewStatus } from '../../kinds/authorization/v1/access-review-attributes.ts'
import { type Expiring, type PostReview, ReviewTimeout } from '../review-webhook.ts'
import { type Attributes, type Authorizer, type Decision, NO_OPINION } from './authorizer.ts'
import type { AuthorizerObserver } from './authorizer-observer.ts'
import type { ConditionMatch, ReviewConditions } from './review-conditions.ts'
import { reviewSpec } from './review-spec.ts'
import type { RuleResolver } from './rule-resolver.ts'

/** How a webhook is asked, and what its answers count. */
export interface WebhookAnswers {
  /** Of the SubjectAccessReview that is sent: `v1` or `v1beta1`. */
  readonly version: string
  /** How long a yes counts; 0 for once. */
  readonly authorizedTtlMs: number
  /** How long anything else counts. */
  readonly unauthorizedTtlMs: number
  /** What counts where the webhook gives no answer. */
  readonly onFailure: 'NoOpinion' | 'Deny'
}

export interface WebhookAuthorizerOptions extends WebhookAnswers {
  /** In the configuration. */
  readonly name: string
  readonly post: PostReview
  readonly clock: Clock
  readonly logger: Logger
  readonly observer: AuthorizerObserver
  /** What it is asked about; everything when absent. */
  readonly conditions?: ReviewConditions | undefined
}

const CACHE_SIZE = 8192
const ALL_MATCH: ConditionMatch = { matches: true }
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
    const { matches, error } = this.#options.conditions?.match(attributes) ?? ALL_MATCH
    if (error !== undefined) return this.#failure(error)
    if (!matches) return NO_OPINION
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
    const { name, post, clock, logger, observer, version, onFailure } = this.#options
    const started = clock.monotonic()
    let status: SubjectAccessReviewStatus
    try {
      const apiVersion = `authorization.k8s.io/${version}`
      const sent = version === 'v1' ? spec : withOldNames(spec)
      const review = { apiVersion, kind: 'SubjectAccessReview', metadata: {}, spec: sent }
      status = statusOf(await post(review))
      observer.asked(name, 'success', clock.monotonic() - started)
    } catch (error) {
      const result = error instanceof ReviewTimeout ? 'timeout' : 'error'
      observer.asked(name, result, clock.monotonic() - started)
      if (onFailure === 'NoOpinion') observer.failedOpen(name, result)
      logger.error('the authorization webhook gave no answer', { error: formatError(error) })
      return this.#failure(formatError(error))
    }
    const decision = decisionOf(status)
    const { authorizedTtlMs, unauthorizedTtlMs } = this.#options
    const ttlMs = status.allowed === true ? authorizedTtlMs : unauthorizedTtlMs
    if (ttlMs > 0 && isCacheable(attributes)) {
      this.#answers.set(key, { value: decision, until: clock.monotonic() + ttlMs })
    }
    return decision
  }

  #failure(error: string): Decision {
    return { verdict: this.#options.onFailure, reason: '', error }
  }
}

function decisionOf({ allowed, denied, reason = '' }: SubjectAccessReviewStatus): Decision {
  if (denied === true) {
    const error = 'webhook subject access review returned both allow and deny response'
    return { verdict: 'Deny', reason, ...(allowed === true && { error }) }
  }
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
