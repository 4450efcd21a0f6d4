import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settle } from '../../../test/support/virtual-clock.ts'
import { untilAborted } from './until-aborted.ts'

test('what comes first counts', async () => {
  const gone = new AbortController()
  assert.equal(await untilAborted(Promise.resolve(1), gone.signal), 1)
  await assert.rejects(untilAborted(Promise.reject(new Error('no')), gone.signal), /^Error: no$/)
  const waiting = untilAborted(new Promise(() => {}), gone.signal)
  gone.abort(new Error('gone'))
  await assert.rejects(waiting, /^Error: gone$/)
})

test('a promise that fails after the signal fails unheard', async () => {
  const unheard: unknown[] = []
  const onUnheard = (reason: unknown) => unheard.push(reason)
  process.on('unhandledRejection', onUnheard)
  try {
    const failing = settle().then(() => Promise.reject(new Error('too late')))
    const aborted = AbortSignal.abort(new Error('gone'))
    await assert.rejects(untilAborted(failing, aborted), /^Error: gone$/)
    await settle()
    await settle()
    assert.deepEqual(unheard, [])
  } finally {
    process.off('unhandledRejection', onUnheard)
  }
})
