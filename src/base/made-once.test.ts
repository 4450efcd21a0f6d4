import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MadeOnce } from './made-once.ts'

test('it is made once for all, but a failure is not kept', async () => {
  let count = 0
  const answers = [new Error('not yet'), 'done']
  const once = new MadeOnce(async () => {
    const answer = answers[count++]
    if (answer instanceof Error) throw answer
    return answer
  })
  const both = await Promise.allSettled([once.get(), once.get()])
  assert.deepEqual(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  assert.equal(count, 1)
  assert.equal(await once.get(), 'done')
  assert.equal(await once.get(), 'done')
  assert.equal(count, 2)
})
