import { StatusError } from '../../../../machinery/status-error.ts'
import type { AdmissionTarget } from '../../dynamic/admission-target.ts'
import { forbiddenTarget } from '../forbidden-target.ts'
import type { Policy, PolicyBinding } from '../policy-source.ts'

interface PolicyError {
  readonly message: string
  readonly reason: 'Invalid' | ''
}

/** What mutating policies could not do: refusals, where their failure policies do not forgive. */
export class PolicyErrors {
  readonly #errors: PolicyError[] = []

  /** A policy, or its binding, cannot be evaluated at all. */
  misconfigured(policy: Policy, binding: PolicyBinding | undefined, error: unknown): void {
    const what = binding === undefined ? 'policy' : 'binding'
    this.#add(policy, binding, `failed to configure ${what}: ${(error as Error).message}`, '')
  }

  /** It was evaluated, and failed. */
  failed(policy: Policy, binding: PolicyBinding, message: string): void {
    this.#add(policy, binding, message, 'Invalid')
  }

  /** Throws what the client is told: the first, with all as causes. */
  throwRefusal(target: AdmissionTarget): void {
    const [first] = this.#errors
    if (first === undefined) return
    const { details } = forbiddenTarget(target, '')
    throw new StatusError(first.reason === '' ? 'Forbidden' : first.reason, first.message, {
      code: 403,
      details: { ...details, causes: this.#errors.map(({ message }) => ({ message })) },
    })
  }

  #add(
    { metadata, spec }: Policy,
    binding: PolicyBinding | undefined,
    why: string,
    reason: PolicyError['reason'],
  ): void {
    if (spec.failurePolicy === 'Ignore') return
    const by =
      binding === undefined
        ? `policy ${JSON.stringify(metadata.name)}`
        : `policy '${metadata.name}' with binding '${binding.metadata.name}'`
    this.#errors.push({ message: `${by} denied request: ${why}`, reason })
  }
}
