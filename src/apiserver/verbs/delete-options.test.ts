import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'

test('options of a deletion stand in the query, with what the object must be', async () => {
  const server = await createTestServer()
  const create = async (name: string) => {
    const { text } = await server.send('POST', CONFIG_MAPS, { body: { metadata: { name } } })
    const { uid, resourceVersion } = JSON.parse(text).metadata
    return { uid, resourceVersion } as { uid: string; resourceVersion: string }
  }
  const remove = async (rest: string) => {
    const { code, text } = await server.send('DELETE', CONFIG_MAPS + rest)
    return [code, JSON.parse(text).message] as const
  }
  try {
    const a = await create('a')
    const [code, message] = await remove(`/a?uid=x&resourceVersion=${a.resourceVersion}`)
    assert.equal(code, 409)
    assert.match(message, /UID in the precondition \(x\) does not match the UID in record/)
    const [, version] = await remove('/a?resourceVersion=1')
    assert.match(version, /ResourceVersion in the precondition \(1\) does not match/)
    assert.equal((await remove(`/a?uid=${a.uid}&resourceVersion=${a.resourceVersion}`))[0], 200)
    await create('b')
    // Of a collection it is both: which list, and which version each object must have.
    assert.equal((await remove('?resourceVersion=0'))[0], 409)
    for (const [orphans, isKept] of [
      ['false', false],
      ['0', false],
      ['1', true],
      ['', true],
    ] as const) {
      await create('c')
      assert.equal((await remove(`/c?orphanDependents=${orphans}`))[0], 200)
      const { code } = await server.send('GET', `${CONFIG_MAPS}/c`)
      assert.equal(code, isKept ? 200 : 404, orphans)
      await server.send('PATCH', `${CONFIG_MAPS}/c`, {
        body: { metadata: { finalizers: null } },
        contentType: 'application/merge-patch+json',
      })
    }
  } finally {
    server.close()
  }
})
