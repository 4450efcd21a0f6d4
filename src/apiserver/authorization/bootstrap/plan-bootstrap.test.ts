import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AUTOUPDATE_ANNOTATION } from './bootstrap-policy.ts'
import { type BindingState, planBinding, planRole, type RoleState } from './plan-bootstrap.ts'

const metadata = {
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
  annotations: { [AUTOUPDATE_ANNOTATION]: 'true' },
}
const rule = (verbs: readonly string[], resources: readonly string[]) => ({
  verbs,
  apiGroups: [''],
  resources,
})
const selector = (key: string) => ({ matchLabels: { [key]: 'true' } })

describe('a bootstrap role', () => {
  const wanted: RoleState = { metadata, rules: [rule(['get', 'list'], ['pods', 'services'])] }

  test('that holds at least what it must stays as it is, however it is written', () => {
    const split = [rule(['list', 'get'], ['pods']), rule(['*'], ['services', 'nodes'])]
    assert.equal(planRole({ metadata, rules: split }, wanted), undefined)
    assert.equal(planRole(wanted, wanted), undefined)
  })

  test('gets what is missing, and keeps what was added', () => {
    const own = rule(['delete'], ['nodes'])
    const plan = planRole({ metadata, rules: [own, rule(['get'], ['pods', 'services'])] }, wanted)
    assert.deepEqual(plan?.rules?.slice(0, 1), [own])
    assert.deepEqual(plan?.rules?.slice(2), [
      rule(['list'], ['pods']),
      rule(['list'], ['services']),
    ])
  })

  test('whose administrator says no is left alone', () => {
    const theirs = { metadata: { annotations: { [AUTOUPDATE_ANNOTATION]: 'false' } }, rules: [] }
    assert.equal(planRole(theirs, wanted), undefined)
  })

  test('gets its labels back, while those of others and their values stay', () => {
    const changed = { labels: { team: 'a', 'kubernetes.io/bootstrapping': 'mine' } }
    const plan = planRole({ ...wanted, metadata: changed }, wanted)
    assert.deepEqual(plan?.metadata, { ...changed, annotations: metadata.annotations })
  })

  test('that aggregates others keeps the rules that were gathered', () => {
    const aggregationRule = { clusterRoleSelectors: [selector('to-admin')] }
    const gathered = { metadata, aggregationRule, rules: [rule(['*'], ['*'])] }
    assert.equal(planRole(gathered, { metadata, aggregationRule }), undefined)
    const more = { clusterRoleSelectors: [selector('to-admin'), selector('to-view')] }
    const extended = planRole(gathered, { metadata, aggregationRule: more })
    assert.deepEqual(extended?.aggregationRule, more)
    assert.deepEqual(extended?.rules, gathered.rules)
    const ended = planRole(gathered, { metadata, rules: [] })
    assert.ok(ended !== undefined && ended.aggregationRule === undefined)
  })
})

describe('a bootstrap binding', () => {
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }
  const user = { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'a' }
  const account = { kind: 'ServiceAccount', name: 'b', namespace: 'kube-system' }
  const wanted: BindingState = { metadata, roleRef, subjects: [user, account] }

  test('gets the subjects that are missing, and keeps the others', () => {
    const other = { ...account, namespace: 'other' }
    const plan = planBinding({ metadata, roleRef, subjects: [other, user] }, wanted)
    assert.deepEqual(plan, { metadata, subjects: [other, user, account] })
    const all = { metadata, roleRef, subjects: [account, other, user] }
    assert.equal(planBinding(all, wanted), undefined)
  })

  test('to another role is made anew, unless its administrator says no', () => {
    const changed = { ...wanted, roleRef: { ...roleRef, name: 'edit' } }
    assert.equal(planBinding(changed, wanted), 'recreate')
    const annotations = { [AUTOUPDATE_ANNOTATION]: 'false' }
    assert.equal(planBinding({ ...changed, metadata: { annotations } }, wanted), undefined)
  })
})
