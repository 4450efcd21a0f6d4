import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StartStages } from './start-stages.ts'

test('a check fails until its part of the start is done', async () => {
  const stages = new StartStages()
  const failing = async () => {
    const names: string[] = []
    for (const { name, check } of stages.checks) {
      const isWell = await Promise.resolve()
        .then(check)
        .then(() => true)
        .catch(() => false)
      if (!isWell) names.push(name)
    }
    return names
  }
  assert.equal((await failing()).length, stages.checks.length)
  stages.done('caches')
  const afterCaches = await failing()
  assert.ok(!afterCaches.includes('informer-sync'))
  assert.ok(afterCaches.includes('poststarthook/rbac/bootstrap-roles'))
  stages.done('objects')
  assert.ok(!(await failing()).includes('poststarthook/rbac/bootstrap-roles'))
  assert.ok((await failing()).includes('poststarthook/apiservice-registration-controller'))
  stages.done('services')
  assert.deepEqual(await failing(), [])
})
