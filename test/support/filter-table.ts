import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CycleState } from '../../src/scheduler/framework/cycle-state.ts'
import type { Plugin } from '../../src/scheduler/framework/plugin.ts'
import { podInfoOf } from '../../src/scheduler/framework/pod-info.ts'
import { nodeWith, type TestNode, type TestPod, testNode, testPod } from './scheduling-objects.ts'

/** One pod, one node and what a filter says of them. */
export interface Case {
  readonly name: string
  readonly pod: TestPod
  readonly node?: TestNode
  /** Pods on the node. */
  readonly others?: readonly TestPod[]
  /** The rejection: its code's first letter and its reasons; absent where the pod fits. */
  readonly rejected?: string
}

/** `+` where removing other pods could help. */
function outcome(plugin: Plugin, { pod, node, others = [] }: Case): string | undefined {
  const state = new CycleState()
  const info = podInfoOf(testPod('incoming', pod))
  const placed = others.map((other, index) => testPod(`other-${index}`, other))
  const nodeInfo = nodeWith(testNode('machine1', node), ...placed)
  const before = plugin.preFilter?.(state, info, [nodeInfo])
  if (before?.code === 'Skip') return undefined
  if (before !== undefined && 'reasons' in before) return `pre: ${before.reasons.join(', ')}`
  if (before?.nodeNames?.has('machine1') === false) return 'left out'
  const rejection = plugin.filter?.(state, info, nodeInfo)
  if (rejection === undefined) return undefined
  const sign = rejection.code === 'Unschedulable' ? '+ ' : ''
  return `${sign}${rejection.reasons.join(', ')}`
}

/** A test for each case, named after the plugin. */
export function table(plugin: Plugin, cases: readonly Case[]): void {
  test(plugin.name, async (t) => {
    for (const one of cases) {
      await t.test(one.name, () => assert.equal(outcome(plugin, one), one.rejected))
    }
  })
}
