import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { UserInfo } from '../request.ts'
import { parseRequestInfo } from '../request-info.ts'
import { parseAuditPolicy } from './audit-policy.ts'
import { DEFAULT_AUDIT_POLICY } from './default-policy.ts'
import { policyEvaluator } from './evaluate-policy.ts'

const ALICE: UserInfo = { name: 'alice', groups: ['developers', 'system:authenticated'] }
const NODE: UserInfo = { name: 'system:node:a', groups: ['system:nodes'] }
const PODS = '/api/v1/namespaces/default/pods'

const policyOf = (rules: string) =>
  parseAuditPolicy(`apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n${rules}`)

/** The level that a policy gives to `METHOD URL`. */
async function levels(text: string, requests: readonly string[], user?: UserInfo) {
  const evaluate = policyEvaluator(await parseAuditPolicy(text))
  return requests.map((request) => {
    const [method = '', url = ''] = request.split(' ')
    const [path = '', query = ''] = url.split('?')
    return evaluate(parseRequestInfo(method, path, new URLSearchParams(query)), user).level
  })
}

describe('a policy', () => {
  const rule = (fields: string) =>
    `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- ${fields}\n- {level: Request}\n`

  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['users: [alice], verbs: [get]', [`GET ${PODS}/a`], [`DELETE ${PODS}/a`]],
    ['users: [bob]', [], [`GET ${PODS}/a`]],
    ['userGroups: [ops, developers]', [`GET ${PODS}/a`, 'GET /healthz'], []],
    ['namespaces: [default]', [`GET ${PODS}`], ['GET /api/v1/pods', 'GET /healthz']],
    ["namespaces: ['']", ['GET /api/v1/nodes'], [`GET ${PODS}`]],
    [
      "resources: [{group: '', resources: [pods]}]",
      [`GET ${PODS}`],
      [`GET ${PODS}/a/log`, 'GET /apis/apps/v1/deployments'],
    ],
    [
      "resources: [{group: '', resources: ['pods/*']}]",
      [`GET ${PODS}/a/log`, `GET ${PODS}/a`],
      ['GET /api/v1/nodes'],
    ],
    [
      "resources: [{group: '*', resources: ['*/status']}]",
      ['PUT /apis/apps/v1/namespaces/a/deployments/b/status'],
      ['PUT /apis/apps/v1/namespaces/a/deployments/b'],
    ],
    [
      "resources: [{group: '', resources: [pods], resourceNames: [a]}]",
      [`GET ${PODS}/a`],
      [`GET ${PODS}/b`, `GET ${PODS}`],
    ],
    ['resources: [{group: apps}]', ['GET /apis/apps/v1/deployments'], [`GET ${PODS}`]],
    [
      "nonResourceURLs: ['/healthz*', /version]",
      ['GET /healthz/etcd', 'GET /version'],
      [`GET ${PODS}`, 'GET /livez'],
    ],
  ]
  for (const [fields, matching, others] of cases) {
    test(`{${fields}}`, async () => {
      const text = rule(`{level: Metadata, ${fields}}`)
      const found = await levels(text, [...matching, ...others], ALICE)
      const expected = [...matching.map(() => 'Metadata'), ...others.map(() => 'Request')]
      assert.deepEqual(found, expected)
    })
  }

  test('stages of the policy and of the rule are left out; managed fields by either', async () => {
    const policy = await parseAuditPolicy(
      'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\n' +
        'omitManagedFields: true\nrules:\n' +
        '- {level: Request, verbs: [get], omitStages: [Panic]}\n' +
        '- {level: Request, omitManagedFields: false}\n',
    )
    const evaluate = policyEvaluator(policy)
    const info = (method: string) => parseRequestInfo(method, PODS, new URLSearchParams('watch=0'))
    const watching = parseRequestInfo('GET', `${PODS}/a`, new URLSearchParams())
    const first = evaluate(watching, ALICE)
    assert.deepEqual([...first.omitStages], ['RequestReceived', 'Panic'])
    assert.equal(first.omitManagedFields, true)
    assert.equal(evaluate(info('POST'), ALICE).omitManagedFields, false)
  })

  const refused: readonly (readonly [string, RegExp])[] = [
    ['- {level: Everything}', /rules\[0\]\.level: Unsupported value: "Everything"/],
    ['- {level: ""}', /rules\[0\]\.level: Required value/],
    ['- {level: None, nonResourceURLs: [healthz]}', /must begin with a '\/' character/],
    ["- {level: None, nonResourceURLs: ['/a*b']}", /must be the final character/],
    ["- {level: None, resources: [{group: '', resourceNames: [a]}]}", /at least one resource/],
    ['- {level: None, namespaces: [a], nonResourceURLs: [/a]}', /cannot apply to both/],
    ['- {level: None, omitStages: [Never]}', /allowed stages are RequestReceived,/],
    ['- {level: None, user: [a]}', /unknown field .*user/],
    ['  []', /0 rules/],
  ]
  for (const [rules, why] of refused) {
    test(`is refused: ${why.source}`, async () => {
      await assert.rejects(policyOf(rules), (error: Error) => {
        assert.match((error.cause as Error).message, why)
        return true
      })
    })
  }
})

describe('the default policy', () => {
  test('changes and looks at Secrets are logged, never their bodies', async () => {
    const requests = [
      `POST ${PODS}`,
      `PATCH ${PODS}/a`,
      `DELETE ${PODS}`,
      `POST ${PODS}/a/exec`,
      `GET ${PODS}/a/exec`,
      'GET /api/v1/secrets',
      'GET /api/v1/namespaces/a/secrets/b',
      'POST /api/v1/namespaces/a/secrets',
      'POST /apis/rbac.authorization.k8s.io/v1/clusterroles',
      'POST /api/v1/namespaces/a/serviceaccounts/b/token',
    ]
    const found = await levels(DEFAULT_AUDIT_POLICY, requests, ALICE)
    assert.deepEqual(new Set(found), new Set(['Metadata']))
    const policy = await parseAuditPolicy(DEFAULT_AUDIT_POLICY)
    assert.equal(
      policy.rules.every(({ level }) => level === 'None' || level === 'Metadata'),
      true,
    )
  })

  test('what goes on all the time is not', async () => {
    const requests = [
      `GET ${PODS}`,
      `GET ${PODS}?watch=true`,
      'GET /healthz',
      'GET /api',
      'PUT /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/a',
      'POST /api/v1/namespaces/a/events',
      'POST /apis/authorization.k8s.io/v1/subjectaccessreviews',
    ]
    const found = await levels(DEFAULT_AUDIT_POLICY, requests, ALICE)
    assert.deepEqual(new Set(found), new Set(['None']))
    const ofNodes = ['PATCH /api/v1/nodes/a/status', `PATCH ${PODS}/a/status`]
    assert.deepEqual(await levels(DEFAULT_AUDIT_POLICY, ofNodes, NODE), ['None', 'None'])
    assert.deepEqual(await levels(DEFAULT_AUDIT_POLICY, ofNodes, ALICE), ['Metadata', 'Metadata'])
  })
})
