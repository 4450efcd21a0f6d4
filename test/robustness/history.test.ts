import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { seededRandom } from '../../src/base/random.ts'
import { type Break, BrokenStorage } from '../support/history/broken-storage.ts'
import { checkHistory } from '../support/history/check-history.ts'
import { type HistoryClusterOptions, runHistory } from '../support/history/history-cluster.ts'
import { seeds } from '../support/seeds.ts'

const FAR = { maxLatencyMs: 20, maxWatchLagMs: 150, lostAnswers: 0.03 }

async function assertSound(options: HistoryClusterOptions): Promise<void> {
  const history = await runHistory(options)
  const done = history.writes.filter(({ outcome }) => outcome === 'Done')
  assert.ok(done.length > 50 && history.watches.length > 10, 'that is no load')
  assert.deepEqual(checkHistory(history), [], `npm run sim -- --seed ${options.seed}`)
}

describe('what clients are told is a history that can have been', () => {
  for (const seed of seeds(2)) {
    test(`one server that crashes, seed ${seed}`, () =>
      assertSound({ seed, servers: 1, distance: FAR, seconds: 10 }))
    test(`three servers on one store, seed ${seed}`, () =>
      assertSound({ seed, servers: 3, distance: FAR, seconds: 10 }))
    test(`two servers that encrypt what they store, seed ${seed}`, () =>
      assertSound({ seed, servers: 2, distance: FAR, seconds: 10, isEncrypted: true }))
  }
})

const BREAKS: Readonly<Record<Break, RegExp>> = {
  'acknowledges what it has not written': /is not there|is both/,
  'compares with nothing': /was to follow \d+ and has followed \d+|: another object/,
  'is behind when it says how far it is': /stale/,
  'leaves events out': /and not|it was|before/,
  'reads an old state at another revision': /it was/,
  'sends events twice': /and not/,
  'writes again what was written': /made 2 times/,
}

describe('a store that breaks its word is found out', () => {
  for (const [how, expected] of Object.entries(BREAKS)) {
    test(`one that ${how}`, async () => {
      const wrap = (storage: ConstructorParameters<typeof BrokenStorage>[0]) =>
        new BrokenStorage(storage, seededRandom(1), how as Break)
      const near = { ...FAR, lostAnswers: 0 }
      const history = await runHistory({ seed: 1, servers: 2, distance: near, wrap, seconds: 6 })
      assert.match(checkHistory(history).join('\n'), expected)
    })
  }
})
