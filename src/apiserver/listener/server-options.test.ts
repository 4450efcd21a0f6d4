import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { createTlsIdentities } from '../../../test/support/tls-identities.ts'
import { serverOptions } from './server-options.ts'

test('the suites of TLS 1.2 are Go’s, and TLS 1.3 has all of its own whatever is chosen', async (t) => {
  const { server: pair, authority } = await createTlsIdentities()
  const chosenBy = async (
    ciphers: string | undefined,
    asked: string,
    version: 'TLSv1.2' | 'TLSv1.3',
  ) => {
    const tls = { ...pair, clientAuthority: authority }
    const server = createServer(serverOptions(tls, ciphers === undefined ? {} : { ciphers }))
    t.after(() => server.close())
    server.on('tlsClientError', () => {})
    server.on('secureConnection', (socket: TLSSocket) => socket.end())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const client = connect({
      ...{ port, host: '127.0.0.1', ca: authority, ciphers: asked },
      ...{ minVersion: version, maxVersion: version },
    })
    try {
      await once(client, 'secureConnect')
      return client.getCipher().name
    } catch {
      return undefined
    } finally {
      client.destroy()
    }
  }
  const GOOD = [
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-ECDSA-AES256-SHA',
  ]
  for (const name of GOOD) assert.equal(await chosenBy(undefined, name, 'TLSv1.2'), name)
  const REFUSED = [
    'ECDHE-ECDSA-AES128-SHA256',
    'ECDHE-ECDSA-AES256-CCM8',
    'ECDHE-ECDSA-ARIA128-GCM-SHA256',
  ]
  for (const name of REFUSED)
    assert.equal(await chosenBy(undefined, name, 'TLSv1.2'), undefined, name)
  const [only = '', other = ''] = GOOD
  assert.equal(await chosenBy(only, other, 'TLSv1.2'), undefined)
  assert.equal(await chosenBy(only, 'TLS_AES_256_GCM_SHA384', 'TLSv1.3'), 'TLS_AES_256_GCM_SHA384')
})
