import type { Clock } from '../../../base/clock.ts'
import { formatError, type Logger } from '../../../base/logger.ts'
import type { KindRef } from '../../../machinery/kind.ts'
import { forbiddenError, internalError, StatusError } from '../../../machinery/status-error.ts'
import type { ResourceTable } from '../../registry/resource-table.ts'
import { noteWait } from '../../waiting-times.ts'
import type { AdmissionAttributes } from '../admission.ts'
import { type AdmissionTarget, targetOf } from '../dynamic/admission-target.ts'
import { addAuditAnnotation } from '../dynamic/audit-annotations.ts'
import { isExemptFromWebhooks } from '../dynamic/exempt.ts'
import type { MatchConditions } from '../dynamic/match-conditions.ts'
import { matchesObjects, NamespaceSelection } from '../dynamic/namespaces.ts'
import { type VersionedObjects, versionedObjects } from '../dynamic/object-view.ts'
import type { AdmissionAnswer } from './admission-review.ts'
import { type CallPorts, callWebhook } from './call-webhook.ts'
import { chooseInvocation, type Invocation } from './choose-invocation.ts'
import { CallingWebhookError, WebhookRejection } from './webhook-errors.ts'
import type { HookObserver, HookStep } from './webhook-metrics.ts'
import { type HookSpec, type Webhook, WebhookSource } from './webhook-source.ts'

/** What both webhook plugins are made of. */
export interface WebhookPluginOptions extends CallPorts {
  readonly resources: ResourceTable
  readonly conditions: MatchConditions
  readonly observer: HookObserver
  readonly clock: Clock
  readonly logger: Logger
}

/** A webhook that must be asked, and what it is shown. */
export interface Question<H extends HookSpec> {
  readonly webhook: Webhook<H>
  readonly target: AdmissionTarget
  readonly invocation: Invocation
  readonly objects: VersionedObjects
}

/** What became of a question: an answer that allows the write, or why it went on without one. */
export type Asked =
  | { readonly type: 'answered'; readonly answer: AdmissionAnswer }
  | { readonly type: 'failed-open'; readonly isCanceled: boolean }

/** What the two plugins that ask webhooks have in common: which they ask, and how. */
export class HookPlugin<H extends HookSpec> {
  readonly source: WebhookSource<H>
  readonly #options: WebhookPluginOptions
  readonly #step: HookStep
  readonly #namespaces: NamespaceSelection

  constructor(options: WebhookPluginOptions, kind: KindRef, step: HookStep) {
    this.#options = options
    this.#step = step
    this.source = new WebhookSource(options.resources, kind)
    this.#namespaces = new NamespaceSelection(options.resources)
  }

  close(): void {
    this.#options.client[Symbol.dispose]()
  }

  /** False where no rule of any webhook names the resource. */
  concerns(attributes: AdmissionAttributes): boolean {
    // First of all: whatever is wrong with a configuration, it can be mended.
    if (isExemptFromWebhooks(attributes.kind)) return false
    if (!this.source.isLoaded) return true
    if (this.source.isEmpty) return false
    return this.source.candidatesFor(this.targetOf(attributes)).length > 0
  }

  targetOf(attributes: AdmissionAttributes): AdmissionTarget {
    return targetOf(attributes, this.#options.resources)
  }

  /** How a webhook is asked about a write; undefined where it is not. Rejects as upstream. */
  async questionFor(
    webhook: Webhook<H>,
    target: AdmissionTarget,
  ): Promise<Question<H> | undefined> {
    const { spec, namespaceSelector, objectSelector } = webhook
    const invocation = chooseInvocation(spec, target)
    if (invocation === undefined) return undefined
    // Whoever the object's labels exclude is not asked, even if the namespace cannot be found.
    if (!matchesObjects(objectSelector, target)) return undefined
    if (!(await this.#namespaces.matches(namespaceSelector, target))) return undefined
    const { attributes } = target
    const objects = await versionedObjects(target, attributes, invocation.kind, invocation.served)
    if ((spec.matchConditions ?? []).length > 0) {
      const owner = { kind: 'webhook', type: this.#step } as const
      const input = { target, matched: invocation, objects }
      const { matches, error } = await this.#options.conditions.match(spec, owner, input)
      if (error !== undefined) {
        const { group, resource } = target.resource
        throw forbiddenError({ group, plural: resource }, attributes.name, error.message)
      }
      if (!matches) return undefined
    }
    return { webhook, target, invocation, objects }
  }

  /**
   * Asks, and applies the failure policy. Rejects with the StatusError that the client gets.
   * `finish` makes of the answer what the plugin wants of it: its failures are the webhook's.
   */
  async ask(question: Question<H>, failedOpenKey: string, finish?: Finish): Promise<Asked> {
    const { webhook, target } = question
    const { name, failurePolicy } = webhook.spec
    const { clock, observer, logger } = this.#options
    const started = clock.monotonic()
    const outcome = (isRejected: boolean, code: number) => ({
      ...{ name, isRejected, code, step: this.#step },
      operation: target.operation,
      durationMs: clock.monotonic() - started,
    })
    try {
      const isMutating = this.#step === 'admit'
      const answer = await callWebhook(
        { ...question, spec: webhook.spec, isMutating },
        this.#options,
      )
      await finish?.(answer)
      observer.called(outcome(false, 200))
      return { type: 'answered', answer }
    } catch (error) {
      if (error instanceof WebhookRejection) {
        const rejected = outcome(true, error.status.code)
        observer.called(rejected)
        observer.rejected(rejected, 'no_error')
        throw error.status
      }
      if (!(error instanceof CallingWebhookError)) {
        const rejected = outcome(true, 0)
        observer.called(rejected)
        observer.rejected(rejected, 'apiserver_internal_error')
        throw error instanceof StatusError ? error : internalError(error)
      }
      const { code, isCanceled } = error
      const isOpen = failurePolicy === 'Ignore'
      const failed = outcome(!isOpen, code)
      observer.called(failed)
      const what = `failed calling webhook, failing ${isOpen ? 'open' : 'closed'}`
      logger.info(what, { webhook: name, error: formatError(error) })
      if (!isOpen) {
        if (!isCanceled) observer.rejected(failed, 'calling_webhook_error')
        throw internalError(error)
      }
      if (!isCanceled) {
        observer.failedOpen(name, this.#step)
        addAuditAnnotation(target.attributes.request, failedOpenKey, name)
      }
      return { type: 'failed-open', isCanceled }
    } finally {
      const sort = this.#step === 'admit' ? 'mutatingMs' : 'validatingMs'
      noteWait(target.attributes.request, sort, clock.monotonic() - started)
    }
  }
}

type Finish = (answer: AdmissionAnswer) => Promise<void>
