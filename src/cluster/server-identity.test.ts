import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serverIdOf } from './server-identity.ts'

test('the identity of a server, as upstream’s on a host of this name', () => {
  assert.equal(serverIdOf('vm'), 'apiserver-wlv32tlttr4jl3gtroqexyxapa')
})
