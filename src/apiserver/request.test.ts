import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServerRequest } from './request.ts'

const { signal } = new AbortController()

function requestWith(rawHeaders?: readonly string[], headers = {}): ServerRequest {
  return new ServerRequest({ method: 'GET', url: '/', headers, rawHeaders, signal })
}

test('a header is found by how its name begins, in any case', () => {
  const find = (request: ServerRequest) => request.hasHeaderLike('impersonate-')
  assert.equal(find(requestWith(['Accept', 'impersonate-user'])), false)
  assert.equal(find(requestWith(['Accept', 'x', 'Impersonate-User', 'bob'])), true)
  assert.equal(find(requestWith([':path', '/', 'impersonate-extra-a', 'b'])), true)
  assert.equal(find(requestWith(['impersonate-', 'x', 'imperson', 'y'])), false)
  assert.equal(find(requestWith(undefined, { 'impersonate-uid': '1' })), true)
  assert.equal(find(requestWith(undefined, { accept: '*/*' })), false)
})
