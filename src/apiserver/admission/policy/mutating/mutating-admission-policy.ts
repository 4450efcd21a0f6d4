import {
  type CompiledMutation,
  type MutatingExpressions,
  mutatingExpressions,
} from '../../../../kinds/admissionregistration/expressions/mutating-expressions.ts'
import { MutatingAdmissionPolicy as PolicyKind } from '../../../../kinds/admissionregistration/v1beta1/mutating-admission-policy.ts'
import { MutatingAdmissionPolicyBinding as BindingKind } from '../../../../kinds/admissionregistration/v1beta1/mutating-admission-policy-binding.ts'
import { deepEqual } from '../../../../machinery/deep-equal.ts'
import type { KubeObject } from '../../../../machinery/kind.ts'
import { StatusError } from '../../../../machinery/status-error.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../../admission.ts'
import { admissionValues, type EvaluationInput } from '../../cel/admission-values.ts'
import { Authorization } from '../../cel/authorization.ts'
import { CONDITIONS_BUDGET, evaluateConditions } from '../../cel/evaluate-conditions.ts'
import { OutOfBudget } from '../../cel/expression-run.ts'
import { POLICY_BUDGET, policyRun } from '../../cel/policy-run.ts'
import { type AdmissionTarget, targetOf } from '../../dynamic/admission-target.ts'
import { NamespaceSelection } from '../../dynamic/namespaces.ts'
import { schemaKindOf, storedFrom, versionedObjects } from '../../dynamic/object-view.ts'
import type { Reinvocation } from '../../dynamic/reinvocation.ts'
import { collectParams, paramResource } from '../collect-params.ts'
import { matchConstraints, type PolicyMatch } from '../policy-matching.ts'
import { namespaceOfTarget, type PolicyPorts } from '../policy-ports.ts'
import { type PolicyHook, PolicySource } from '../policy-source.ts'
import { errorTypeOfMessage } from '../validating/decision.ts'
import { applyConfiguration, applyPatch, decodeApplied, decodePatched } from './apply-mutation.ts'
import { PolicyErrors } from './policy-errors.ts'

type Hook = PolicyHook<PolicyKind, BindingKind>

/** A policy that is to be applied, by one binding with one parameter. */
interface Invocation {
  readonly policy: PolicyKind
  readonly binding: BindingKind
  readonly match: PolicyMatch
  readonly params: unknown
}

/** Changes objects by the expressions of MutatingAdmissionPolicies that are bound. */
export class MutatingAdmissionPolicy implements AdmissionPlugin {
  readonly name = 'MutatingAdmissionPolicy'
  readonly operations = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const
  readonly #ports: PolicyPorts
  readonly #source: PolicySource<PolicyKind, BindingKind>
  readonly #namespaces: NamespaceSelection
  readonly #compiled = new WeakMap<PolicyKind, MutatingExpressions>()

  constructor(ports: PolicyPorts) {
    this.#ports = ports
    this.#source = new PolicySource(ports.resources, PolicyKind, BindingKind)
    this.#namespaces = new NamespaceSelection(ports.resources)
  }

  concerns(attributes: AdmissionAttributes): boolean {
    return this.#source.concerns(attributes)
  }

