import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Registry } from 'prom-client'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { type AuthorizerStep, authorizationChain } from './authorization-chain.ts'
import { parseAuthorizationConfiguration } from './authorization-configuration.ts'
import type { Attributes } from './authorizer.ts'
import { AuthorizerMetrics } from './authorizer-metrics.ts'
import { RbacAuthorizer } from './rbac-authorizer.ts'

const ALICE = { name: 'alice', groups: ['dev'], extra: { 'example.org/a': ['b'] } }

function asks(more: Partial<Attributes> = {}): Attributes {
  return {
    ...{ user: ALICE, verb: 'list', isResourceRequest: true, namespace: 'default', group: '' },
    ...{ version: 'v1', resource: 'pods', subresource: '', name: '', path: '', fieldSelector: '' },
    ...more,
  }
}

const PATH = asks({ isResourceRequest: false, verb: 'get', path: '/logs' })
const SELECTED = asks({ fieldSelector: 'spec.nodeName=n', labelSelector: 'a in (b,c),!d' })

/** A chain of one webhook that says no to all that it is asked. */
function chainOf(onFailure: 'NoOpinion' | 'Deny', ...expressions: readonly string[]) {
  const registry = new Registry()
  let asked = 0
  const step: AuthorizerStep = {
    ...{ type: 'Webhook', version: 'v1', authorizedTtlMs: 0, unauthorizedTtlMs: 0, onFailure },
    name: 'hook.example',
    matchConditions: expressions,
    post: async () => {
      asked++
      return { kind: 'SubjectAccessReview', status: { denied: true, reason: 'asked' } }
    },
  }
  const { authorizer } = authorizationChain([step], {
    node: { authorize: () => ({ verdict: 'NoOpinion', reason: '' }) },
    rbac: new RbacAuthorizer(),
    clock: new VirtualClock(),
    logger: silentLogger,
    observer: new AuthorizerMetrics(registry),
  })
  return { authorizer, registry, asked: () => asked }
}

async function isAsked(expression: string, attributes: Attributes): Promise<boolean> {
  const { authorizer, asked } = chainOf('NoOpinion', expression)
  const { error } = await authorizer.authorize(attributes)
  assert.equal(error, undefined)
  return asked() === 1
}

describe('conditions of an authorization webhook', () => {
  for (const [expression, attributes] of [
    ['request.user == "alice" && "dev" in request.groups && request.uid == ""', asks()],
    ['request.extra["example.org/a"] == ["b"]', asks()],
    ['has(request.extra) && request.extra.size() == 0', asks({ user: { ...ALICE, extra: {} } })],
    ['has(request.resourceAttributes) && !has(request.nonResourceAttributes)', asks()],
    ['request.resourceAttributes.namespace == "default"', asks()],
    ['request.resourceAttributes.subresource == ""', asks()],
    ['!has(request.resourceAttributes.fieldSelector)', asks()],
    ['request.nonResourceAttributes.path.startsWith("/logs")', PATH],
    ['!has(request.resourceAttributes) && request.nonResourceAttributes.verb == "get"', PATH],
    ['request.resourceAttributes.fieldSelector.requirements[0].values == ["n"]', SELECTED],
    ['!has(request.resourceAttributes.fieldSelector.rawSelector)', SELECTED],
    [
      'request.resourceAttributes.labelSelector.requirements' +
        '.exists(one, one.key == "d" && one.operator == "DoesNotExist" && one.values == [])',
      SELECTED,
    ],
    [
      'request.resourceAttributes.labelSelector.requirements' +
        '.exists(one, one.key == "a" && one.operator == "In" && "c" in one.values)',
      SELECTED,
    ],
  ] as const) {
    test(expression, async () => {
      assert.equal(await isAsked(expression, attributes), true)
      assert.equal(await isAsked(`!(${expression})`, attributes), false)
    })
  }

  test('all must hold, and one that is false is stronger than an error', async () => {
    const missing = 'request.nonResourceAttributes.path == "/"'
    const { authorizer, asked, registry } = chainOf('Deny', 'true', missing, 'false')
    assert.deepEqual(await authorizer.authorize(asks()), { verdict: 'NoOpinion', reason: '' })
    assert.equal(asked(), 0)
    const shown = await registry.metrics()
    const labels = '{type="Webhook",name="hook.example"} 1'
    for (const name of [
      'match_condition_evaluation_errors_total',
      'match_condition_exclusions_total',
      'match_condition_evaluation_seconds_count',
    ]) {
      assert.ok(shown.includes(`apiserver_authorization_${name}${labels}`), name)
    }
  })

  test('with errors alone the failure policy decides, and the errors are told', async () => {
    const missing = 'request.nonResourceAttributes.path == "/"'
    const divided = '1 / size(request.uid) == 1'
    const messageOf = (expression: string, why: string) =>
      `cel evaluation error: expression '${expression}' resulted in error: ${why}`
    const first = messageOf(missing, 'no such key: nonResourceAttributes')
    const second = messageOf(divided, 'division by zero')
    for (const onFailure of ['NoOpinion', 'Deny'] as const) {
      const one = chainOf(onFailure, missing, 'true')
      assert.deepEqual(await one.authorizer.authorize(asks()), {
        ...{ verdict: onFailure, reason: '', error: first },
      })
      assert.equal(one.asked(), 0)
      const two = chainOf(onFailure, missing, divided)
      assert.deepEqual(await two.authorizer.authorize(asks()), {
        ...{ verdict: onFailure, reason: '', error: `[${first}, ${second}]` },
      })
    }
  })

  test('are read from the configuration, with the name of their webhook', async () => {
    const webhook = {
      ...{ timeout: '3s', subjectAccessReviewVersion: 'v1', failurePolicy: 'Deny' },
      connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: '/etc/hook.yaml' },
      matchConditionSubjectAccessReviewVersion: 'v1',
      matchConditions: [{ expression: 'request.user != "x"' }],
    }
    const parse = (more: object) =>
      parseAuthorizationConfiguration(
        JSON.stringify({
          apiVersion: 'apiserver.config.k8s.io/v1',
          kind: 'AuthorizationConfiguration',
          authorizers: [
            { type: 'Webhook', name: 'hook.example', webhook: { ...webhook, ...more } },
          ],
        }),
      )
    const [setting] = await parse({})
    assert.equal(setting?.type, 'Webhook')
    assert.equal(setting.name, 'hook.example')
    assert.deepEqual(setting.webhook.matchConditions, ['request.user != "x"'])
    await assert.rejects(parse({ matchConditionSubjectAccessReviewVersion: 'v1beta1' }), {
      message:
        'authorizers[0].matchConditionSubjectAccessReviewVersion: ' +
        'Unsupported value: "v1beta1": supported values: "v1"',
    })
    const many = Array.from({ length: 65 }, (_, index) => ({ expression: `${index} == 1` }))
    await assert.rejects(parse({ matchConditions: many }), {
      message: 'authorizers[0].matchConditions: Too many: 65: must have at most 64 items',
    })
  })
})
