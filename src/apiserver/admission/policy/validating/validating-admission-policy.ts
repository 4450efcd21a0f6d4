import {
  type ValidatingExpressions,
  validatingExpressions,
} from '../../../../kinds/admissionregistration/expressions/policy-expressions.ts'
import { ValidatingAdmissionPolicy as PolicyKind } from '../../../../kinds/admissionregistration/v1/validating-admission-policy.ts'
import { ValidatingAdmissionPolicyBinding as BindingKind } from '../../../../kinds/admissionregistration/v1/validating-admission-policy-binding.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../../admission.ts'
import { Authorization } from '../../cel/authorization.ts'
import type { EvaluatedOutcome } from '../../cel/evaluate-conditions.ts'
import { type AdmissionTarget, targetOf } from '../../dynamic/admission-target.ts'
import { NamespaceSelection } from '../../dynamic/namespaces.ts'
import { type VersionedObjects, versionedObjects } from '../../dynamic/object-view.ts'
import { collectParams, paramResource } from '../collect-params.ts'
import { matchConstraints, type PolicyMatch } from '../policy-matching.ts'
import { namespaceOfTarget, type PolicyPorts } from '../policy-ports.ts'
import { type PolicyHook, PolicySource } from '../policy-source.ts'
import type { PolicyResult } from './decision.ts'
import { Enforcement } from './enforcement.ts'
import { evaluatePolicy } from './evaluate-policy.ts'

type Hook = PolicyHook<PolicyKind, BindingKind>

/** Judges writes by the expressions of ValidatingAdmissionPolicies that are bound. */
export class ValidatingAdmissionPolicy implements AdmissionPlugin {
  readonly name = 'ValidatingAdmissionPolicy'
  readonly operations = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const
  readonly #ports: PolicyPorts
  readonly #source: PolicySource<PolicyKind, BindingKind>
  readonly #namespaces: NamespaceSelection
  readonly #compiled = new WeakMap<PolicyKind, ValidatingExpressions>()

  constructor(ports: PolicyPorts) {
    this.#ports = ports
    this.#source = new PolicySource(ports.resources, PolicyKind, BindingKind)
    this.#namespaces = new NamespaceSelection(ports.resources)
  }

  concerns(attributes: AdmissionAttributes): boolean {
    return this.#source.concerns(attributes)
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    await this.#source.load()
    if (!this.concerns(attributes)) return
    const target = targetOf(attributes, this.#ports.resources)
    const authorization = new Authorization(this.#ports.authorizer, target)
    const enforcement = new Enforcement(target, this.#ports.observer)
    for (const hook of this.#source.candidatesFor(target)) {
      await this.#judge(hook, target, authorization, enforcement)
    }
    enforcement.throwDenial()
  }

  async #judge(
    { policy, bindings }: Hook,
    target: AdmissionTarget,
    authorization: Authorization,
    enforcement: Enforcement,
  ): Promise<void> {
    const { matchConstraints: constraints, paramKind } = policy.spec
    const { resources } = this.#ports
    let match: PolicyMatch | undefined
    let params: ReturnType<typeof paramResource> | undefined
    try {
      if (constraints === undefined) {
        throw new Error('policy contained no match constraints, a required field')
      }
      match = await matchConstraints(constraints, target, this.#namespaces)
      if (match === undefined) return
      params = paramKind && paramResource(resources, paramKind)
    } catch (error) {
      enforcement.misconfigured(policy, undefined, error)
      return
    }
    let objects: VersionedObjects | undefined
    for (const binding of bindings) {
      let values: readonly unknown[]
      try {
        const { matchResources, paramRef } = binding.spec
        const isBound =
          matchResources === undefined ||
          (await matchConstraints(matchResources, target, this.#namespaces)) !== undefined
        if (!isBound) continue
        values = await collectParams(params, paramRef, target.namespace)
        objects ??= await versionedObjects(target, target.attributes, match.kind, match.served)
      } catch (error) {
        enforcement.misconfigured(policy, binding, error)
        continue
      }
      const namespace = await namespaceOfTarget(target, this.#namespaces)
      for (const value of values) {
        const input = { target, matched: match, objects, authorization, params: value, namespace }
        const started = this.#ports.clock.monotonic()
        const result = await this.#evaluate(policy, input)
        const durationMs = this.#ports.clock.monotonic() - started
        enforcement.enforce(policy, binding, result, durationMs)
      }
    }
    enforcement.publish(policy)
  }

  async #evaluate(
    policy: PolicyKind,
    input: Parameters<typeof evaluatePolicy>[2],
  ): Promise<PolicyResult> {
    let expressions = this.#compiled.get(policy)
    if (expressions === undefined) {
      expressions = validatingExpressions(policy.spec)
      this.#compiled.set(policy, expressions)
    }
    const { clock, conditionObserver } = this.#ports
    const compiled = expressions
    const started = clock.monotonic()
    let outcome: EvaluatedOutcome | undefined
    const result = await input.authorization.settled(() =>
      evaluatePolicy(policy, compiled, input, (became) => {
        outcome = became
      }),
    )
    if (outcome !== undefined) {
      const { operation } = input.target
      const told = {
        name: policy.metadata.name,
        kind: 'policy',
        type: 'validate',
        operation,
      } as const
      for (let count = 0; count < outcome.errorCount; count++) conditionObserver.failed(told)
      conditionObserver.evaluated(told, clock.monotonic() - started)
    }
    return result
  }
}
