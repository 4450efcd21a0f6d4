import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttp } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ConnectProxy } from '../../../test/support/connect-proxy.ts'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { createTlsIdentities, type TlsIdentities } from '../../../test/support/tls-identities.ts'
import { type HttpTarget, sendRequestBy } from '../http-backend.ts'
import { openHttpsPoolBy } from '../https-pool.ts'
import type { Dial } from './dial.ts'
import { dialThroughHttpProxy } from './http-connect.ts'

describe('connections through an HTTP proxy', { timeout: 20_000 }, () => {
  const directory = temporaryDirectory()
  const path = join(directory.path, 'proxy.sock')
  let identities: TlsIdentities
  let plain: Server
  let secure: Server
  let proxy: ConnectProxy
  const portOf = (server: Server) => (server.address() as AddressInfo).port

  before(async () => {
    identities = await createTlsIdentities()
    const { certificate: cert, key } = identities.server
    plain = createHttp((request, response) => response.end(`plain ${request.url}`))
    secure = createHttps({ cert, key }, (request, response) => {
      request.pipe(response)
    })
    for (const server of [plain, secure]) {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
    }
    proxy = await ConnectProxy.start({ path })
  })

  after(async () => {
    plain.close()
    secure.close()
    await proxy[Symbol.asyncDispose]()
    directory[Symbol.dispose]()
  })

  async function ask(dial: Dial, target: HttpTarget, body?: string): Promise<string> {
    const answer = await sendRequestBy(dial)(target, {
      ...{ method: body === undefined ? 'GET' : 'POST', path: '/x?y' },
      ...(body !== undefined && { body: Buffer.from(body) }),
    })
    if (answer.type !== 'response') assert.fail(answer.type)
    return (await answer.body.toArray()).join('')
  }

  test('by a socket, plain and with TLS to the other end', async () => {
    const dial = dialThroughHttpProxy({ path })
    const host = '127.0.0.1'
    proxy.targets.length = 0
    assert.equal(await ask(dial, { host, port: portOf(plain) }), 'plain /x?y')
    const tls = { authority: identities.authority }
    const long = 'a'.repeat(300_000)
    assert.equal(await ask(dial, { host, port: portOf(secure), tls }, long), long)
    assert.deepEqual(proxy.targets, [`${host}:${portOf(plain)}`, `${host}:${portOf(secure)}`])
    const stranger = (await createTlsIdentities()).authority
    const untrusted = { host, port: portOf(secure), tls: { authority: stranger } }
    await assert.rejects(ask(dial, untrusted), /unable to verify|self.signed|signature/)
  })

  test('by TLS on both, with a certificate shown to the proxy', async () => {
    const { certificate: cert, key } = identities.server
    const tls = { cert, key, ca: identities.authority, requestCert: true, rejectUnauthorized: true }
    await using guarded = await ConnectProxy.start({ port: 0, host: '127.0.0.1' }, tls)
    const client = await identities.client('apiserver')
    const { authority } = identities
    const at = { host: '127.0.0.1', port: guarded.port }
    const dial = dialThroughHttpProxy({
      ...at,
      tls: { authority, ...client, serverName: 'localhost' },
    })
    const target = { host: 'localhost', port: portOf(secure), tls: { authority } }
    assert.equal(await ask(dial, target, 'hello'), 'hello')
    const wrong = dialThroughHttpProxy({
      ...at,
      tls: { authority, ...client, serverName: 'other' },
    })
    await assert.rejects(ask(wrong, target), /altnames|does not match/)
  })

  test('connections of a pool are used again', async () => {
    proxy.targets.length = 0
    const pool = openHttpsPoolBy(dialThroughHttpProxy({ path }))({
      authority: identities.authority,
    })
    for (let round = 0; round < 3; round++) {
      const answer = await pool.send({
        ...{ host: '127.0.0.1', port: portOf(secure), serverName: 'localhost' },
        ...{ method: 'POST', path: '/', headers: {}, body: Buffer.from(`${round}`) },
      })
      if (answer.type !== 'response') assert.fail(answer.type)
      assert.equal((await answer.body.toArray()).join(''), `${round}`)
    }
    assert.equal(proxy.targets.length, 1)
    pool[Symbol.dispose]()
  })

  test('a proxy that refuses, talks too early or is away says so', async () => {
    const dial = dialThroughHttpProxy({ path })
    const target = { host: '10.0.0.1', port: 10250 }
    proxy.refusal = '403 Forbidden'
    await assert.rejects(ask(dial, target), {
      message: `proxy error from ${path} while dialing 10.0.0.1:10250, code 403: 403 Forbidden`,
    })
    let reached = 0
    const onProxyReached = () => reached++
    await assert.rejects(dial(target, undefined, onProxyReached), /403/)
    assert.equal(reached, 1)
    proxy.refusal = undefined
    proxy.chatter = 'hello'
    const early = /^Error: unexpected 5 bytes of buffered data from CONNECT proxy/
    await assert.rejects(ask(dial, { host: '127.0.0.1', port: portOf(plain) }), early)
    proxy.chatter = ''
    const nobody = dialThroughHttpProxy({ path: join(directory.path, 'nobody.sock') })
    await assert.rejects(ask(nobody, target), /ENOENT/)
    await assert.rejects(nobody(target, undefined, onProxyReached), /ENOENT/)
    assert.equal(reached, 1)
    const gone = AbortSignal.abort(new Error('the client has gone'))
    await assert.rejects(dial(target, gone), /the client has gone/)
  })
})
