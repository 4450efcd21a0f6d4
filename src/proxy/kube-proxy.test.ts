import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../test/support/api-server.ts'
import { silentLogger } from '../base/logger.ts'
import { seededRandom } from '../base/random.ts'
import { SharedInformers } from '../client/informers.ts'
import { ServiceCIDR } from '../kinds/networking/v1/service-cidr.ts'
import { KubeProxy } from './kube-proxy.ts'

test('the ranges of services are followed', async () => {
  const { client, clock, close } = await createTestServer()
  const ports = { clock, logger: silentLogger }
  const informers = new SharedInformers({ client, random: seededRandom(1), ...ports })
  const transactions: string[] = []
  const proxy = new KubeProxy({
    ...{ ...ports, informers, nodeName: 'n', table: 't', family: 'ip' as const },
    ...{ clusterCIDR: undefined, nodeIPs: [] },
    nft: async (transaction) => void transactions.push(transaction),
  })
  const stop = new AbortController()
  const running = [informers.run(stop.signal), proxy.run(stop.signal)]
  const create = (name: string, ...cidrs: string[]) =>
    client.create(ServiceCIDR, { metadata: { name }, spec: { cidrs } } as unknown as ServiceCIDR)
  const has = (pattern: RegExp) => clock.until(() => pattern.test(transactions.at(-1) ?? ''))
  await create('first', '10.96.0.0/16', 'fd00::/108')
  await has(/service-ranges ip daddr 10\.96\.0\.0\/16 drop/)
  assert.doesNotMatch(transactions.join(''), /fd00/)
  await create('second', '10.97.0.0/24')
  await has(/daddr 10\.97\.0\.0\/24 drop/)
  await client.delete(ServiceCIDR, { name: 'second' })
  await has(
    /^flush chain ip t service-ranges\nadd rule \S+ \S+ service-ranges ip daddr 10\.96[^\n]*\n$/m,
  )
  stop.abort()
  await Promise.all(running)
  close()
})
