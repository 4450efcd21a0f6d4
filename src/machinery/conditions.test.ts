import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ConditionBase,
  findCondition,
  isConditionTrue,
  removeCondition,
  setCondition,
} from './conditions.ts'

const [early, late] = ['2024-01-01T00:00:00Z', '2024-01-02T00:00:00Z']
const ready: ConditionBase = {
  type: 'Ready',
  status: 'True',
  reason: 'Up',
  lastTransitionTime: early,
}

test('the transition time changes with the status only', () => {
  const list = [ready]
  const { lastTransitionTime: _, ...same } = ready
  assert.equal(setCondition(list, same, late), list)
  assert.deepEqual(setCondition(list, { ...same, reason: 'Other' }, late), [
    { ...ready, reason: 'Other' },
  ])
  assert.deepEqual(setCondition(list, { ...same, status: 'False' }, late), [
    { ...ready, status: 'False', lastTransitionTime: late },
  ])
  assert.deepEqual(setCondition(undefined, same, late), [{ ...ready, lastTransitionTime: late }])
})

test('finding and removing', () => {
  assert.equal(findCondition([ready], 'Ready'), ready)
  assert.ok(isConditionTrue([ready], 'Ready'))
  assert.ok(!isConditionTrue(undefined, 'Ready'))
  const list = [ready]
  assert.equal(removeCondition(list, 'Other'), list)
  assert.deepEqual(removeCondition(list, 'Ready'), [])
})
