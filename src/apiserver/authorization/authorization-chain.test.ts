import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Registry } from 'prom-client'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { createLogger, silentLogger } from '../../base/logger.ts'
import { ReviewTimeout } from '../review-webhook.ts'
import { AbacAuthorizer, parseAbacPolicies } from './abac-authorizer.ts'
import { type AuthorizerStep, authorizationChain } from './authorization-chain.ts'
import {
  authorizersOfModes,
  parseAuthorizationConfiguration,
} from './authorization-configuration.ts'
import type { Attributes } from './authorizer.ts'
import { AuthorizerMetrics } from './authorizer-metrics.ts'
import { RbacAuthorizer } from './rbac-authorizer.ts'
import { WebhookAuthorizer } from './webhook-authorizer.ts'

const ALICE = { name: 'alice', groups: ['dev', 'system:authenticated'] }

function asks(more: Partial<Attributes> = {}): Attributes {
  return {
    ...{ user: ALICE, verb: 'list', isResourceRequest: true, namespace: 'default', group: '' },
    ...{ version: 'v1', resource: 'pods', subresource: '', name: '', path: '', fieldSelector: '' },
    ...more,
  }
}

describe('ABAC', () => {
  const line = (spec: object) =>
    JSON.stringify({ apiVersion: 'abac.authorization.kubernetes.io/v1beta1', kind: 'Policy', spec })
  const allows = async (text: string, attributes: Attributes) =>
    new AbacAuthorizer(parseAbacPolicies(text, 'f')).authorize(attributes).verdict === 'Allow'

  test('a line allows its subject its resources', async () => {
    const text = `# comment\n\n${line({ user: 'alice', namespace: 'default', resource: 'pods', apiGroup: '' })}`
    assert.equal(await allows(text, asks()), true)
    assert.equal(await allows(text, asks({ verb: 'delete' })), true)
    assert.equal(await allows(text, asks({ namespace: 'other' })), false)
    assert.equal(await allows(text, asks({ resource: 'secrets' })), false)
    assert.equal(await allows(text, asks({ group: 'apps' })), false)
    assert.equal(await allows(text, asks({ user: { name: 'bob', groups: [] } })), false)
  })

  test('readonly lines, groups, both, and paths', async () => {
    const everything = { namespace: '*', resource: '*', apiGroup: '*' }
    const readers = line({ group: 'dev', readonly: true, ...everything })
    assert.equal(await allows(readers, asks()), true)
    assert.equal(await allows(readers, asks({ verb: 'create' })), false)
    const both = line({ user: 'bob', group: 'dev', ...everything })
    assert.equal(await allows(both, asks()), false)
    const nobody = line(everything)
    assert.equal(await allows(nobody, asks()), false)
    const path = line({ user: '*', nonResourcePath: '/logs/*' })
    const get = { isResourceRequest: false, verb: 'get' }
    assert.equal(await allows(path, asks({ ...get, path: '/logs/x' })), true)
    assert.equal(await allows(path, asks({ ...get, path: '/api' })), false)
    assert.equal(await allows(path, asks()), false)
  })

  test('lines of the first form mean everything that they do not restrict', async () => {
    assert.equal(await allows('{"user":"alice"}', asks({ group: 'apps' })), true)
    assert.equal(await allows('{"user":"bob"}', asks()), false)
    assert.equal(await allows('{"user":"*","resource":"pods"}', asks()), true)
    assert.equal(await allows('{}', asks({ user: { name: 'x', groups: [] } })), false)
  })

  test('a slip in a line stops the server, with the line', () => {
    assert.throws(() => parseAbacPolicies('{}\n{"user":1}', '/p'), /policy file \/p, line 2: /)
    assert.throws(
      () => parseAbacPolicies(line({ users: 'x' }), '/p'),
      ({ cause }: Error) => /unknown field/.test(String(cause)),
    )
    assert.throws(() => parseAbacPolicies('{"kind":"Role","apiVersion":"v1"}', '/p'), /line 1/)
  })
})

