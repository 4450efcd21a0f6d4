import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServerRequest } from '../request.ts'
import { extraOfHeaders } from './extra-headers.ts'

test('each key has its values, however it is written, and no key has a meaning of its own', () => {
  const { signal } = new AbortController()
  const rawHeaders = [
    ...['X-Extra-Scopes', 'a, b', 'x-extra-scopes', 'c', 'X-Extra-%73copes', 'd'],
    ...['X-Extra-Example.com%2Fpath', 'e', 'X-Extra-%zz', 'f', 'X-Extra-__proto__', 'g'],
    ...['X-Other', 'h'],
  ]
  const headers: Record<string, string> = Object.create(null)
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers[String(rawHeaders[index]).toLowerCase()] = String(rawHeaders[index + 1])
  }
  const request = new ServerRequest({ method: 'GET', url: '/', headers, rawHeaders, signal })
  assert.deepEqual(Object.entries(extraOfHeaders(request, ['x-extra-'])), [
    ['scopes', ['a, b', 'c', 'd']],
    ['example.com/path', ['e']],
    ['%zz', ['f']],
    ['__proto__', ['g']],
  ])
})
