import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTlsIdentities } from '../../test/support/tls-identities.ts'
import { VirtualClock } from '../../test/support/virtual-clock.ts'
import type { FileSystem } from '../base/file-system.ts'
import { silentLogger } from '../base/logger.ts'
import type { Node } from '../kinds/core/v1/node.ts'
import type { ClusterCertificates } from './certificates/cluster-certificates.ts'
import type { ServerOptions } from './cluster-options.ts'
import type { Egress } from './egress/open-egress.ts'
import { kubeletTransport } from './serve.ts'

const NODE = { status: { addresses: [{ type: 'InternalIP', address: '192.0.2.1' }] } }
const CERTIFICATES = {
  authority: 'of the cluster',
  ensure: async () => ({ certificate: 'own', key: 'own' }),
}
const OWN_PAIR = { kubeletClientCertificate: '/tls.crt', kubeletClientKey: '/tls.key' }
const IDENTITIES = createTlsIdentities()

/** By whom kubelets must be signed, where the file with that holds this; undefined for anybody. */
async function authorityWith(serving: ServerOptions['serving'], text = ''): Promise<unknown> {
  const asked: { readonly tls?: { readonly authority?: string } }[] = []
  const send = async (target: (typeof asked)[number]) => {
    asked.push(target)
    throw new Error('nobody answers')
  }
  const { server } = await IDENTITIES
  const contents = new Map([
    ['/tls.crt', server.certificate],
    ['/tls.key', server.key],
    ['/authority', text],
  ])
  const files = { readFile: async (path: string) => Buffer.from(contents.get(path) ?? '') }
  const transport = await kubeletTransport(
    CERTIFICATES as unknown as ClusterCertificates,
    {
      ...{ clock: new VirtualClock(), logger: silentLogger, serving },
      files: files as unknown as FileSystem,
    } as unknown as ServerOptions,
    { send: () => send } as unknown as Egress,
  )
  const request = { method: 'GET', path: '/', headers: {}, signal: new AbortController().signal }
  await assert.rejects(transport.send(NODE as unknown as Node, request))
  return asked[0]?.tls?.authority
}

test('kubelets are known by the authority that is named, and by no other', async () => {
  const named = { kubeletCertificateAuthority: '/authority' }
  assert.equal(await authorityWith({}), 'of the cluster')
  assert.equal(await authorityWith(named, 'other'), 'other')
  assert.equal(await authorityWith(OWN_PAIR), undefined)
  assert.equal(await authorityWith({ ...OWN_PAIR, ...named }, 'other'), 'other')
})

test('an empty file of authorities verifies no kubelet, and is not taken for none', async () => {
  const named = { kubeletCertificateAuthority: '/authority' }
  assert.equal(await authorityWith(named), '')
  assert.equal(await authorityWith({ ...OWN_PAIR, ...named }), '')
})
