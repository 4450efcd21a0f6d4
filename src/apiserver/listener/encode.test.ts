import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CBOR } from '../cbor/media-type.ts'
import { ServerRequest } from '../request.ts'
import { chooseEncoding } from './encode.ts'

test('what has no form in CBOR is written in the next that the client accepts', () => {
  const { signal } = new AbortController()
  const chosen = (accept: string, hasNoCbor: boolean) => {
    const request = new ServerRequest({ method: 'GET', url: '/apis', headers: { accept }, signal })
    return chooseEncoding(request, () => ({}), false, hasNoCbor).mediaType
  }
  assert.equal(chosen(`${CBOR}, */*`, false), CBOR)
  assert.equal(chosen(`${CBOR}, */*`, true), 'application/json')
  assert.equal(chosen(`${CBOR};q=0.9,application/yaml;q=0.5`, true), 'application/yaml')
})

test('what is no boolean does not ask for indentation', () => {
  const { signal } = new AbortController()
  const isPretty = (url: string, agent = 'client') => {
    const headers = { 'user-agent': agent }
    const request = new ServerRequest({ method: 'GET', url, headers, signal })
    return chooseEncoding(request, () => ({}), false, false).isPretty
  }
  assert.equal(isPretty('/api?pretty=1'), true)
  assert.equal(isPretty('/api?pretty=True'), true)
  for (const url of ['/api', '/api?pretty', '/api?pretty=', '/api?pretty=yes', '/api?pretty=0']) {
    assert.equal(isPretty(url), false, url)
  }
  assert.equal(isPretty('/api?pretty=yes', 'curl/8'), true, 'as if it were not there')
  assert.equal(isPretty('/api?pretty=false', 'curl/8'), false)
})
