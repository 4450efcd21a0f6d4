import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'
import { TurnCounter } from '../../../test/support/turn-counter.ts'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const MERGE = 'application/merge-patch+json'

test('a large object is written in several turns, whether the body is large or what is there', async () => {
  const { send, close } = await createTestServer()
  const turnsOf = async (method: string, path: string, body: object, contentType?: string) => {
    const turns = new TurnCounter()
    const request = contentType === undefined ? { body } : { body, contentType }
    const { code } = await send(method, `${CONFIG_MAPS}${path}`, request)
    assert.ok(code < 300)
    return turns.stop()
  }
  const data = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`key-${at}`, 'value']))
  const small = await turnsOf('POST', '', { metadata: { name: 'small' } })
  const smallPatch = await turnsOf('PATCH', '/small', { data: { a: 'b' } }, MERGE)
  assert.ok((await turnsOf('POST', '', { metadata: { name: 'large' }, data })) >= small + 6)
  const patch = await turnsOf('PATCH', '/large', { data: { a: 'b' } }, MERGE)
  assert.ok(patch >= smallPatch + 4, `${patch} and ${smallPatch} turns`)
  close()
})
