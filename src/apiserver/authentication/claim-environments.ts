import { listType, mapType, objectOf, SCALAR_TYPES, STRING_TYPE } from '../../cel/declared-types.ts'
import type { Environment } from '../../cel/environment.ts'
import { KUBERNETES_ENVIRONMENT } from '../../cel/kubernetes-environment.ts'
import { BOOL, isSameType } from '../../cel/types.ts'
import {
  compileExpression,
  type Expression,
} from '../../kinds/admissionregistration/expressions/expression.ts'

const UNBOUNDED = Number.MAX_SAFE_INTEGER

const TEXTS = listType(STRING_TYPE, UNBOUNDED)

const USER_TYPE = objectOf('kubernetes.UserInfo', {
  username: STRING_TYPE,
  uid: STRING_TYPE,
  groups: TEXTS,
  extra: mapType(TEXTS, UNBOUNDED),
})

/** Expressions about the claims of a token: `claims`. */
export const CLAIMS_ENVIRONMENT: Environment = KUBERNETES_ENVIRONMENT.extend({
  variables: { claims: mapType(SCALAR_TYPES.dyn, UNBOUNDED).type },
})

/** Expressions about the user that the claims became: `user`. */
export const USER_ENVIRONMENT: Environment = KUBERNETES_ENVIRONMENT.extend({
  // By its type alone: its values compute themselves.
  variables: { user: USER_TYPE.type },
  types: [USER_TYPE],
})

/** An expression that maps claims to whatever it gives. */
export function compileMapping(text: string): Expression {
  return compileExpression(CLAIMS_ENVIRONMENT, text)
}

/** A rule about claims or a user: it must give a boolean. */
export function compileRule(environment: Environment, text: string): Expression {
  const compiled = compileExpression(environment, text)
  const { program } = compiled
  if (program === undefined || isSameType(program.resultType, BOOL)) return compiled
  return { text, problem: 'must evaluate to bool' }
}
