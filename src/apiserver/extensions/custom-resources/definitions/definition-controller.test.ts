import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settle, VirtualClock } from '../../../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../../../base/logger.ts'
import type { Client } from '../../../../client/client.ts'
import type { CustomResourceDefinition } from '../../../../kinds/apiextensions/v1/custom-resource-definition.ts'
import { DefinitionController } from './definition-controller.ts'
import { Definitions } from './definitions.ts'

const NAME = 'boats.wherry.example'
const names = { plural: 'boats', singular: 'boat', kind: 'Boat', listKind: 'BoatList' }

function definition(uid: string, resourceVersion: string): CustomResourceDefinition {
  return {
    metadata: { name: NAME, uid, resourceVersion, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { group: 'wherry.example', names, versions: [], conversion: { strategy: 'None' } },
    status: { acceptedNames: { plural: '', kind: '' }, storedVersions: ['v1'] },
  } as unknown as CustomResourceDefinition
}

/** A controller whose writes are answered when `answer` is called. */
function start(definitions: Definitions, isShared = false, clock = new VirtualClock()) {
  const answers: (() => void)[] = []
  const client = {
    updateStatus: (_kind: unknown, written: CustomResourceDefinition) =>
      new Promise((resolve) => {
        const resourceVersion = `${Number(written.metadata.resourceVersion) + 1}`
        const metadata = { ...written.metadata, resourceVersion }
        answers.push(() => resolve({ ...written, metadata }))
      }),
  } as unknown as Client
  const stop = new AbortController()
  const controller = new DefinitionController({
    ...{ client, definitions, clock, logger: silentLogger },
    isShared,
  })
  const running = controller.run(stop.signal)
  const answer = async () => {
    answers.shift()?.()
    await settle()
  }
  const end = () => {
    stop.abort()
    return running
  }
  return { controller, answer, end, clock }
}

test('what was written is known before it is told', async () => {
  const definitions = new Definitions()
  definitions.set(definition('one', '1'))
  const { controller, answer, end } = start(definitions)
  controller.enqueue(NAME)
  await settle()
  await answer()
  assert.equal(definitions.get(NAME)?.metadata.resourceVersion, '2')
  assert.deepEqual(definitions.get(NAME)?.status.acceptedNames, names)
  await answer()
  await end()
})

test('a definition that is deleted while its status is written does not come back', async () => {
  const definitions = new Definitions()
  definitions.set(definition('one', '1'))
  const { controller, answer, end } = start(definitions)
  controller.enqueue(NAME)
  await settle()
  definitions.delete(NAME)
  await answer()
  assert.equal(definitions.get(NAME), undefined)
  await end()
})

test('nor does it take the place of another one of its name', async () => {
  const definitions = new Definitions()
  definitions.set(definition('one', '5'))
  const { controller, answer, end } = start(definitions)
  controller.enqueue(NAME)
  await settle()
  definitions.delete(NAME)
  definitions.set(definition('two', '3'))
  await answer()
  assert.equal(definitions.get(NAME)?.metadata.uid, 'two')
  await answer()
  await answer()
  await end()
})

test('where servers share a store, a definition is established five seconds after its names', async () => {
  const definitions = new Definitions()
  definitions.set(definition('one', '1'))
  const { controller, answer, end, clock } = start(definitions, true)
  controller.enqueue(NAME)
  await settle()
  await answer()
  for (let second = 0; second < 5; second++) {
    // The watch tells of the controller's own write, and of others.
    controller.enqueue(NAME)
    await clock.advance(999)
    await answer()
    assert.equal(isEstablished(definitions), false)
  }
  await clock.advance(5)
  await answer()
  assert.equal(isEstablished(definitions), true)
  await end()
  assert.equal(clock.pendingTimers, 0)
})

test('also where timers come a little early', async () => {
  const definitions = new Definitions()
  definitions.set(definition('one', '1'))
  const clock = new VirtualClock()
  const { monotonic } = clock
  Object.assign(clock, { monotonic: () => monotonic() * 0.9999 })
  const { controller, answer, end } = start(definitions, true, clock)
  controller.enqueue(NAME)
  await settle()
  await answer()
  await clock.advance(5005)
  await answer()
  assert.equal(isEstablished(definitions), true)
  await end()
})

function isEstablished(definitions: Definitions): boolean {
  const { conditions } = definitions.get(NAME)?.status ?? {}
  return (conditions ?? []).some(({ type, status }) => type === 'Established' && status === 'True')
}
