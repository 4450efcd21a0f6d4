import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../../test/support/api-server.ts'
import { TurnCounter } from '../../../../test/support/turn-counter.ts'

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

function definitionOf(patterns: readonly string[]) {
  const properties = Object.fromEntries(
    patterns.map((pattern, at) => [
      `f${at}`,
      { type: 'array', items: { type: 'string', pattern } },
    ]),
  )
  const openAPIV3Schema = { type: 'object', properties }
  const names = { plural: 'boats', singular: 'boat', kind: 'Boat' }
  const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }]
  return {
    metadata: { name: 'boats.sea.io' },
    spec: { group: 'sea.io', scope: 'Cluster', names, versions },
  }
}

test('many patterns of a definition are compiled in many turns', async () => {
  const { send, close } = await createTestServer()
  const body = definitionOf(Array.from({ length: 200 }, (_, at) => `^[a-f0-9]{1,30}/turns-${at}$`))
  const first = new TurnCounter()
  assert.equal((await send('POST', `${DEFINITIONS}?dryRun=All`, { body })).code, 201)
  const turns = first.stop()
  assert.ok(turns >= 15, `${turns} turns`)
  const again = new TurnCounter()
  const broken = definitionOf(['^a$', '(unclosed'])
  const { code, text } = await send('POST', DEFINITIONS, { body: broken })
  assert.equal(code, 422)
  assert.match(text, /properties\[f1\].items.pattern/)
  assert.ok(again.stop() <= 3)
  close()
})
