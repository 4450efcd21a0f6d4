import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Handler, withFilters } from '../handler.ts'
import { ServerRequest } from '../request.ts'
import { crossOrigin } from './cross-origin.ts'

const handler: Handler = async () => ({ type: 'object', code: 200, object: {} })
const filters = crossOrigin(['//example\\.com(:|$)', '^https://[a-z]+\\.example\\.org$'])

async function ask(method: string, origin?: string) {
  const headers = { ...(origin !== undefined && { origin }) }
  const { signal } = new AbortController()
  const request = new ServerRequest({ method, url: '/api', headers, signal })
  const answer = await withFilters(filters, handler)(request)
  const allowed = request.responseHeaders?.['access-control-allow-origin']
  return ['code' in answer ? answer.code : 0, allowed]
}

test('scripts of an origin that is allowed may see answers, and ask first', async () => {
  assert.deepEqual(await ask('GET', 'https://example.com:8443'), [200, 'https://example.com:8443'])
  assert.deepEqual(await ask('OPTIONS', 'https://a.example.org'), [204, 'https://a.example.org'])
  assert.deepEqual(await ask('OPTIONS', 'https://example.com.evil'), [200, undefined])
  assert.deepEqual(await ask('GET'), [200, undefined])
})

test('an expression that would let in more than was meant is refused', () => {
  assert.deepEqual(crossOrigin(), [])
  assert.throws(() => crossOrigin(['example.com']), /does not pin to start\/end of host/)
  assert.throws(() => crossOrigin(['//(']), /invalid regular expression/)
})
