import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeInformers } from '../../../../test/support/fake-informers.ts'
import { type TestPod, testNode, testPod } from '../../../../test/support/scheduling-objects.ts'
import { Namespace } from '../../../kinds/core/v1/namespace.ts'
import { SchedulerCache } from '../../cache/scheduler-cache.ts'
import {
  assignedPodEvent,
  type ClusterEvent,
  nodeEvent,
  pendingPodEvent,
} from '../../framework/cluster-event.ts'
import { CycleState } from '../../framework/cycle-state.ts'
import { podInfoOf } from '../../framework/pod-info.ts'
import { InterPodAffinity } from './inter-pod-affinity.ts'

const S1 = { labels: { service: 's1' } }
const S2 = { labels: { service: 's2' } }

const term = (service: string, topologyKey: string, more: object = {}) => ({
  topologyKey,
  labelSelector: { matchLabels: { service } },
  ...more,
})
const near = (...terms: object[]): TestPod => ({
  spec: { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } } },
})
const far = (...terms: object[]): TestPod => ({
  spec: {
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
  },
})
const prefer = (
  where: 'podAffinity' | 'podAntiAffinity',
  weight: number,
  one: object,
): TestPod => ({
  spec: {
    affinity: {
      [where]: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm: one }],
      },
    },
  },
})
const on = (nodeName: string, options: TestPod): TestPod => ({
  ...options,
  spec: { ...options.spec, nodeName },
})

/** Nodes a and b in region r1, c in r2, d in none; the pods by name. */
function createCluster(pods: Readonly<Record<string, TestPod>>) {
  const cluster = new SchedulerCache()
  const informers = new FakeInformers()
  informers.add(Namespace, { metadata: { name: 'default', labels: { team: 'red' } } })
  informers.add(Namespace, { metadata: { name: 'other', labels: { team: 'blue' } } })
  for (const [name, region] of Object.entries({ a: 'r1', b: 'r1', c: 'r2' })) {
    cluster.setNode(testNode(name, { labels: { region, zone: name } }))
  }
  cluster.setNode(testNode('d'))
  for (const [name, pod] of Object.entries(pods)) cluster.setPod(testPod(name, pod))
  return { cluster, plugin: new InterPodAffinity({ cluster, informers }) }
}

/** The nodes that fit, once some pods are imagined away. */
function fitting(
  pods: Readonly<Record<string, TestPod>>,
  incoming: TestPod,
  removed: readonly string[] = [],
): string {
  const { cluster, plugin } = createCluster(pods)
  let state = new CycleState()
  const info = podInfoOf(testPod('incoming', incoming))
  if (plugin.preFilter(state, info).code === 'Skip') return 'all'
  state = state.clone()
  for (const name of removed) {
    const gone = podInfoOf(testPod(name, pods[name]))
    const node = cluster.node(gone.pod.spec.nodeName ?? '')
    assert.ok(node !== undefined)
    plugin.removePod(state, info, gone, node)
  }
  const fits = cluster.nodes.filter((node) => plugin.filter(state, info, node) === undefined)
  return fits
    .map(({ name }) => name)
    .toSorted()
    .join(' ')
}

const one = { p: on('a', S1) }
const filterCases: readonly [string, Parameters<typeof fitting>, string][] = [
  ['nobody wishes anything', [one, S2], 'all'],
  ['near, in a region', [one, near(term('s1', 'region'))], 'a b'],
  ['near, in a zone', [one, near(term('s1', 'zone'))], 'a'],
  ['near pods that are not there', [one, near(term('s3', 'region'))], ''],
  [
    'near pods of another namespace',
    [one, { ...near(term('s1', 'region')), namespace: 'other' }],
    '',
  ],
  [
    'near pods of a namespace that is named',
    [one, { ...near(term('s1', 'region', { namespaces: ['default'] })), namespace: 'other' }],
    'a b',
  ],
  [
    'near pods of namespaces with a label',
    [
      one,
      {
        ...near(term('s1', 'region', { namespaceSelector: { matchLabels: { team: 'red' } } })),
        namespace: 'other',
      },
    ],
    'a b',
  ],
  [
    'near pods of all namespaces',
    [one, { ...near(term('s1', 'region', { namespaceSelector: {} })), namespace: 'other' }],
    'a b',
  ],
  [
    'one pod must answer to all terms',
    [{ p: on('a', S1), q: on('a', S2) }, near(term('s1', 'region'), term('s2', 'region'))],
    '',
  ],
  ['near, in two domains', [one, near(term('s1', 'region'), term('s1', 'zone'))], 'a'],
  ['the first of a group', [{}, { ...S1, ...near(term('s1', 'region')) }], 'a b c'],
  ['the first of another group', [{}, { ...S2, ...near(term('s1', 'region')) }], ''],
  ['not the first', [one, { ...S1, ...near(term('s1', 'zone')) }], 'a'],
  ['far, in a region', [one, far(term('s1', 'region'))], 'c d'],
  ['far, in a zone', [one, far(term('s1', 'zone'))], 'b c d'],
  [
    'far from either',
    [{ p: on('a', S1), q: on('c', S2) }, far(term('s1', 'zone'), term('s2', 'zone'))],
    'b d',
  ],
  [
    'near one and far from another',
    [
      { p: on('a', S1), q: on('b', S2) },
      {
        spec: {
          affinity: {
            ...(near(term('s1', 'region')).spec as { affinity: object }).affinity,
            ...(far(term('s2', 'zone')).spec as { affinity: object }).affinity,
          },
        },
      },
    ],
    'a',
  ],
  ['repelled', [{ p: on('a', far(term('s1', 'region'))) }, S1], 'c d'],
  ['repelled by a pod that means others', [{ p: on('a', far(term('s2', 'region'))) }, S1], 'all'],
  [
    'each far from its like',
    [{ p: on('a', { ...S1, ...far(term('s1', 'zone')) }) }, { ...S1, ...far(term('s1', 'zone')) }],
    'b c d',
  ],
  [
    'the one that repels is imagined away',
    [{ p: on('a', far(term('s1', 'region'))) }, S1, ['p']],
    'a b c d',
  ],
  ['the one to be far from is imagined away', [one, far(term('s1', 'region')), ['p']], 'a b c d'],
  ['the one to be near to is imagined away', [one, near(term('s1', 'region')), ['p']], ''],
]

