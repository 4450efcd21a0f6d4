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