describe('the authorization webhook', () => {
  function setUp(more: { onFailure?: 'Deny' | 'NoOpinion'; version?: string } = {}) {
    const clock = new VirtualClock()
    const sent: object[] = []
    let status: unknown = { allowed: true }
    const registry = new Registry()
    const webhook = new WebhookAuthorizer({
      ...{ clock, logger: silentLogger, observer: new AuthorizerMetrics(registry) },
      ...{ name: 'hook', version: 'v1' },
      authorizedTtlMs: 300_000,
      unauthorizedTtlMs: 30_000,
      onFailure: 'NoOpinion',
      ...more,
      post: async (review) => {
        sent.push(review)
        if (status instanceof Error) throw status
        return { ...review, status }
      },
    })
    const answer = (next: unknown) => {
      status = next
    }
    return { clock, sent, webhook, answer, registry }
  }

  test('is asked with all that a request is, selectors included', async () => {
    const { webhook, sent } = setUp()
    const user = { ...ALICE, uid: '7', extra: { a: ['b'] } }
    const selectors = { fieldSelector: 'spec.nodeName=n,x!=y', labelSelector: 'a in (b,c),!d' }
    await webhook.authorize(asks({ user, ...selectors }))
    assert.deepEqual(sent, [
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        metadata: {},
        spec: {
          resourceAttributes: {
            ...{ namespace: 'default', verb: 'list', version: 'v1', resource: 'pods' },
            fieldSelector: {
              requirements: [
                { key: 'spec.nodeName', operator: 'In', values: ['n'] },
                { key: 'x', operator: 'NotIn', values: ['y'] },
              ],
            },
            labelSelector: {
              requirements: [
                { key: 'a', operator: 'In', values: ['b', 'c'] },
                { key: 'd', operator: 'DoesNotExist' },
              ],
            },
          },
          ...{ user: 'alice', groups: ALICE.groups, extra: { a: ['b'] }, uid: '7' },
        },
      },
    ])
  })

  test('in v1beta1 the groups have their old name', async () => {
    const { webhook, sent } = setUp({ version: 'v1beta1' })
    await webhook.authorize(asks())
    const [{ apiVersion, spec }] = sent as [{ apiVersion: string; spec: { group: unknown } }]
    assert.deepEqual([apiVersion, spec.group], ['authorization.k8s.io/v1beta1', ALICE.groups])
  })

  test('its answers are kept, a yes for longer than a no', async () => {
    const { webhook, sent, clock, answer } = setUp()
    const verdict = async () => (await webhook.authorize(asks())).verdict
    assert.equal(await verdict(), 'Allow')
    answer({ allowed: false, denied: true, reason: 'because' })
    await clock.advance(299_000)
    assert.equal(await verdict(), 'Allow')
    await clock.advance(1_001)
    assert.deepEqual(await webhook.authorize(asks()), { verdict: 'Deny', reason: 'because' })
    answer({ allowed: true, denied: true })
    await clock.advance(29_000)
    assert.equal(await verdict(), 'Deny')
    await clock.advance(1_001)
    assert.equal(await verdict(), 'Deny', 'a no is stronger')
    assert.equal(sent.length, 3)
  })

  test('no answer, or one that is none, counts as the policy says and is not kept', async () => {
    for (const onFailure of ['NoOpinion', 'Deny'] as const) {
      const { webhook, answer, registry } = setUp({ onFailure })
      answer(new Error('refused'))
      assert.equal((await webhook.authorize(asks())).verdict, onFailure)
      answer(undefined)
      assert.equal((await webhook.authorize(asks())).verdict, onFailure)
      answer({ allowed: 'yes' })
      assert.equal((await webhook.authorize(asks())).verdict, 'NoOpinion')
      answer(new ReviewTimeout('too slow'))
      assert.equal((await webhook.authorize(asks({ verb: 'get' }))).error, 'too slow')
      const shown = await registry.metrics()
      const failedOpen = onFailure === 'NoOpinion' ? ['error', 'timeout'] : []
      for (const [result, count] of Object.entries({ success: 1, error: 2, timeout: 1 })) {
        const line = (name: string) =>
          `apiserver_authorization_webhook_${name}{name="hook",result="${result}"} ${count}\n`
        assert.ok(shown.includes(line('evaluations_total')))
        assert.ok(shown.includes(line('duration_seconds_count')))
        assert.equal(
          shown.includes(line('evaluations_fail_open_total')),
          failedOpen.includes(result),
        )
      }
    }
  })
})

