import { compileExpression, type Expression } from './expression.ts'
import { JSON_PATCH_LIST, OBJECT_TYPE, withMutations } from './mutation-types.ts'
import {
  type PolicyExpressions,
  type PolicyExpressionsSpec,
  policyExpressions,
} from './policy-expressions.ts'

/** What of a mutating policy holds expressions, in any version. */
export interface MutatingExpressionsSpec extends PolicyExpressionsSpec {
  readonly mutations?: readonly MutationSpec[] | undefined
}

export interface MutationSpec {
  readonly patchType: string
  readonly applyConfiguration?: { readonly expression?: string | undefined } | undefined
  readonly jsonPatch?: { readonly expression?: string | undefined } | undefined
}

/** The expressions of a mutating policy, in the order of their fields. */
export interface MutatingExpressions extends PolicyExpressions {
  readonly mutations: readonly CompiledMutation[]
}

export interface CompiledMutation {
  readonly patchType: 'ApplyConfiguration' | 'JSONPatch'
  readonly expression: Expression
}

export function mutatingExpressions(spec: MutatingExpressionsSpec): MutatingExpressions {
  const policy = policyExpressions(spec)
  const environment = withMutations(policy.usual)
  const mutations = (spec.mutations ?? []).map((mutation): CompiledMutation => {
    const { patchType, jsonPatch, applyConfiguration } = mutation
    if (patchType === 'JSONPatch') {
      const expression = compileExpression(
        environment,
        jsonPatch?.expression ?? '',
        JSON_PATCH_LIST,
      )
      return { patchType, expression }
    }
    const text = applyConfiguration?.expression ?? ''
    const expression = compileExpression(environment, text, OBJECT_TYPE)
    return { patchType: 'ApplyConfiguration', expression }
  })
  return { ...policy, mutations }
}
