import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { systemClock } from '../base/clock.ts'
import { systemFileSystem } from '../base/file-system.ts'
import { silentLogger } from '../base/logger.ts'
import { systemRandom } from '../base/random.ts'
import { HttpTransport } from '../client/http/http-transport.ts'
import { StandaloneApiServer } from './standalone-api-server.ts'

interface EndpointsList {
  readonly subsets: readonly { readonly addresses: readonly { readonly ip: string }[] }[]
}

for (const bindAddress of ['0.0.0.0', '::']) {
  test(`a server that listens at ${bindAddress} is told of by an address that can be reached`, async (t) => {
    const clock = systemClock
    const server = await StandaloneApiServer.start({
      ...{ dataDirectory: undefined, inMemory: true, port: 0, bindAddress },
      ...{ advertiseAddress: '192.0.2.7', clock, random: systemRandom, files: systemFileSystem },
      ...{ logger: silentLogger, progress: { step() {}, done() {}, note() {} } },
    })
    t.after(() => server.stop())
    const { authority: ca, client, server: url } = server.kubeconfig
    const credentials = async () => ({ ca, ...client })
    using transport = new HttpTransport({ server: url, credentials, clock, userAgent: 'test' })
    const path = '/api/v1/namespaces/default/endpoints/kubernetes'
    const { subsets } = (await transport.request({ method: 'GET', path })) as EndpointsList
    assert.deepEqual(subsets[0]?.addresses, [{ ip: '192.0.2.7' }])
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), ca })
    await once(socket, 'secureConnect')
    const certificate = socket.getPeerX509Certificate()
    socket.destroy()
    assert.ok(certificate instanceof X509Certificate)
    assert.equal(certificate.checkIP('192.0.2.7'), '192.0.2.7')
  })
}

test('a disk without room for the kubeconfig does not keep a server from starting', async () => {
  using folder = temporaryDirectory()
  const files = {
    ...systemFileSystem,
    writeFile: async (path: string, content: string | Uint8Array, mode?: number) => {
      if (path.includes('kubeconfig')) throw new Error('ENOSPC: no space left on device, write')
      await systemFileSystem.writeFile(path, content, mode)
    },
  }
  const server = await StandaloneApiServer.start({
    ...{ dataDirectory: folder.path, inMemory: true, port: 0, bindAddress: '127.0.0.1' },
    ...{ clock: systemClock, random: systemRandom, files, logger: silentLogger },
    progress: { step() {}, done() {}, note() {} },
  })
  assert.match(server.url, /^https:/)
  await server.stop()
})