describe('the chain', () => {
  const chain = (...steps: AuthorizerStep[]) => observedChain(new Registry(), ...steps)
  const observedChain = (registry: Registry, ...steps: AuthorizerStep[]) =>
    authorizationChain(steps, {
      observer: new AuthorizerMetrics(registry),
      node: { authorize: () => ({ verdict: 'NoOpinion', reason: '' }) },
      rbac: new RbacAuthorizer(),
      clock: new VirtualClock(),
      logger: createLogger(() => {}),
    })
  const deny: Extract<AuthorizerStep, { readonly type: 'Webhook' }> = {
    ...{ type: 'Webhook', name: 'hook', version: 'v1', authorizedTtlMs: 0, unauthorizedTtlMs: 0 },
    onFailure: 'Deny',
    post: async () => ({ kind: 'SubjectAccessReview', status: { denied: true } }),
  }

  test('the first opinion counts, whatever the order', async () => {
    const verdict = async (...steps: AuthorizerStep[]) =>
      (await chain(...steps).authorizer.authorize(asks())).verdict
    assert.equal(await verdict(deny, { type: 'AlwaysAllow', name: 'alwaysallow' }), 'Deny')
    assert.equal(await verdict({ type: 'AlwaysAllow', name: 'alwaysallow' }, deny), 'Allow')
    assert.equal(
      await verdict(
        { type: 'AlwaysDeny', name: 'alwaysdeny' },
        { type: 'AlwaysAllow', name: 'alwaysallow' },
      ),
      'Allow',
    )
    assert.equal(
      await verdict({ type: 'Node', name: 'node' }, { type: 'RBAC', name: 'rbac' }),
      'NoOpinion',
    )
    const root = { name: 'root', groups: ['system:masters'] }
    const { authorizer } = chain(deny)
    assert.equal((await authorizer.authorize(asks({ user: root }))).verdict, 'Allow')
  })

  test('opinions are counted for those who had them', async () => {
    const registry = new Registry()
    const allow: AuthorizerStep = { type: 'AlwaysAllow', name: 'all' }
    const { authorizer } = observedChain(registry, { type: 'RBAC', name: 'rbac' }, deny, allow)
    await authorizer.authorize(asks())
    await authorizer.authorize(asks())
    const counts = (await registry.metrics()).match(/^apiserver_authorization_decisions.*$/gm)
    assert.deepEqual(counts, [
      'apiserver_authorization_decisions_total' +
        '{type="Webhook",name="hook",decision="denied"} 2',
    ])
  })

  test('what kept some from judging is told where nobody says yes', async () => {
    const broken = (text: string): typeof deny => ({
      ...deny,
      onFailure: 'NoOpinion',
      post: () => Promise.reject(new Error(text)),
    })
    const decide = async (...steps: AuthorizerStep[]) =>
      await chain(...steps).authorizer.authorize(asks())
    const error = '[refused, lost]'
    const both = [broken('refused'), broken('lost'), broken('refused')]
    assert.deepEqual(await decide(...both), { verdict: 'NoOpinion', reason: '', error })
    assert.equal(
      (await decide(...both, { type: 'AlwaysAllow', name: 'alwaysallow' })).error,
      undefined,
    )
    assert.equal((await decide({ ...broken('x'), onFailure: 'Deny' })).error, 'x')
  })

  test('rules are those of all; what cannot be listed makes them incomplete', () => {
    const { rules } = chain({ type: 'AlwaysAllow', name: 'alwaysallow' }, deny)
    const found = rules.rulesFor(ALICE, 'default')
    assert.equal(found.rules.length, 2)
    assert.equal(found.isIncomplete, true)
    assert.deepEqual(found.errors, ['webhook authorizer does not support user rule resolution'])
    assert.equal(
      chain({ type: 'RBAC', name: 'rbac' }).rules.rulesFor(ALICE, 'x').isIncomplete,
      undefined,
    )
  })

  test('modes of the flag', () => {
    assert.deepEqual(authorizersOfModes(['RBAC', 'Node'], undefined), [
      { type: 'RBAC', name: 'rbac' },
      { type: 'Node', name: 'node' },
    ])
    assert.throws(() => authorizersOfModes(['rbac'], undefined), /"rbac" is not a valid mode/)
    assert.throws(() => authorizersOfModes(['RBAC', 'RBAC'], undefined), /more than once/)
    assert.throws(() => authorizersOfModes(['Webhook'], undefined), /config file not passed/)
    assert.throws(() => authorizersOfModes([], undefined), /at least one/)
  })

  test('the configuration file, with defaults', async () => {
    const text = `
apiVersion: apiserver.config.k8s.io/v1
kind: AuthorizationConfiguration
authorizers:
- type: Webhook
  name: first.example
  webhook:
    timeout: 3s
    unauthorizedTTL: 10s
    cacheAuthorizedRequests: false
    subjectAccessReviewVersion: v1
    failurePolicy: Deny
    connectionInfo: { type: KubeConfigFile, kubeConfigFile: /etc/hook.yaml }
- { type: RBAC, name: rbac }
`
    assert.deepEqual(await parseAuthorizationConfiguration(text), [
      {
        type: 'Webhook',
        name: 'first.example',
        webhook: {
          ...{ kubeconfigPath: '/etc/hook.yaml', timeoutMs: 3000, authorizedTtlMs: 0 },
          ...{ unauthorizedTtlMs: 10_000, version: 'v1', onFailure: 'Deny' },
        },
      },
      { type: 'RBAC', name: 'rbac' },
    ])
  })

  test('what is wrong with a configuration file is said, all of it', async () => {
    const text = JSON.stringify({
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AuthorizationConfiguration',
      authorizers: [
        { type: 'RBAC', name: 'a' },
        { type: 'RBAC', name: 'b' },
        { type: 'Magic', name: 'a' },
        {
          type: 'Webhook',
          name: 'B!',
          webhook: {
            timeout: '31s',
            subjectAccessReviewVersion: 'v2',
            connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: 'x' },
            matchConditions: ['true', 'true', ' ', 'request.users == ""', 'request.user'].map(
              (expression) => ({ expression }),
            ),
          },
        },
      ],
    })
    await assert.rejects(parseAuthorizationConfiguration(text), (error: Error) => {
      for (const part of [
        'authorizers[1].type: Duplicate value: "RBAC"',
        'authorizers[2].type: Unsupported value: "Magic": supported values: "ABAC", ',
        'authorizers[2].name: Duplicate value: "a"',
        'authorizers[3].name: Invalid value: "B!": authorizer name is invalid: ',
        'authorizers[3].timeout: Invalid value: "31s": must be > 0s and <= 30s',
        'authorizers[3].subjectAccessReviewVersion: Unsupported value: "v2"',
        'authorizers[3].failurePolicy: Required value',
        'authorizers[3].connectionInfo.kubeConfigFile: Invalid value: "x": must be an absolute path',
        'authorizers[3].matchConditionSubjectAccessReviewVersion: Required value: ' +
          'required if match conditions are specified',
        'authorizers[3].matchConditions[1].expression: Duplicate value: "true"',
        'authorizers[3].matchConditions[2].expression: Required value',
        'authorizers[3].matchConditions[3].expression: Invalid value: "request.users == \\"\\"": ' +
          "compilation failed: ERROR: <input>:1:8: undefined field 'users'\n" +
          ' | request.users == ""\n | .......^',
        'authorizers[3].matchConditions[4].expression: Invalid value: "request.user": ' +
          'must evaluate to bool but got string',
      ]) {
        assert.ok(error.message.includes(part), `${part} in ${error.message}`)
      }
      return true
    })
    await assert.rejects(parseAuthorizationConfiguration('kind: X'), /expected Authorization/)
  })
})
