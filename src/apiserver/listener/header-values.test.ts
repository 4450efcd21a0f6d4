import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { TestListener } from '../../../test/support/test-listener.ts'
import { systemClock } from '../../base/clock.ts'
import { ServerRequest } from '../request.ts'

const GROUPS = ['cn=a, ou=b', 'two', 'drü']

describe('a header that is sent several times', () => {
  let listener: TestListener
  let seen: readonly string[] = []

  before(async () => {
    listener = await TestListener.start(systemClock)
    listener.handler = async (request) => {
      seen = request.headerValues('impersonate-group')
      return { type: 'object', code: 200, object: {} }
    }
  })
  after(async () => {
    listener.session.close()
    await listener.listener.close()
  })

  const sent = GROUPS.map((group) => Buffer.from(group).toString('latin1'))
  for (const version of ['http1', 'http2'] as const) {
    test(`keeps its values apart, commas and letters included, over ${version}`, async () => {
      await listener[version]('GET', '/api', { 'Impersonate-Group': sent as never })
      assert.deepEqual(seen, GROUPS)
    })
  }
})

test('of a caller in this process the values are as joined', () => {
  const headers = { 'impersonate-group': 'a, b' }
  const { signal } = new AbortController()
  const request = new ServerRequest({ method: 'GET', url: '/', headers, signal })
  assert.deepEqual(request.headerValues('impersonate-group'), ['a', 'b'])
  assert.deepEqual(request.headerValues('impersonate-uid'), [])
})