  async mutate(
    attributes: AdmissionAttributes,
    reinvocation: Reinvocation,
  ): Promise<KubeObject | undefined> {
    await this.#source.load()
    if (!this.concerns(attributes)) return undefined
    const target = targetOf(attributes, this.#ports.resources)
    const errors = new PolicyErrors()
    const invocations: Invocation[] = []
    for (const hook of this.#source.candidatesFor(target)) {
      invocations.push(...(await this.#invocationsOf(hook, target, errors)))
    }
    const object =
      invocations.length === 0
        ? undefined
        : await this.#apply(invocations, target, reinvocation, errors)
    errors.throwRefusal(target)
    return object === attributes.object ? undefined : object
  }

  async #invocationsOf(
    { policy, bindings }: Hook,
    target: AdmissionTarget,
    errors: PolicyErrors,
  ): Promise<readonly Invocation[]> {
    const { matchConstraints: constraints, paramKind } = policy.spec
    const { resources } = this.#ports
    const invocations: Invocation[] = []
    let match: PolicyMatch | undefined
    let paramsFrom: ReturnType<typeof paramResource> | undefined
    try {
      if (constraints === undefined) {
        throw new Error('policy contained no match constraints, a required field')
      }
      match = await matchConstraints(constraints, target, this.#namespaces)
      if (match === undefined) return []
      paramsFrom = paramKind && paramResource(resources, paramKind)
    } catch (error) {
      errors.misconfigured(policy, undefined, error)
      return []
    }
    for (const binding of bindings) {
      const { matchResources, paramRef } = binding.spec
      try {
        const isBound =
          matchResources === undefined ||
          (await matchConstraints(matchResources, target, this.#namespaces)) !== undefined
        if (!isBound) continue
        for (const params of await collectParams(paramsFrom, paramRef, target.namespace)) {
          invocations.push({ policy, binding, match, params })
        }
      } catch (error) {
        errors.misconfigured(policy, binding, error)
      }
    }
    return invocations
  }

  /** The object after all policies, each of which sees what the last one left. */
  async #apply(
    invocations: readonly Invocation[],
    given: AdmissionTarget,
    reinvocation: Reinvocation,
    errors: PolicyErrors,
  ): Promise<KubeObject | undefined> {
    const { isSecondRound } = reinvocation
    const round = reinvocation.roundOf(this.name)
    const { object: first } = given.attributes
    if (isSecondRound && !deepEqual(round.lastOutput, first)) round.requireInvoked()
    const namespace = await namespaceOfTarget(given, this.#namespaces)
    const authorization = new Authorization(this.#ports.authorizer, given)
    let target = given
    let isEvaluated = false
    for (const invocation of invocations) {
      const { policy, binding, match, params } = invocation
      const expressions = this.#expressionsOf(policy)
      const id = idOf(invocation)
      const input = async (): Promise<EvaluationInput> => ({
        ...{ target, matched: match, authorization, params, namespace },
        objects: await versionedObjects(target, target.attributes, match.kind, match.served),
      })
      const matches = await this.#meetsConditions(invocation, expressions, await input(), errors)
      if (!matches || (isSecondRound && !round.isDue(id))) continue
      const before = target.attributes.object
      for (const mutation of expressions.mutations) {
        if (target.attributes.object === undefined) continue
        const started = this.#ports.clock.monotonic()
        let message: string | undefined
        try {
          const object = await this.#mutate(mutation, expressions, match, await input())
          target = { ...target, attributes: { ...target.attributes, object } }
          isEvaluated = true
        } catch (error) {
          if (error instanceof StatusError) throw error
          message = (error as Error).message
          errors.failed(policy, binding, message)
        }
        this.#ports.observer.checked({
          policy: policy.metadata.name,
          binding: binding.metadata.name,
          errorType: message === undefined ? 'no_error' : errorTypeOfMessage(message),
          durationMs: this.#ports.clock.monotonic() - started,
        })
      }
      if (!deepEqual(before, target.attributes.object)) {
        round.requireInvoked()
        reinvocation.isNeeded = true
      }
      if (policy.spec.reinvocationPolicy === 'IfNeeded') round.addInvoked(id)
    }
    if (isEvaluated) {
      round.requireInvoked()
      reinvocation.isNeeded = true
    }
    round.lastOutput = target.attributes.object
    return target.attributes.object
  }

  async #meetsConditions(
    { policy, binding }: Invocation,
    expressions: MutatingExpressions,
    input: EvaluationInput,
    errors: PolicyErrors,
  ): Promise<boolean> {
    if (expressions.conditions.length === 0) return true
    const { clock, conditionObserver } = this.#ports
    const started = clock.monotonic()
    const outcome = await input.authorization.settled(() =>
      evaluateConditions(
        expressions.conditions,
        policyRun(expressions, runInput(input), CONDITIONS_BUDGET),
        policy.spec.failurePolicy,
      ),
    )
    const { operation } = input.target
    const told = {
      name: policy.metadata.name,
      kind: 'policy',
      type: 'validate',
      operation,
    } as const
    for (let count = 0; count < outcome.errorCount; count++) conditionObserver.failed(told)
    conditionObserver.evaluated(told, clock.monotonic() - started)
    if (outcome.error !== undefined) errors.failed(policy, binding, outcome.error.message)
    return outcome.matches
  }

  /** The object as stored after one mutation. Rejects with an Error whose text is upstream's. */
  async #mutate(
    { patchType, expression }: CompiledMutation,
    expressions: MutatingExpressions,
    match: PolicyMatch,
    input: EvaluationInput,
  ): Promise<KubeObject> {
    const { target, objects } = input
    if (expression.problem !== undefined) throw new Error(expression.problem)
    const { value, error } = await input.authorization.settled(() =>
      evaluateOrFail(() =>
        policyRun(expressions, runInput(input), POLICY_BUDGET).evaluate(expression),
      ),
    )
    if (error !== undefined) throw new Error(error)
    const kind = schemaKindOf(target, match.served)
    const object = objects.object as KubeObject
    if (kind === undefined) throw new Error(`the options of a connection cannot be changed`)
    const current = target.attributes.object as KubeObject
    if (patchType === 'ApplyConfiguration') {
      const applied = decodeApplied(kind, applyConfiguration(kind, object, value))
      return storedFrom(target, current, applied, match.served)
    }
    const patched = applyPatch(object, value)
    if (patched === object) return current
    return storedFrom(target, current, decodePatched(kind, patched), match.served)
  }

  #expressionsOf(policy: PolicyKind): MutatingExpressions {
    let expressions = this.#compiled.get(policy)
    if (expressions === undefined) {
      expressions = mutatingExpressions(policy.spec)
      this.#compiled.set(policy, expressions)
    }
    return expressions
  }
}

function runInput(input: EvaluationInput) {
  return { values: admissionValues(input), authorization: input.authorization }
}

/** The policy with its binding and parameter, among all. */
function idOf({ policy, binding, params }: Invocation): string {
  const { metadata } = (params ?? {}) as Partial<KubeObject>
  const names = [policy.metadata.name, binding.metadata.name, metadata?.namespace, metadata?.name]
  return JSON.stringify(names)
}

function evaluateOrFail<T>(evaluate: () => T): T | { value?: undefined; error: string } {
  try {
    return evaluate()
  } catch (error) {
    if (error instanceof OutOfBudget) return { error: error.message }
    throw error
  }
}
