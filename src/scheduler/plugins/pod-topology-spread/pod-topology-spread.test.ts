import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeInformers } from '../../../../test/support/fake-informers.ts'
import { type TestPod, testNode, testPod } from '../../../../test/support/scheduling-objects.ts'
import { Service } from '../../../kinds/core/v1/service.ts'
import { SchedulerCache } from '../../cache/scheduler-cache.ts'
import { assignedPodEvent, nodeEvent, pendingPodEvent } from '../../framework/cluster-event.ts'
import { CycleState } from '../../framework/cycle-state.ts'
import { podInfoOf } from '../../framework/pod-info.ts'
import { PodTopologySpread } from './pod-topology-spread.ts'

const ZONE = 'zone'
const HOSTNAME = 'kubernetes.io/hostname'
const FOO = { labels: { foo: '' } }

/** `zone1/a b` is a zone and the nodes in it; `pods` are on the nodes in that order. */
interface Layout {
  readonly zones: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Labels and specs of nodes by name. */
  readonly nodes?: Readonly<Record<string, object>>
}

function createCluster({ zones, nodes = {} }: Layout) {
  const cluster = new SchedulerCache()
  const informers = new FakeInformers()
  const plugin = new PodTopologySpread({ cluster, informers })
  for (const [zone, members] of Object.entries(zones)) {
    for (const [name, count] of Object.entries(members)) {
      const labels = zone === '' ? {} : { [ZONE]: zone, 'topology.kubernetes.io/zone': zone }
      cluster.setNode(testNode(name, { labels, spec: nodes[name] ?? {} }))
      for (let index = 0; index < count; index++) {
        const spec = { nodeName: name }
        cluster.setPod(testPod(`${name}-${index}`, { ...FOO, spec }))
      }
    }
  }
  return { cluster, plugin, informers }
}

const spread = (maxSkew: number, topologyKey: string, more: object = {}) => ({
  maxSkew,
  topologyKey,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchExpressions: [{ key: 'foo', operator: 'Exists' }] },
  ...more,
})
const pod = (...topologySpreadConstraints: object[]): TestPod => ({
  ...FOO,
  spec: { topologySpreadConstraints },
})

/** The nodes that fit. */
function fitting(layout: Layout, options: TestPod, removed: readonly string[] = []): string {
  const { cluster, plugin } = createCluster(layout)
  let state = new CycleState()
  const info = podInfoOf(testPod('incoming', options))
  if (plugin.preFilter(state, info, cluster.nodes).code === 'Skip') return 'all'
  state = state.clone()
  for (const name of removed) {
    const node = cluster.node(name.split('-')[0] ?? '')
    const gone = [...(node?.pods ?? [])].find(({ uid }) => uid === `uid-${name}`)
    assert.ok(node !== undefined && gone !== undefined)
    plugin.removePod(state, info, gone, node)
  }
  const fits = cluster.nodes.filter((node) => plugin.filter(state, info, node) === undefined)
  return fits
    .map(({ name }) => name)
    .toSorted()
    .join(' ')
}

const twoZones: Layout = { zones: { zone1: { a: 2, b: 1 }, zone2: { x: 0, y: 3 } } }

