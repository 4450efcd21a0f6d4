import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemFileSystem } from '../base/file-system.ts'
import { advertisedAddress, usualBindAddress } from './advertised-address.ts'
import { primaryAddress } from './nodes/node-address.ts'

const files = systemFileSystem

test('a server is reached where it was told to be, else where it listens', async () => {
  const address = (bindAddress: string, advertiseAddress?: string) =>
    advertisedAddress({ bindAddress, advertiseAddress, files })
  assert.equal(await address('192.0.2.1', '192.0.2.2'), '192.0.2.2')
  assert.equal(await address('192.0.2.1'), '192.0.2.1')
  const own = await primaryAddress(files)
  for (const everywhere of ['0.0.0.0', '::']) {
    assert.equal(await address(everywhere, '192.0.2.2'), '192.0.2.2')
    assert.equal(await address('192.0.2.1', everywhere), '192.0.2.1')
    assert.equal(await address(everywhere), own)
  }
})

test('only a server that others are told of listens beyond loopback, where nobody says more', () => {
  for (const loopback of [undefined, '127.0.0.1', '::1']) {
    assert.equal(usualBindAddress(loopback), '127.0.0.1')
  }
  assert.equal(usualBindAddress('192.0.2.2'), '0.0.0.0')
  assert.equal(usualBindAddress('0.0.0.0'), '0.0.0.0')
  assert.equal(usualBindAddress('2001:db8::1'), '::')
})
