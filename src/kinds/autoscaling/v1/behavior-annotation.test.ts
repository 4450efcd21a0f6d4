import assert from 'node:assert/strict'
import { test } from 'node:test'
import { behaviorText, parsedBehavior } from './behavior-annotation.ts'

test('a behavior travels in an annotation with the names that it has in Go', () => {
  const policies = [{ type: 'Pods', value: 4, periodSeconds: 15 }]
  const behavior = { scaleUp: { selectPolicy: 'Max', policies } }
  const text = behaviorText(behavior)
  assert.equal(
    text,
    '{"ScaleUp":{"StabilizationWindowSeconds":null,"SelectPolicy":"Max","Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":15}],"Tolerance":null},"ScaleDown":null}',
  )
  assert.deepEqual(parsedBehavior(text), behavior)
  assert.deepEqual(parsedBehavior(JSON.stringify(behavior)), behavior)
  for (const none of ['{', '{}', '[]', 'null', '5', '{"ScaleDown":null}', '{"ScaleUp":5}']) {
    assert.equal(parsedBehavior(none), undefined, none)
  }
  const down = '{"ScaleDown":{"StabilizationWindowSeconds":7,"bogus":1}}'
  const scaleDown = { stabilizationWindowSeconds: 7, policies: [] }
  assert.deepEqual(parsedBehavior(down), { scaleDown }, 'nobody may leave the policies out')
})
