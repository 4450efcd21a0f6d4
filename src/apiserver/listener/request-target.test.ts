import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServerRequest } from '../request.ts'
import { isMalformedPath, pathOfTarget } from './request-target.ts'

test('the target of a request is a path, or what a proxy gets', () => {
  const targets = ['/api?x=http://a', 'http://host:1/api?x', 'HTTPS://h', 'http://h?x', '*', 'api']
  assert.deepEqual(targets.map(pathOfTarget), [
    ...['/api?x=http://a', '/api?x', '/', '/?x', '*', 'api'],
  ])
})

test('a path with a % that is no escape is none; a query may have it', () => {
  for (const bad of ['/%', '/%z', '/%zz', '/a%2', '/%%20']) assert.ok(isMalformedPath(bad), bad)
  for (const good of ['/a', '/%20', '/?x=%', '/%ff?%']) assert.ok(!isMalformedPath(good), good)
})

test('bytes that are no UTF-8 are in no name', () => {
  const { signal } = new AbortController()
  const pathOf = (url: string) => new ServerRequest({ method: 'GET', url, signal }).path
  assert.equal(pathOf('/api/v1/namespaces/%ff%C3%A9'), '/api/v1/namespaces/\ufffd\u00e9')
  assert.equal(pathOf('/api/v1/namespaces/%c3%a9'), '/api/v1/namespaces/\u00e9')
})
