import { describe, type TestContext, test } from 'node:test'
import type { Storage } from '../../../src/storage/storage.ts'
import { checkAgainstModel } from '../storage-simulation.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { compaction } from './compaction.ts'
import { expiry } from './expiry.ts'
import { lists } from './lists.ts'
import { reads, visibility } from './reads.ts'
import type { Engine, Scenario } from './scenario.ts'
import { watchFailures } from './watch-failures.ts'
import { deliveries, watches } from './watches.ts'
import { writes } from './writes.ts'

/** What every engine promises. `open` gives an empty store and closes it after the test. */
export function storageSuite(
  name: string,
  open: (t: TestContext, clock: VirtualClock) => Promise<Storage>,
  engine: Engine = { isRemote: false },
): void {
  const scenario: Scenario = (name, body) =>
    test(name, async (t) => {
      const clock = new VirtualClock()
      await body(await open(t, clock), clock, engine)
    })
  const embeddedOnly: Scenario = (name, body) => {
    if (!engine.isRemote) scenario(name, body)
  }

  describe(`storage suite: ${name}`, () => {
    writes(scenario)
    reads(scenario)
    visibility(embeddedOnly)
    lists(scenario)
    watches(scenario)
    deliveries(embeddedOnly)
    watchFailures(scenario)
    compaction(scenario)
    expiry(embeddedOnly)
    for (let seed = 1; seed <= 12; seed++) {
      scenario(`concurrent clients agree with a model, seed ${seed}`, (storage) =>
        checkAgainstModel(storage, seed),
      )
    }
  })
}
