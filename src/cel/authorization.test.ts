import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AuthorizationAnswer,
  type AuthorizationQuestion,
  evaluateWithAuthorizer,
} from './authorization.ts'
import { compile } from './compile.ts'
import { AUTHORIZER } from './functions/signature.ts'
import { KUBERNETES_ENVIRONMENT } from './kubernetes-environment.ts'

const environment = KUBERNETES_ENVIRONMENT.extend({ variables: { authorizer: AUTHORIZER } })

function evaluate(
  expression: string,
  ask: (question: AuthorizationQuestion) => AuthorizationAnswer | Promise<AuthorizationAnswer>,
  costLimit?: number,
) {
  const { program, errors } = compile(environment, expression)
  assert.ok(program !== undefined, errors)
  return evaluateWithAuthorizer(ask, (authorizer) => program.evaluate({ authorizer }, costLimit))
}

/** An expression may cost two checks; these tests ask more. */
const THREE_CHECKS = 1_100_000

const allow: AuthorizationAnswer = { isAllowed: true, reason: 'because' }

test('a check names the parts of what is asked', () => {
  const questions: AuthorizationQuestion[] = []
  const ask = (question: AuthorizationQuestion) => {
    questions.push(question)
    return allow
  }
  const result = evaluate(
    "authorizer.group('apps').resource('deployments').subresource('scale').namespace('a')" +
      ".name('b').fieldSelector('x=y').labelSelector('z').check('get').allowed()" +
      " && authorizer.path('/healthz').check('get').reason() == 'because'" +
      " && authorizer.serviceAccount('ns', 'sa').group('').resource('pods').check('list').allowed()",
    ask,
    THREE_CHECKS,
  )
  assert.ok(!(result instanceof Promise))
  assert.equal(result.value, true)
  assert.deepEqual(questions, [
    {
      ...{ group: 'apps', resource: 'deployments', subresource: 'scale', namespace: 'a' },
      ...{ name: 'b', fieldSelector: 'x=y', labelSelector: 'z', verb: 'get' },
      serviceAccount: undefined,
    },
    { path: '/healthz', verb: 'get', serviceAccount: undefined },
    {
      ...{ group: '', resource: 'pods', verb: 'list' },
      serviceAccount: { namespace: 'ns', name: 'sa' },
    },
  ])
})

test('answers that come later are waited for, and each is asked for once', async () => {
  let asked = 0
  const ask = async () => {
    asked++
    return allow
  }
  const check = "authorizer.group('').resource('pods').check('get').allowed()"
  const other = "authorizer.group('').resource('nodes').check('get').allowed()"
  const result = evaluate(`${check} && ${other} && ${check}`, ask, THREE_CHECKS)
  assert.ok(result instanceof Promise)
  assert.equal((await result).value, true)
  assert.equal(asked, 2)
})

test('a check is dear, an error is told, and names must be names', () => {
  const failing = () => ({ isAllowed: false, reason: '', error: 'down' })
  const check = "authorizer.path('/x').check('get')"
  const told = evaluate(`${check}.errored() && ${check}.error() == 'down'`, failing)
  assert.ok(!(told instanceof Promise))
  assert.equal(told.value, true)
  assert.ok(told.cost > 700_000)
  const thrice = evaluate(`${check}.allowed() || ${check}.allowed() || ${check}.allowed()`, failing)
  assert.ok(!(thrice instanceof Promise))
  assert.equal(thrice.isCostExceeded, true)
  const wrong = evaluate("authorizer.serviceAccount('NS', 'sa').path('/x').check('get')", failing)
  assert.ok(!(wrong instanceof Promise))
  assert.equal(wrong.error?.message, 'Invalid service account namespace')
})
