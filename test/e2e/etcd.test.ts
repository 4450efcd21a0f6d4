import { describe, type TestContext } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { systemRandom } from '../../src/base/random.ts'
import { parseEndpoints } from '../../src/storage/etcd/endpoint.ts'
import { EtcdStorage } from '../../src/storage/etcd/etcd-storage.ts'
import { EtcdServer, findEtcd } from '../support/etcd-server.ts'
import { storageSuite } from '../support/storage-suite.ts'

const found = findEtcd()
const skip = 'reason' in found ? found.reason : false
if (skip !== false) console.log(`skipped: the store on a real etcd: ${skip}`)
const program = 'program' in found ? found.program : ''

async function startServer(t: TestContext, ...flags: readonly string[]): Promise<EtcdServer> {
  const server = await EtcdServer.start({ program, flags })
  t.after(() => server.remove())
  return server
}

async function open(t: TestContext, urls: string): Promise<EtcdStorage> {
  const storage = await EtcdStorage.open({
    ...{ endpoints: parseEndpoints(urls), tls: {} },
    ...{ clock: systemClock, random: systemRandom, logger: silentLogger },
  })
  t.after(() => storage.close())
  return storage
}

describe('the store on a real etcd', { skip }, () => {
  storageSuite('etcd', async (t) => open(t, (await startServer(t)).url), { isRemote: true })
})
