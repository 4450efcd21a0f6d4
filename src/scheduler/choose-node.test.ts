import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testNode, testPod } from '../../test/support/scheduling-objects.ts'
import { seededRandom } from '../base/random.ts'
import { SchedulerCache } from './cache/scheduler-cache.ts'
import { enoughNodes, NodeChooser } from './choose-node.ts'
import { Framework } from './framework/framework.ts'
import { type Plugin, unresolvable, unschedulable } from './framework/plugin.ts'
import { podInfoOf } from './framework/pod-info.ts'
import { Nominator } from './queue/nominator.ts'

function createChooser(nodes: readonly string[], ...plugins: readonly Plugin[]) {
  const cache = new SchedulerCache()
  for (const name of nodes) cache.setNode(testNode(name))
  const nominator = new Nominator()
  const framework = new Framework(nominator)
  framework.plugins = plugins.map((plugin) => ({ plugin, weight: 1 }))
  const chooser = new NodeChooser(framework, seededRandom(1))
  const choose = (pod = testPod('p')) => chooser.choose(podInfoOf(pod), cache)
  return { cache, nominator, choose }
}

test('how many nodes are enough', () => {
  const counts = [0, 10, 99, 100, 125, 250, 500, 1000, 5000, 6000]
  assert.deepEqual(counts.map(enoughNodes), [0, 10, 99, 100, 100, 120, 230, 420, 500, 300])
})

test('a cycle looks at no more nodes than it needs, and the next goes on from there', () => {
  const nodes = Array.from({ length: 300 }, (_, index) => `n${index}`)
  const seen: string[] = []
  const watcher: Plugin = {
    name: 'Watcher',
    filter(_state, _pod, { name }) {
      seen.push(name)
      return undefined
    },
  }
  const { choose } = createChooser(nodes, watcher)
  choose()
  assert.equal(seen.length, enoughNodes(300))
  choose()
  choose()
  assert.deepEqual(new Set(seen), new Set(nodes))
})

test('the sum of weighted scores decides, and of equals any', () => {
  const score = (name: string, best: readonly string[]): Plugin => ({
    name,
    score: (_state, _pod, node) => (best.includes(node.name) ? 100 : 0),
  })
  const { choose } = createChooser(
    ['a', 'b', 'c', 'd'],
    score('X', ['a', 'b', 'c']),
    score('Y', ['b', 'c']),
  )
  const chosen = new Set(
    Array.from({ length: 30 }, () => {
      const choice = choose()
      return choice.code === 'Chosen' ? choice.nodeName : ''
    }),
  )
  assert.deepEqual([...chosen].toSorted(), ['b', 'c'])
})

test('a plugin that steps aside in PreFilter does not filter', () => {
  const idle: Plugin = {
    name: 'Idle',
    preFilter: () => ({ code: 'Skip' }),
    filter: () => unschedulable('never'),
  }
  assert.equal(createChooser(['a'], idle).choose().code, 'Chosen')
})

test('nodes that PreFilter leaves out are told as such', () => {
  const only = (name: string, ...nodeNames: string[]): Plugin => ({
    name,
    preFilter: () => ({ code: 'Continue', nodeNames: new Set(nodeNames) }),
  })
  const full: Plugin = { name: 'Full', filter: () => unschedulable('full') }
  const some = createChooser(['a', 'b', 'c'], only('X', 'a', 'gone'), full).choose()
  assert.deepEqual(some, {
    code: 'Unfit',
    message: "0/3 nodes are available: 1 full, 2 node(s) didn't satisfy plugin(s) [X].",
    rejectedBy: new Set(['X', 'Full']),
  })
  const none = createChooser(['a', 'b'], only('X', 'a'), only('Y', 'b')).choose()
  assert.equal(
    none.code === 'Unfit' && none.message,
    "0/2 nodes are available: node(s) didn't satisfy plugin(s) [X Y] simultaneously.",
  )
  const other = createChooser(['a', 'b'], only('X')).choose()
  assert.equal(
    other.code === 'Unfit' && other.message,
    "0/2 nodes are available: node(s) didn't satisfy plugin X.",
  )
})

test('reasons are counted and sorted as text', () => {
  const filter: Plugin = {
    name: 'F',
    filter: (_state, _pod, { name }) =>
      name === 'a' ? unresolvable('zeta') : unschedulable('alpha', 'Too many pods'),
  }
  const choice = createChooser(['a', 'b', 'c'], filter).choose()
  assert.equal(
    choice.code === 'Unfit' && choice.message,
    '0/3 nodes are available: 1 zeta, 2 Too many pods, 2 alpha.',
  )
})

test('the nominated node is tried first, and a pod does not count on nominated neighbours', () => {
  const crowd: Plugin = {
    name: 'Crowd',
    filter: (_state, _pod, { podCount }) => (podCount > 0 ? unschedulable('taken') : undefined),
  }
  const lonely: Plugin = {
    name: 'Lonely',
    filter: (_state, _pod, { podCount }) => (podCount === 0 ? unschedulable('lonely') : undefined),
  }
  const nominated = testPod('n', { spec: { priority: 5 }, status: { nominatedNodeName: 'b' } })
  const one = createChooser(['a', 'b', 'c'], crowd)
  one.nominator.update(nominated, undefined)
  const own = one.choose(nominated)
  assert.equal(own.code === 'Chosen' && own.nodeName, 'b')
  for (let round = 0; round < 10; round++) {
    const choice = one.choose()
    assert.notEqual(choice.code === 'Chosen' && choice.nodeName, 'b')
  }
  const urgent = createChooser(['b'], crowd)
  urgent.nominator.update(nominated, undefined)
  assert.equal(urgent.choose(testPod('u', { spec: { priority: 6 } })).code, 'Chosen')
  const two = createChooser(['b'], lonely)
  two.nominator.update(nominated, undefined)
  assert.equal(two.choose().code, 'Unfit')
})
