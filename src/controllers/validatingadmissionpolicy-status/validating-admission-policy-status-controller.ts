import type { Client } from '../../client/client.ts'
import type { Informer } from '../../client/lister.ts'
import { ValidatingAdmissionPolicy } from '../../kinds/admissionregistration/v1/validating-admission-policy.ts'
import {
  type Controller,
  type ControllerContext,
  type Result,
  type Watch,
  watch,
} from '../runtime/controller.ts'
import { KindSchemas } from './kind-schemas.ts'
import { checkPolicy } from './type-checker.ts'

const FIELD_MANAGER = 'validatingadmissionpolicy-status-controller'

/** Says in each ValidatingAdmissionPolicy's status what types its expressions do not fit. */
export class ValidatingAdmissionPolicyStatusController implements Controller {
  readonly name = 'validatingadmissionpolicy-status-controller'
  readonly workers = 5
  readonly watches: readonly Watch[]
  readonly #client: Client
  readonly #policies: Informer<ValidatingAdmissionPolicy>
  readonly #schemas: KindSchemas

  constructor({ client, informers }: ControllerContext) {
    this.#client = client
    this.#policies = informers.for(ValidatingAdmissionPolicy)
    this.#schemas = new KindSchemas(client)
    this.watches = [
      watch(this.#policies, ({ type, object }) =>
        type === 'DELETED' || isChecked(object) ? [] : [object.metadata.name],
      ),
    ]
  }

  async reconcile(name: string): Promise<Result> {
    const policy = this.#policies.get(name)
    if (policy === undefined || isChecked(policy)) return undefined
    const expressionWarnings = await checkPolicy(policy, this.#schemas)
    const { apiVersion, kind } = ValidatingAdmissionPolicy
    const typeChecking = expressionWarnings.length === 0 ? {} : { expressionWarnings }
    const status = { observedGeneration: policy.metadata.generation, typeChecking }
    await this.#client.patch(
      ValidatingAdmissionPolicy,
      { name },
      'application/apply-patch+yaml',
      { apiVersion, kind, metadata: { name }, status },
      { fieldManager: FIELD_MANAGER, force: true, subresource: 'status' },
    )
    return undefined
  }
}

/** Of this generation all has been said. */
function isChecked({ metadata, status }: ValidatingAdmissionPolicy): boolean {
  return Number(metadata.generation ?? 0) <= Number(status.observedGeneration ?? 0)
}
