import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { bootstrapPolicy, parseRule } from './bootstrap-policy.ts'

const folder = join(process.cwd(), '../shared/upstream/rbac')
const skip = existsSync(folder) ? false : `upstream's roles are not at ${folder}`
/** What a distribution of upstream adds, and upstream itself does not have. */
const OF_A_DISTRIBUTION = /openshift|service-ca-cert-publisher/

interface Item {
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly rules?: unknown
}

function upstream(...files: readonly string[]): readonly Item[] {
  return files
    .flatMap((file) => parse(readFileSync(join(folder, `${file}.yaml`), 'utf8')).items as Item[])
    .filter(({ metadata }) => !OF_A_DISTRIBUTION.test(metadata.name))
    .map(({ rules, ...item }) =>
      rules === null || rules === undefined ? item : { ...item, rules },
    )
    .toSorted(byName)
}

function byName(a: Item, b: Item): number {
  const key = ({ metadata }: Item) => `${metadata.namespace ?? ''}/${metadata.name}`
  return key(a) < key(b) ? -1 : 1
}

function ours(items: readonly unknown[]): readonly Item[] {
  return (JSON.parse(JSON.stringify(items)) as Item[]).toSorted(byName)
}

describe("bootstrap roles and bindings equal upstream's", { skip }, () => {
  const policy = bootstrapPolicy()

  test('cluster roles', () => {
    assert.deepEqual(ours(policy.clusterRoles), upstream('cluster-roles', 'controller-roles'))
  })

  test('cluster role bindings', () => {
    assert.deepEqual(
      ours(policy.clusterRoleBindings),
      upstream('cluster-role-bindings', 'controller-role-bindings'),
    )
  })

  test('roles and role bindings of the system namespaces', () => {
    assert.deepEqual(ours(policy.roles), upstream('namespace-roles'))
    assert.deepEqual(ours(policy.roleBindings), upstream('namespace-role-bindings'))
  })
})

describe('the short form of rules', () => {
  test('resources, names and paths', () => {
    assert.deepEqual(parseRule('get list of pods pods/log in core apps named a b'), {
      verbs: ['get', 'list'],
      apiGroups: ['', 'apps'],
      resources: ['pods', 'pods/log'],
      resourceNames: ['a', 'b'],
    })
    assert.deepEqual(parseRule('get at /healthz /livez/*'), {
      verbs: ['get'],
      nonResourceURLs: ['/healthz', '/livez/*'],
    })
    assert.throws(() => parseRule('get pods'), /no rule/)
  })
})
