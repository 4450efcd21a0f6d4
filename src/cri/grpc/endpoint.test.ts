import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRuntimeEndpoint } from './endpoint.ts'

test('an endpoint is a socket’s path, with or without its scheme', () => {
  assert.equal(parseRuntimeEndpoint('unix:///run/containerd.sock'), '/run/containerd.sock')
  assert.equal(parseRuntimeEndpoint('/run/crio.sock'), '/run/crio.sock')
  for (const endpoint of ['tcp://1.2.3.4:5', 'npipe:////./pipe/x', 'unix://run/x', 'x.sock', '']) {
    assert.throws(() => parseRuntimeEndpoint(endpoint), /invalid runtime endpoint/)
  }
})
