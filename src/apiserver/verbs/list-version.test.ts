import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'

test('a page is of exactly the version that is asked for, but for one object by its name', async () => {
  const server = await createTestServer()
  const body = { metadata: { name: 'a' }, data: { x: '1' } }
  await server.send('POST', CONFIG_MAPS, { body })
  const before = String(server.storage.revision())
  await server.send('PUT', `${CONFIG_MAPS}/a`, { body: { ...body, data: { x: '2' } } })
  const read = async (query: string) => {
    const url = `${CONFIG_MAPS}?resourceVersion=${before}${query}`
    const { items } = JSON.parse((await server.send('GET', url)).text)
    return items[0].data.x
  }
  assert.equal(await read(''), '2')
  assert.equal(await read('&limit=5'), '1')
  assert.equal(await read('&limit=5&fieldSelector=metadata.name=a'), '2')
  const exactly = '&limit=5&fieldSelector=metadata.name=a&resourceVersionMatch=Exact'
  assert.equal(await read(exactly), '1')
  server.close()
})