test('filter', async (t) => {
  const cases: readonly [string, Layout, TestPod, string, (readonly string[])?][] = [
    ['no constraint', twoZones, {}, 'all'],
    ['three in each zone', twoZones, pod(spread(1, ZONE)), 'a b x y'],
    ['only the empty node', twoZones, pod(spread(1, HOSTNAME)), 'x'],
    ['a skew of two', twoZones, pod(spread(2, HOSTNAME)), 'b x'],
    ['the lesser zone', { zones: { zone1: { a: 2 }, zone2: { b: 1 } } }, pod(spread(1, ZONE)), 'b'],
    [
      'both constraints',
      { zones: { zone1: { a: 1, b: 1 }, zone2: { x: 0, y: 1 } } },
      pod(spread(1, ZONE), spread(1, HOSTNAME)),
      'x',
    ],
    [
      'a node without the label',
      { zones: { zone1: { a: 1 }, '': { b: 0 } } },
      pod(spread(1, ZONE)),
      'a',
    ],
    [
      'a pod that does not match its own selector adds nothing',
      { zones: { zone1: { a: 1 }, zone2: { b: 0 } } },
      { ...pod(spread(1, ZONE)), labels: {} },
      'a b',
    ],
    [
      'pods of another namespace do not count',
      { zones: { zone1: { a: 5 }, zone2: { b: 0 } } },
      { ...pod(spread(1, ZONE)), namespace: 'other' },
      'a b',
    ],
    [
      'domains that are still to come are empty',
      { zones: { zone1: { a: 1 }, zone2: { b: 1 } } },
      pod(spread(1, ZONE, { minDomains: 3 })),
      '',
    ],
    [
      'enough domains',
      { zones: { zone1: { a: 1 }, zone2: { b: 1 } } },
      pod(spread(1, ZONE, { minDomains: 2 })),
      'a b',
    ],
    [
      'nodes that the pod does not select do not count',
      { zones: { zone1: { a: 1 }, zone2: { b: 0 } } },
      { ...FOO, spec: { nodeSelector: { zone: 'zone1' }, ...pod(spread(1, ZONE)).spec } },
      'a b',
    ],
    [
      'nodes that it does not select count where the policy says so',
      { zones: { zone1: { a: 1 }, zone2: { b: 0 } } },
      {
        ...FOO,
        spec: {
          nodeSelector: { zone: 'zone1' },
          ...pod(spread(1, ZONE, { nodeAffinityPolicy: 'Ignore' })).spec,
        },
      },
      'b',
    ],
    [
      'tainted nodes count',
      {
        zones: { zone1: { a: 1 }, zone2: { b: 0 } },
        nodes: { b: { taints: [{ key: 'k', effect: 'NoSchedule' }] } },
      },
      pod(spread(1, ZONE)),
      'b',
    ],
    [
      'tainted nodes do not count where the policy says so',
      {
        zones: { zone1: { a: 1 }, zone2: { b: 0 } },
        nodes: { b: { taints: [{ key: 'k', effect: 'NoSchedule' }] } },
      },
      pod(spread(1, ZONE, { nodeTaintsPolicy: 'Honor' })),
      'a b',
    ],
    [
      'match label keys part the pods',
      { zones: { zone1: { a: 1 }, zone2: { b: 0 } } },
      { ...pod(spread(1, ZONE, { matchLabelKeys: ['foo'] })), labels: { foo: 'new' } },
      'a b',
    ],
    ['pods imagined away', twoZones, pod(spread(1, ZONE)), 'x y', ['y-0']],
    ['pods imagined away from a node', twoZones, pod(spread(1, HOSTNAME)), 'b x', ['b-0']],
  ]
  for (const [name, layout, options, expected, removed] of cases) {
    await t.test(name, () => assert.equal(fitting(layout, options, removed), expected))
  }
})

test('the reasons', () => {
  const { cluster, plugin } = createCluster({
    zones: { zone1: { a: 1 }, zone2: { c: 0 }, '': { b: 0 } },
  })
  const state = new CycleState()
  const info = podInfoOf(testPod('incoming', pod(spread(1, ZONE))))
  plugin.preFilter(state, info, cluster.nodes)
  const reasons = ['a', 'b'].map((name) => {
    const node = cluster.node(name)
    return node && plugin.filter(state, info, node)
  })
  const text = "node(s) didn't match pod topology spread constraints"
  assert.deepEqual(reasons, [
    { code: 'Unschedulable', reasons: [text] },
    { code: 'UnschedulableAndUnresolvable', reasons: [`${text} (missing required label)`] },
  ])
})

