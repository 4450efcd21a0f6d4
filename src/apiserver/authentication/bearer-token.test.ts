import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServerRequest } from '../request.ts'
import { BearerTokenAuthenticator } from './bearer-token.ts'

const tokens = {
  authenticateToken: async (token: string) =>
    token === 'good' ? { user: { name: 'a', groups: [] }, audiences: [] } : undefined,
}

test('a space too many before a token is pointed out, and there is no token', async () => {
  const authenticator = new BearerTokenAuthenticator(tokens, ['here'])
  const ask = async (authorization: string) => {
    const signal = new AbortController().signal
    const request = new ServerRequest({
      method: 'GET',
      url: '/',
      signal,
      headers: { authorization },
    })
    const found = await authenticator.authenticate(request)
    return [found !== undefined, ...request.warnings]
  }
  assert.deepEqual(await ask('Bearer good'), [true])
  assert.deepEqual(await ask('bearer good more'), [true])
  assert.deepEqual(await ask('Bearer'), [false])
  assert.deepEqual(await ask('Bearer  good'), [
    false,
    'the provided Authorization header contains extra space before the bearer token, and is ignored',
  ])
})
