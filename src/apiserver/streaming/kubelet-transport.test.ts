import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { createTlsIdentities } from '../../../test/support/tls-identities.ts'
import { systemClock } from '../../base/clock.ts'
import { sendRequest } from '../../base/http-backend.ts'
import type { Node } from '../../kinds/core/v1/node.ts'
import { HttpsKubeletTransport } from './kubelet-transport.ts'
import { UnreachableError } from './reach-backend.ts'
import { readError } from './read-error.ts'

test('a kubelet shows a certificate that is asked for, and sees the newest of ours', async () => {
  const [identities, others] = [await createTlsIdentities(), await createTlsIdentities()]
  const { certificate: cert, key } = identities.server
  const options = { cert, key, ca: identities.authority, requestCert: true }
  const server = createServer({ ...options, rejectUnauthorized: false }, (request, response) => {
    response.end((request.socket as TLSSocket).getPeerCertificate().subject.CN)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const node = {
    status: {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
    },
  } as unknown as Node
  let authority: string | undefined = identities.authority
  let client = await identities.client('first', [])
  const tls = async () => ({ ...client, authority })
  const transport = new HttpsKubeletTransport(tls, sendRequest, systemClock)
  const ask = async (isUnverified = false) => {
    const answer = await transport.send(node, { method: 'GET', path: '/a?b', isUnverified })
    assert.ok(answer.type === 'response')
    return readError(answer.body)
  }
  try {
    assert.equal(await ask(), 'first')
    client = await identities.client('second', [])
    assert.equal(await ask(), 'second')
    authority = others.authority
    await assert.rejects(ask(), (error) => {
      assert.ok(error instanceof UnreachableError)
      assert.equal(error.url, `https://127.0.0.1:${port}/a?b`)
      const why = 'tls: failed to verify certificate: x509: certificate signed by unknown authority'
      assert.equal(error.message, why)
      return true
    })
    assert.equal(await ask(true), 'second', 'who does not mind is answered')
    authority = undefined
    assert.equal(await ask(), 'second', 'nobody says whom to trust')
  } finally {
    server.close()
  }
})

test('of the addresses of a node the type is taken that is preferred most', () => {
  const addresses = [
    { type: 'InternalIP', address: '10.0.0.1' },
    { type: 'InternalIP', address: '10.0.0.2' },
    { type: 'Hostname', address: 'node-1' },
  ]
  const node = { status: { addresses } } as unknown as Node
  const locate = (...types: string[]) =>
    new HttpsKubeletTransport(() => assert.fail(), sendRequest, systemClock, types).locate(node)
  assert.deepEqual(locate('ExternalIP', 'Hostname', 'InternalIP'), { host: 'node-1', port: 10250 })
  assert.deepEqual(locate('InternalIP', 'Hostname'), { host: '10.0.0.1', port: 10250 })
  const known = '{InternalIP 10.0.0.1} {InternalIP 10.0.0.2} {Hostname node-1}'
  assert.throws(() => locate('ExternalIP'), {
    message: `no preferred addresses found; known addresses: [${known}]`,
  })
})
