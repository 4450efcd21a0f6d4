import {
  type MutatingWebhook,
  MutatingWebhookConfiguration,
} from '../../../kinds/admissionregistration/v1/mutating-webhook-configuration.ts'
import { deepEqual } from '../../../machinery/deep-equal.ts'
import type { KubeObject } from '../../../machinery/kind.ts'
import { internalError } from '../../../machinery/status-error.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.ts'
import { addAuditAnnotation, annotationJson } from '../dynamic/audit-annotations.ts'
import { schemaKindOf, storedFrom } from '../dynamic/object-view.ts'
import type { Reinvocation } from '../dynamic/reinvocation.ts'
import type { AdmissionAnswer } from './admission-review.ts'
import { applyOperations, decodePatched, operationsOf, versionOfAnswer } from './apply-answer.ts'
import { HookPlugin, type Question, type WebhookPluginOptions } from './hook-plugin.ts'
import { requestTimedOut } from './webhook-errors.ts'

const MUTATION = 'mutation.webhook.admission.k8s.io'
const PATCH = 'patch.webhook.admission.k8s.io'

/** Asks the webhooks that may change an object, one by one, each about what the last one left. */
export class MutatingAdmissionWebhook implements AdmissionPlugin {
  readonly name = 'MutatingAdmissionWebhook'
  readonly operations = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const
  readonly #hooks: HookPlugin<MutatingWebhook>

  constructor(options: WebhookPluginOptions) {
    this.#hooks = new HookPlugin(options, MutatingWebhookConfiguration, 'admit')
  }

  close(): void {
    this.#hooks.close()
  }

  concerns(attributes: AdmissionAttributes): boolean {
    return this.#hooks.concerns(attributes)
  }

  async mutate(
    attributes: AdmissionAttributes,
    reinvocation: Reinvocation,
  ): Promise<KubeObject | undefined> {
    const hooks = this.#hooks
    await hooks.source.load()
    if (!hooks.concerns(attributes)) return undefined
    const { isSecondRound } = reinvocation
    const round = reinvocation.roundOf(this.name)
    if (isSecondRound && !deepEqual(round.lastOutput, attributes.object)) round.requireInvoked()
    let target = hooks.targetOf(attributes)
    try {
      for (const { webhook, index } of hooks.source.candidatesFor(target)) {
        const question = await hooks.questionFor(webhook, target)
        // Nobody is asked for the first time in the second round.
        if (question === undefined || (isSecondRound && !round.isDue(webhook.id))) continue
        const place = `round_${isSecondRound ? 1 : 0}_index_${index}`
        const changed = await this.#ask(question, place)
        if (changed !== undefined) {
          target = { ...target, attributes: { ...target.attributes, object: changed } }
          round.requireInvoked()
          reinvocation.isNeeded = true
        }
        if (webhook.spec.reinvocationPolicy === 'IfNeeded') round.addInvoked(webhook.id)
      }
    } finally {
      round.lastOutput = target.attributes.object
    }
    const { object } = target.attributes
    return object === attributes.object ? undefined : object
  }

  /** The object as stored that the webhook has made of it; undefined where nothing differs. */
  async #ask(question: Question<MutatingWebhook>, place: string): Promise<KubeObject | undefined> {
    const { webhook, target } = question
    const { request } = target.attributes
    const names = { configuration: webhook.configuration, webhook: webhook.spec.name }
    let changed: KubeObject | undefined
    const finish = async (answer: AdmissionAnswer) => {
      changed = await this.#changed(question, answer, place)
    }
    try {
      const asked = await this.#hooks.ask(question, `failed-open.${MUTATION}/${place}`, finish)
      // One webhook that was late is forgiven; a request that is out of time is not.
      if (asked.type === 'failed-open' && request.signal.aborted) throw requestTimedOut()
    } finally {
      const value = annotationJson({ ...names, mutated: changed !== undefined })
      addAuditAnnotation(request, `${MUTATION}/${place}`, value)
    }
    return changed
  }

  async #changed(
    { webhook, target, invocation, objects }: Question<MutatingWebhook>,
    answer: AdmissionAnswer,
    place: string,
  ): Promise<KubeObject | undefined> {
    const { name } = webhook.spec
    const operations = operationsOf(name, answer)
    if (operations.length === 0) return undefined
    const { object } = objects
    if (object === undefined) {
      const what = `admission webhook ${JSON.stringify(name)} attempted to modify the object`
      throw internalError(`${what}, which is not supported for this operation`)
    }
    const applied = applyOperations(object, operations)
    const served = versionOfAnswer(applied, invocation.served)
    const kind = schemaKindOf(target, served)
    const patched = kind === undefined ? applied : decodePatched(kind, applied)
    const { configuration } = webhook
    const shown = { configuration, webhook: name, patch: operations, patchType: 'JSONPatch' }
    const { request } = target.attributes
    addAuditAnnotation(request, `${PATCH}/${place}`, annotationJson(shown), 'Request')
    if (deepEqual(object, patched)) return undefined
    return storedFrom(target, target.attributes.object, patched, served)
  }
}
