import {
  type ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '../../../kinds/admissionregistration/v1/validating-webhook-configuration.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.ts'
import { HookPlugin, type Question, type WebhookPluginOptions } from './hook-plugin.ts'
import { requestTimedOut } from './webhook-errors.ts'

const FAILED_OPEN = 'failed-open.validating.webhook.admission.k8s.io'

/** Asks the webhooks that may refuse a write, all at once. */
export class ValidatingAdmissionWebhook implements AdmissionPlugin {
  readonly name = 'ValidatingAdmissionWebhook'
  readonly operations = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const
  readonly #hooks: HookPlugin<ValidatingWebhook>

  constructor(options: WebhookPluginOptions) {
    this.#hooks = new HookPlugin(options, ValidatingWebhookConfiguration, 'validating')
  }

  close(): void {
    this.#hooks.close()
  }

  concerns(attributes: AdmissionAttributes): boolean {
    return this.#hooks.concerns(attributes)
  }

  /** Of several refusals the client gets the one that came first. */
  async validate(attributes: AdmissionAttributes): Promise<void> {
    const hooks = this.#hooks
    await hooks.source.load()
    if (!hooks.concerns(attributes)) return
    const target = hooks.targetOf(attributes)
    const questions: Question<ValidatingWebhook>[] = []
    for (const { webhook } of hooks.source.candidatesFor(target)) {
      const question = await hooks.questionFor(webhook, target)
      if (question !== undefined) questions.push(question)
    }
    if (questions.length === 0) return
    if (attributes.request.signal.aborted) throw requestTimedOut()
    const failures: unknown[] = []
    await Promise.all(
      questions.map(async (question, index) => {
        try {
          await hooks.ask(question, `${FAILED_OPEN}/round_0_index_${index}`)
        } catch (error) {
          failures.push(error)
        }
      }),
    )
    if (failures.length > 0) throw failures[0]
  }
}
