import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import { takeTurns } from './take-turns.ts'

const { signal } = new AbortController()
const requestOf = (path: string) => new ServerRequest({ method: 'GET', url: path, signal })
const RESPONSE: ServerResponse = { type: 'object', code: 200, object: {} }

/** Asks for paths, of a priority level, and says which of them have begun. */
function asked() {
  const filter = takeTurns()
  const begun: string[] = []
  const ask = (path: string, level?: string) => {
    const request = requestOf(path)
    request.priorityLevel = level
    return filter(request, ({ path: one }) => {
      begun.push(one)
      return Promise.resolve(RESPONSE)
    })
  }
  return { begun, ask }
}

test('what comes together begins a few at a time, in its order, and a lone request at once', async () => {
  const { begun, ask } = asked()
  const counts: number[] = []
  const paths = Array.from({ length: 10 }, (_, index) => `/${index}`)
  const answers = paths.map((path) => ask(path))
  for (let turn = 0; turn < 4; turn++) {
    counts.push(begun.length)
    await nextTurn()
  }
  assert.deepEqual(counts, [4, 8, 10, 10])
  assert.deepEqual(begun, paths)
  assert.equal((await Promise.all(answers)).length, 10)
  void ask('/late')
  assert.equal(begun.at(-1), '/late')
})

test('who comes while others wait does not overtake them', async () => {
  const { begun, ask } = asked()
  const first = ['/0', '/1', '/2', '/3', '/4', '/5'].map((path) => ask(path))
  const last = ask('/6')
  await Promise.all([...first, last])
  assert.deepEqual(begun, ['/0', '/1', '/2', '/3', '/4', '/5', '/6'])
})

test('a level’s flood does not stand before another’s few', async () => {
  const { begun, ask } = asked()
  const flood = Array.from({ length: 100 }, (_, index) => ask(`/flood/${index}`, 'workload-low'))
  const few = ['/lease', '/node'].map((path) => ask(path, 'node-high'))
  await Promise.all(few)
  assert.ok(begun.length <= 12, `${begun.length} began before`)
  await Promise.all(flood)
  const ofFlood = begun.filter((path) => path.startsWith('/flood/'))
  assert.deepEqual(
    ofFlood,
    Array.from({ length: 100 }, (_, index) => `/flood/${index}`),
  )
})