test('filter', async (t) => {
  for (const [name, args, expected] of filterCases) {
    await t.test(name, () => assert.equal(fitting(...args), expected))
  }
})

test('the reasons', () => {
  const rejection = (pods: Readonly<Record<string, TestPod>>, incoming: TestPod) => {
    const { cluster, plugin } = createCluster(pods)
    const state = new CycleState()
    const info = podInfoOf(testPod('incoming', incoming))
    plugin.preFilter(state, info)
    const node = cluster.node('a')
    return node && plugin.filter(state, info, node)
  }
  assert.deepEqual(rejection(one, near(term('s3', 'zone'))), {
    code: 'UnschedulableAndUnresolvable',
    reasons: ["node(s) didn't match pod affinity rules"],
  })
  assert.deepEqual(rejection(one, far(term('s1', 'zone'))), {
    code: 'Unschedulable',
    reasons: ["node(s) didn't match pod anti-affinity rules"],
  })
  assert.deepEqual(rejection({ p: on('a', far(term('s1', 'zone'))) }, S1), {
    code: 'Unschedulable',
    reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"],
  })
})

function scores(pods: Readonly<Record<string, TestPod>>, incoming: TestPod) {
  const { cluster, plugin } = createCluster(pods)
  const state = new CycleState()
  const info = podInfoOf(testPod('incoming', incoming))
  if (plugin.preScore(state, info) !== undefined) return undefined
  const raw = cluster.nodes.map((node) => plugin.score(state, info, node))
  plugin.normalize(state, info, raw)
  return Object.fromEntries(cluster.nodes.map(({ name }, index) => [name, raw[index]]))
}

test('score', () => {
  assert.equal(scores(one, S2), undefined)
  const wish = prefer('podAffinity', 5, term('s1', 'region'))
  assert.deepEqual(scores(one, wish), { a: 100, b: 100, c: 0, d: 0 })
  const dislike = prefer('podAntiAffinity', 5, term('s1', 'zone'))
  assert.deepEqual(scores(one, dislike), { a: 0, b: 100, c: 100, d: 100 })
  const theirWish = { p: on('c', prefer('podAffinity', 5, term('s1', 'region'))) }
  assert.deepEqual(scores(theirWish, S1), { a: 0, b: 0, c: 100, d: 0 })
  const theirDislike = { p: on('c', prefer('podAntiAffinity', 5, term('s1', 'region'))) }
  assert.deepEqual(scores(theirDislike, S1), { a: 100, b: 100, c: 0, d: 100 })
  const hard = { p: on('c', { ...S1, ...near(term('s1', 'region')) }) }
  assert.deepEqual(scores(hard, S1), { a: 0, b: 0, c: 100, d: 0 })
})

test('what helps a pod that it rejected', () => {
  const { cluster, plugin } = createCluster({})
  const place = cluster.at('a')
  const other = (options: TestPod) => testPod('other', on('a', options))
  const helps = (pod: TestPod, event: ClusterEvent) =>
    event.topics.some((topic) => plugin.helpedBy.some((one) => one === topic)) &&
    plugin.isHelpful(event, testPod('waiting', pod))
  const wantsS1 = near(term('s1', 'region'))
  const fearsS1 = far(term('s1', 'region'))
  assert.ok(helps(wantsS1, assignedPodEvent('Added', other(S1), place)))
  assert.ok(!helps(wantsS1, assignedPodEvent('Added', other(S2), place)))
  assert.ok(!helps(fearsS1, assignedPodEvent('Added', other(S1), place)))
  assert.ok(helps(fearsS1, assignedPodEvent('Deleted', other(S1), place)))
  assert.ok(!helps(fearsS1, assignedPodEvent('Deleted', other(S2), place)))
  assert.ok(helps(S1, assignedPodEvent('Deleted', other(fearsS1), place)))
  assert.ok(!helps(S2, assignedPodEvent('Deleted', other(fearsS1), place)))
  assert.ok(helps(wantsS1, assignedPodEvent('Updated', other(S1), place, other(S2))))
  assert.ok(helps(fearsS1, assignedPodEvent('Updated', other(S2), place, other(S1))))
  assert.ok(!helps(fearsS1, assignedPodEvent('Updated', other(S1), place, other(S2))))
  const node = (labels: Record<string, string>) => testNode('n', { labels })
  assert.ok(helps(wantsS1, nodeEvent('Added', node({ region: 'r' }))))
  assert.ok(!helps(wantsS1, nodeEvent('Added', node({}))))
  assert.ok(helps(fearsS1, nodeEvent('Added', node({}))))
  assert.ok(helps(S1, nodeEvent('Added', node({}))))
  assert.ok(helps(wantsS1, nodeEvent('Updated', node({ region: 'r' }), node({}))))
  assert.ok(!helps(wantsS1, nodeEvent('Updated', node({ x: 'y' }), node({}))))
  assert.ok(helps(S1, pendingPodEvent(testPod('waiting', S1), testPod('waiting', S2))))
})
