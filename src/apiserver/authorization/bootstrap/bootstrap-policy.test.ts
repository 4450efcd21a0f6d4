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

/** Of features that are off by default upstream and on here, as what they concern is served. */
const ROLES_OF_FEATURES: ReadonlySet<string> = new Set([
  'system:cluster-trust-bundle-discovery',
  'system:controller:kube-apiserver-serving-clustertrustbundle-publisher',
  'system:controller:podcertificaterequestcleaner',
  'system:controller:podgroup-protection-controller',
  'system:controller:storage-version-migrator-controller',
])
const RULES_OF_FEATURES: Readonly<Record<string, readonly string[]>> = {
  'system:aggregate-to-edit': [
    'create delete deletecollection patch update of podgroups workloads in scheduling.k8s.io',
  ],
  'system:aggregate-to-view': [
    'get list watch of podgroups podgroups/status workloads in scheduling.k8s.io',
  ],
  'system:kube-scheduler': [
    'get list watch of podgroups in scheduling.k8s.io',
    'patch update of podgroups/status in scheduling.k8s.io',
  ],
  'system:node': [
    'get list watch of clustertrustbundles in certificates.k8s.io',
    'create get list watch of podcertificaterequests in certificates.k8s.io',
  ],
}

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

/** Without what the features add, which must be there. */
function byDefault(items: readonly unknown[]): readonly Item[] {
  const all = ours(items)
  for (const name of ROLES_OF_FEATURES) {
    assert.ok(
      all.some(({ metadata }) => metadata.name === name),
      name,
    )
  }
  return all.filter(({ metadata }) => !ROLES_OF_FEATURES.has(metadata.name))
}

function withoutFeatures(role: Item): Item {
  const added = RULES_OF_FEATURES[role.metadata.name]?.map(parseRule)
  if (added === undefined) return role
  const rules = role.rules as readonly unknown[]
  assert.deepEqual(rules.slice(-added.length), JSON.parse(JSON.stringify(added)))
  return { ...role, rules: rules.slice(0, -added.length) }
}

describe("bootstrap roles and bindings equal upstream's", { skip }, () => {
  const policy = bootstrapPolicy()

  test('cluster roles', () => {
    const found = byDefault(policy.clusterRoles).map(withoutFeatures)
    assert.deepEqual(found, upstream('cluster-roles', 'controller-roles'))
  })

  test('cluster role bindings', () => {
    assert.deepEqual(
      byDefault(policy.clusterRoleBindings),
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
