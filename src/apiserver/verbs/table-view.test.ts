import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'

const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'

test('a kind that has its own place for the name shows it there alone', async () => {
  const server = await createTestServer()
  try {
    const columnsOf = async (path: string): Promise<readonly string[]> => {
      const { text } = await server.send('GET', `/api/v1/namespaces/default/${path}`, { accept })
      const { columnDefinitions } = JSON.parse(text) as {
        readonly columnDefinitions: readonly { readonly name: string }[]
      }
      return columnDefinitions.map(({ name }) => name)
    }
    const events = await columnsOf('events')
    assert.deepEqual([events[0], events.at(-1)], ['Last Seen', 'Name'])
    assert.equal(events.filter((name) => name === 'Name').length, 1)
    assert.equal((await columnsOf('pods'))[0], 'Name')
  } finally {
    server.close()
  }
})

test("a list of none has no rows where the kind has upstream's usual columns", async () => {
  const server = await createTestServer()
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
  const rowsOf = async (resource: string) => {
    const { text } = await server.send('GET', `/api/v1/namespaces/default/${resource}`, { accept })
    return JSON.parse(text).rows
  }
  try {
    assert.equal(await rowsOf('limitranges'), null)
    assert.deepEqual(await rowsOf('configmaps'), [])
  } finally {
    server.close()
  }
})

test('flow schemas are shown in the order in which they are asked', async () => {
  const server = await createTestServer()
  const schemas = '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas'
  try {
    for (const [name, matchingPrecedence] of Object.entries({ a: 900, c: 10, b: 10, d: 50 })) {
      const spec = { matchingPrecedence, priorityLevelConfiguration: { name: 'x' } }
      await server.send('POST', schemas, { body: { metadata: { name }, spec } })
    }
    const { text } = await server.send('GET', schemas, { accept })
    const rows = JSON.parse(text).rows as readonly { readonly cells: readonly string[] }[]
    assert.deepEqual(
      rows.map(({ cells }) => cells[0]),
      ['b', 'c', 'd', 'a'],
    )
  } finally {
    server.close()
  }
})
