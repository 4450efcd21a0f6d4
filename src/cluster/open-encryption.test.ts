import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { KmsPlugin } from '../../test/support/kms-plugin.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { VirtualClock } from '../../test/support/virtual-clock.ts'
import { systemFileSystem } from '../base/file-system.ts'
import { silentLogger } from '../base/logger.ts'
import { seededRandom } from '../base/random.ts'
import { openEncryption } from './open-encryption.ts'

const ALWAYS = ['healthz', 'livez', 'readyz']
const HOOK = 'poststarthook/start-encryption-provider-config-automatic-reload'
const keys = { read: async () => undefined, write: async () => {} }

describe('the health of encryption', { timeout: 30_000 }, () => {
  let folder: ReturnType<typeof temporaryDirectory>
  let plugin: KmsPlugin
  let path: string

  before(async () => {
    folder = temporaryDirectory()
    path = join(folder.path, 'encryption.yaml')
    const socket = join(folder.path, 'kms.sock')
    plugin = await KmsPlugin.start(socket)
    const kms = { apiVersion: 'v2', name: 'my-kms', endpoint: `unix://${socket}` }
    const resources = [{ resources: ['secrets'], providers: [{ kms }] }]
    const head = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'EncryptionConfiguration' }
    writeFileSync(path, JSON.stringify({ ...head, resources }))
  })
  after(() => {
    plugin.stop()
    folder[Symbol.dispose]()
  })

  async function backgroundOf(encryptionProviderConfigAutomaticReload: boolean) {
    const security = {
      ...{ encryptionProviderConfig: path, encryptionProviderConfigAutomaticReload },
    }
    const clock = new VirtualClock()
    const ports = { clock, random: seededRandom(1), files: systemFileSystem, logger: silentLogger }
    const options = { ...ports, security } as never
    const { background } = await openEncryption(keys as never, options, 'a')
    const stop = new AbortController()
    const run = () => background.run(undefined as never, stop.signal)
    return { checks: background.checks ?? [], run, stop: () => stop.abort() }
  }

  test('a service that is ill makes a server not ready, but is no reason to start it again', async () => {
    const { checks, run, stop } = await backgroundOf(false)
    assert.deepEqual(
      checks.map(({ name, paths }) => [name, paths]),
      [['kms-providers', ['healthz', 'readyz']]],
    )
    stop()
    await run()
  })

  test('one that reads its configuration again says whether it does', async () => {
    const { checks, run, stop } = await backgroundOf(true)
    assert.deepEqual(
      checks.map(({ name, paths }) => [name, paths]),
      [
        [HOOK, ALWAYS],
        ['kms-providers', ['healthz', 'readyz']],
      ],
    )
    const [hook] = checks
    assert.throws(() => hook?.check(), /not finished/)
    const running = run()
    await hook?.check()
    stop()
    await running
  })
})
