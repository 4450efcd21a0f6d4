import type { ValidatingAdmissionPolicy } from '../../../../kinds/admissionregistration/v1/validating-admission-policy.ts'
import type { ValidatingAdmissionPolicyBinding } from '../../../../kinds/admissionregistration/v1/validating-admission-policy-binding.ts'
import { StatusError, type StatusReason } from '../../../../machinery/status-error.ts'
import type { AdmissionTarget } from '../../dynamic/admission-target.ts'
import { addAuditAnnotation, annotationJson } from '../../dynamic/audit-annotations.ts'
import { forbiddenTarget } from '../forbidden-target.ts'
import type { PolicyObserver } from '../policy-metrics.ts'
import { type Decision, errorTypeOf, errorTypeOfMessage, type PolicyResult } from './decision.ts'

const FAILURE = 'validation.policy.admission.k8s.io/validation_failure'
const MOST_ANNOTATION_LENGTH = 10 * 1024
const CODES: Readonly<Record<string, number>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
}

type Policy = ValidatingAdmissionPolicy
type Binding = ValidatingAdmissionPolicyBinding
type Denial = Extract<Decision, { readonly type: 'deny' }>

/** Does what bindings demand of decisions: denies, warns and annotates the audit event. */
export class Enforcement {
  readonly #target: AdmissionTarget
  readonly #observer: PolicyObserver
  /** The first is what the client is told. */
  #denial: { readonly message: string; readonly reason: StatusReason } | undefined
  /** Of the present policy, by key: distinct values of its bindings and parameters. */
  #annotations = new Map<string, Set<string>>()

  constructor(target: AdmissionTarget, observer: PolicyObserver) {
    this.#target = target
    this.#observer = observer
  }

  /** A policy, or its binding, cannot be evaluated at all. */
  misconfigured(policy: Policy, binding: Binding | undefined, error: unknown): void {
    if (policy.spec.failurePolicy === 'Ignore') return
    const what = binding === undefined ? 'policy' : 'binding'
    const message = `failed to configure ${what}: ${(error as Error).message}`
    this.#deny(policy, binding, { type: 'deny', message, reason: '' })
  }

  enforce(policy: Policy, binding: Binding, result: PolicyResult, durationMs: number): void {
    for (const [index, decision] of result.decisions.entries()) {
      if (decision.type === 'admit') continue
      if (decision.type === 'forgiven') {
        this.#observe(policy, binding, 'allow', errorTypeOf(decision), durationMs)
        continue
      }
      for (const action of binding.spec.validationActions) {
        this.#act(action, policy, binding, decision, index)
        this.#observe(policy, binding, action.toLowerCase(), errorTypeOf(decision), durationMs)
      }
    }
    for (const { key, value } of result.annotations) {
      const values = this.#annotations.get(key) ?? new Set()
      this.#annotations.set(key, values.add(value.slice(0, MOST_ANNOTATION_LENGTH)))
    }
    for (const message of result.annotationErrors) {
      this.#deny(policy, binding, { type: 'deny', message, reason: '' })
      this.#observe(policy, binding, 'deny', errorTypeOfMessage(message), durationMs)
    }
  }

  /** Once all bindings of a policy have been asked. */
  publish({ metadata }: Policy): void {
    const { request } = this.#target.attributes
    for (const [key, values] of this.#annotations) {
      addAuditAnnotation(request, `${metadata.name}/${key}`, [...values].join(', '))
    }
    this.#annotations = new Map()
  }

  /** Throws what the client is told, if anything has denied the write. */
  throwDenial(): void {
    if (this.#denial === undefined) return
    const { message, reason } = this.#denial
    const forbidden = forbiddenTarget(this.#target, message)
    throw new StatusError(reason, forbidden.message, {
      code: CODES[reason] ?? 422,
      details: { ...forbidden.details, causes: [{ message }] },
    })
  }

  #act(
    action: string,
    policy: Policy,
    binding: Binding,
    decision: Denial,
    expressionIndex: number,
  ): void {
    const { request } = this.#target.attributes
    const names = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`
    if (action === 'Deny') this.#deny(policy, binding, decision)
    if (action === 'Warn') request.addWarning(`Validation failed for ${names}: ${decision.message}`)
    if (action === 'Audit') {
      const failure = {
        message: decision.message,
        policy: binding.spec.policyName,
        binding: binding.metadata.name,
        expressionIndex,
        validationActions: binding.spec.validationActions,
      }
      addAuditAnnotation(request, FAILURE, annotationJson([failure]))
    }
  }

  #deny(policy: Policy, binding: Binding | undefined, { message, reason }: Denial): void {
    if (this.#denial !== undefined) return
    const bound = binding === undefined ? '' : ` with binding '${binding.metadata.name}'`
    const by = `ValidatingAdmissionPolicy '${policy.metadata.name}'${bound}`
    this.#denial = {
      message: `${by} denied request: ${message}`,
      reason: reason === '' ? 'Invalid' : reason,
    }
  }

  #observe(
    policy: Policy,
    binding: Binding,
    action: string,
    errorType: string,
    durationMs: number,
  ): void {
    const names = { policy: policy.metadata.name, binding: binding.metadata.name }
    this.#observer.checked({ ...names, action, errorType, durationMs })
  }
}
