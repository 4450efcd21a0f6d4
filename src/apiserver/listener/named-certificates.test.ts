import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { test } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import { createTlsIdentities } from '../../../test/support/tls-identities.ts'
import { systemClock } from '../../base/clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { systemRandom } from '../../base/random.ts'
import type { Handler } from '../handler.ts'
import { Listener, type ListenerTls } from './listener.ts'
import type { ListenerProtocol } from './server-options.ts'

const handler: Handler = async () => ({ type: 'object', code: 200, object: {} })

async function start(tls: ListenerTls, protocol: ListenerProtocol = {}) {
  const ports = { clock: systemClock, random: systemRandom, logger: silentLogger }
  const listener = new Listener({ handler, tls, ...ports, protocol })
  const { port } = await listener.listen(0, '127.0.0.1')
  return { listener, port }
}

/** The certificate that a client gets who asks by this name, in PEM; and the version of TLS. */
async function certificateFor(port: number, servername: string) {
  const socket: TLSSocket = connect({ port, servername, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const pem = socket.getPeerX509Certificate()?.toString().trim()
  const version = socket.getProtocol()
  socket.destroy()
  return { pem, version }
}

test('clients get the certificate of the name that they ask by, also once it is another', async () => {
  const [own, other, later] = await Promise.all([1, 2, 3].map(createTlsIdentities))
  assert.ok(own !== undefined && other !== undefined && later !== undefined)
  const named = (server: typeof other.server) => [
    { ...server, names: ['a.example', '*.b.example'] },
  ]
  const common = { ...own.server, clientAuthority: own.authority }
  const protocol = { minVersion: 'TLSv1.3' as const }
  const { listener, port } = await start({ ...common, named: named(other.server) }, protocol)
  try {
    const expected = other.server.certificate.trim()
    assert.equal((await certificateFor(port, 'a.example')).pem, expected)
    assert.equal((await certificateFor(port, 'x.b.example')).pem, expected)
    assert.equal((await certificateFor(port, 'c.example')).pem, own.server.certificate.trim())
    listener.updateCertificates({ ...common, named: named(later.server) })
    const { pem, version } = await certificateFor(port, 'a.example')
    assert.equal(pem, later.server.certificate.trim())
    assert.equal(version, 'TLSv1.3')
    const tooOld = { port, rejectUnauthorized: false, maxVersion: 'TLSv1.2' as const }
    await assert.rejects(once(connect(tooOld), 'secureConnect'), /alert|version/i)
  } finally {
    await listener.close()
  }
})

test('clients are asked to connect anew as often as is wanted, and lose no answer', async () => {
  const { server, authority } = await createTlsIdentities()
  const tls = { ...server, clientAuthority: authority }
  for (const goawayChance of [1, 0]) {
    const { listener, port } = await start(tls, { goawayChance })
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: authority })
    let isAsked = false
    session.on('goaway', () => {
      isAsked = true
    })
    const stream = session.request({ ':path': '/api' })
    const [headers] = await once(stream, 'response')
    assert.equal(headers[':status'], 200)
    stream.resume()
    await once(stream, 'close')
    assert.equal(isAsked, goawayChance === 1)
    session.destroy()
    await listener.close()
  }
})
