import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { ServerRequest } from '../../src/apiserver/request.ts'
import { createTestServer, type TestServer } from '../support/api-server.ts'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps?dryRun=All'
/** Work that grows with the square takes many seconds for these, and the rest a tenth of this. */
const MOST_MS = 2500

async function takesLittle(work: () => unknown): Promise<void> {
  const started = process.cpuUsage()
  await work()
  const ms = process.cpuUsage(started).user / 1000
  assert.ok(ms < MOST_MS, `it took ${Math.round(ms)} ms`)
}

const many = <T>(count: number, make: (at: number) => T) =>
  Array.from({ length: count }, (_, at) => make(at))

async function createWith({ send }: TestServer, metadata: object): Promise<string> {
  const body = { metadata: { name: 'a', ...metadata }, data: { a: 'b' } }
  const { code, text } = await send('POST', CONFIG_MAPS, { body })
  assert.equal(code, 201, text.slice(0, 200))
  return text
}

describe('thousands take no more than they have to:', () => {
  let server: TestServer
  beforeEach(async () => {
    server = await createTestServer()
  })
  afterEach(() => server.close())

  test('managers of fields', () => {
    const managedFields = many(9000, (at) => ({
      ...{ manager: `m${at}`, operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1' },
      fieldsV1: { 'f:data': { [`f:k${at}`]: {} } },
    }))
    return takesLittle(async () => {
      const { metadata } = JSON.parse(await createWith(server, { managedFields }))
      const [oldest] = metadata.managedFields as {
        readonly manager: string
        readonly fieldsV1: object
      }[]
      assert.equal(metadata.managedFields.length, 10)
      assert.equal(oldest?.manager, 'ancient-changes')
      assert.equal(JSON.stringify(oldest?.fieldsV1).match(/f:k\d/g)?.length, 8992)
    })
  })

  test('owners that differ in little', () => {
    const owner = (at: number) => ({ apiVersion: 'v1', kind: 'Pod', name: `p${at}`, uid: 'same' })
    return takesLittle(() => createWith(server, { ownerReferences: many(20_000, owner) }))
  })

  test('warnings that differ at their ends', () => {
    const request = new ServerRequest({
      ...{ method: 'GET', url: '/', signal: new AbortController().signal },
    })
    const start = 'x'.repeat(4000)
    return takesLittle(() => {
      for (let at = 10_000; at < 14_000; at++) request.addWarning(`${start}${at}`)
      for (let at = 10_000; at < 14_000; at++) request.addWarning(`${start}${at}`)
      assert.equal(request.warnings.length, 4000)
    })
  })
})
