import assert from 'node:assert/strict'
import { FutureRevisionError, StorageClosedError } from '../../../src/storage/storage.ts'
import { recordWatch } from '../storage-recorder.ts'
import { bytes, delivered, type Scenario, write } from './scenario.ts'

/** How watches end. */
export function watchFailures(scenario: Scenario): void {
  scenario('a handler that throws ends its own watch only', async (storage, _, engine) => {
    const start = storage.revision()
    const errors: unknown[] = []
    let calls = 0
    const failing = storage.watch('/', start, {
      onEvents() {
        calls++
        throw new Error('broken handler')
      },
      onError(error) {
        errors.push(error)
        throw new Error('broken here too')
      },
    })
    const seen = recordWatch(storage, '/', start)
    await write(storage, '/a')
    await write(storage, '/b')
    await delivered(storage, seen.watch, engine)
    assert.equal(calls, 1)
    assert.match(String(errors), /^Error: broken handler$/)
    assert.equal(seen.events.length, 2)
    await assert.rejects(failing.reached(storage.revision() + 1), /ended/)
  })

  scenario(
    'a disposed watch is called no more, not even in the same turn',
    async (storage, _, engine) => {
      const start = storage.revision()
      const second = recordWatch(storage, '/', start)
      const history = recordWatch(storage, '/', 1)
      history.watch[Symbol.dispose]()
      let calls = 0
      const first = storage.watch('/', start, {
        onEvents() {
          calls++
          first[Symbol.dispose]()
        },
        onError: () => assert.fail('a disposed watch has no error'),
      })
      await Promise.all([write(storage, '/a'), write(storage, '/b')])
      await write(storage, '/c')
      await delivered(storage, second.watch, engine)
      assert.equal(calls, 1)
      assert.equal(second.events.length, 3)
      second.watch[Symbol.dispose]()
      await write(storage, '/d')
      const last = recordWatch(storage, '/', start)
      await last.watch.reached(storage.revision())
      assert.equal(last.events.length, 4)
      assert.equal(second.events.length, 3)
      assert.equal(history.events.length, 0)
      assert.deepEqual([second.errors, history.errors], [[], []])
    },
  )

  scenario('a watch of the future fails and never gets an older event', async (storage) => {
    const seen = recordWatch(storage, '/', storage.revision() + 5)
    await write(storage, '/a')
    await assert.rejects(seen.watch.reached(storage.revision() + 9))
    for (let i = 0; i < 10; i++) await write(storage, '/a')
    assert.equal(seen.events.length, 0)
    assert.ok(seen.errors[0] instanceof FutureRevisionError)
  })

  scenario('closing ends watches and refuses everything else', async (storage) => {
    const seen = recordWatch(storage, '/', storage.revision())
    const pending = write(storage, '/a')
    await storage.close()
    await pending
    assert.equal(seen.events.length, 1, 'a write that was accepted is finished and delivered')
    assert.ok(seen.errors[0] instanceof StorageClosedError)
    await assert.rejects(storage.get('/a'), StorageClosedError)
    await assert.rejects(storage.put('/a', bytes('x')), StorageClosedError)
    await assert.rejects(storage.compact(1), StorageClosedError)
    const late = recordWatch(storage, '/', storage.revision())
    await assert.rejects(late.watch.reached(storage.revision() + 1))
    assert.ok(late.errors[0] instanceof StorageClosedError)
  })
}