/** Scores by node. */
function scores({ cluster, plugin }: ReturnType<typeof createCluster>, options: TestPod) {
  const state = new CycleState()
  const info = podInfoOf(testPod('incoming', options))
  const { nodes } = cluster
  if (plugin.preScore(state, info, nodes) !== undefined) return undefined
  const raw = nodes.map((node) => plugin.score(state, info, node))
  plugin.normalize(state, info, raw, nodes)
  return Object.fromEntries(nodes.map(({ name }, index) => [name, raw[index]]))
}

const prefer = (key: string, maxSkew = 1) =>
  pod(spread(maxSkew, key, { whenUnsatisfiable: 'ScheduleAnyway' }))

test('score', () => {
  // As upstream: 2, 1, 0 and 3 pods, on four nodes, times log(6).
  const even = createCluster({ zones: { zone1: { a: 2, b: 1 }, zone2: { c: 0, d: 3 } } })
  assert.deepEqual(scores(even, prefer(HOSTNAME)), { a: 20, b: 60, c: 100, d: 0 })
  assert.deepEqual(scores(even, prefer(HOSTNAME, 2)), { a: 33, b: 66, c: 100, d: 16 })
  const zones = createCluster({ zones: { zone1: { a: 3, b: 1 }, zone2: { c: 1, d: 0 } } })
  const { a, b, c, d } = scores(zones, prefer(ZONE)) ?? {}
  assert.ok(a === b && c === d && (c ?? 0) > (a ?? 0))
  const without = createCluster({ zones: { zone1: { a: 1, b: 0 }, '': { c: 0 } } })
  assert.equal(scores(without, prefer(ZONE))?.['c'], 0)
  assert.equal(scores(without, pod(spread(1, ZONE))), undefined)
  const empty = createCluster({ zones: { zone1: { a: 0, b: 0 } } })
  assert.deepEqual(scores(empty, prefer(HOSTNAME)), { a: 100, b: 100 })
})

test('pods of one service are spread without being told, also where there are no zones', () => {
  const cluster = createCluster({ zones: { '': { a: 3, b: 0 } } })
  assert.equal(scores(cluster, FOO), undefined)
  cluster.informers.add(Service, {
    metadata: { name: 's', namespace: 'default' },
    spec: { selector: { foo: '' } },
  })
  const { a = 0, b = 0 } = scores(cluster, FOO) ?? {}
  assert.ok(b > a)
})

test('what helps a pod that it rejected', () => {
  const { cluster, plugin } = createCluster(twoZones)
  const waiting = testPod('waiting', pod(spread(1, ZONE)))
  const at = cluster.at('a')
  const other = (options: TestPod) => testPod('other', { ...options, spec: { nodeName: 'a' } })
  const is = (event: Parameters<typeof plugin.isHelpful>[0]) => plugin.isHelpful(event, waiting)
  assert.ok(is(assignedPodEvent('Added', other(FOO), at)))
  assert.ok(is(assignedPodEvent('Deleted', other(FOO), at)))
  assert.ok(!is(assignedPodEvent('Added', other({}), at)))
  assert.ok(!is(assignedPodEvent('Deleted', other({ ...FOO, namespace: 'x' }), at)))
  assert.ok(is(assignedPodEvent('Updated', other({}), at, other(FOO))))
  assert.ok(!is(assignedPodEvent('Updated', other({ labels: { a: '' } }), at, other({}))))
  const node = (zone: string | undefined) =>
    testNode('n', zone === undefined ? {} : { labels: { [ZONE]: zone } })
  assert.ok(is(nodeEvent('Added', node('zone3'))))
  assert.ok(!is(nodeEvent('Added', node(undefined))))
  assert.ok(is(nodeEvent('Deleted', node('zone3'))))
  assert.ok(is(nodeEvent('Updated', node('zone3'), node('zone2'))))
  assert.ok(is(nodeEvent('Updated', node(undefined), node('zone2'))))
  assert.ok(!is(nodeEvent('Updated', node('zone2'), node('zone2'))))
  assert.ok(
    is(pendingPodEvent(testPod('waiting', { ...pod(spread(1, ZONE)), labels: {} }), waiting)),
  )
})
