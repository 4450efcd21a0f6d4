import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEgressConfiguration } from './egress-configuration.ts'

const read = (selections: object[], version = 'v1beta1') =>
  readEgressConfiguration(
    JSON.stringify({
      apiVersion: `apiserver.k8s.io/${version}`,
      kind: 'EgressSelectorConfiguration',
      egressSelections: selections,
    }),
  )

const selection = (name: string, proxyProtocol: string, transport?: object) => ({
  name,
  connection: { proxyProtocol, ...(transport && { transport }) },
})

const tlsConfig = { caBundle: '/ca', clientCert: '/cert', clientKey: '/key', tlsServerName: 'p' }

test('upstream’s configuration, in its versions and ways', async () => {
  const found = await read([
    selection('Cluster', 'GRPC', { uds: { udsName: '/run/konnectivity.sock' } }),
    selection('controlplane', 'Direct'),
    selection('etcd', 'HTTPConnect', { tcp: { url: 'https://proxy:8131', tlsConfig } }),
  ])
  const tls = { authorityFile: '/ca', certificateFile: '/cert', keyFile: '/key', serverName: 'p' }
  assert.deepEqual(Object.fromEntries(found), {
    cluster: { type: 'GRPC', socketPath: '/run/konnectivity.sock' },
    controlplane: { type: 'Direct' },
    etcd: { type: 'HTTPConnect', host: 'proxy', port: 8131, tls },
  })
  const plain = await read(
    [selection('cluster', 'HTTPConnect', { tcp: { url: 'http://[::1]:80' } })],
    'v1alpha1',
  )
  assert.deepEqual(plain.get('cluster'), { type: 'HTTPConnect', host: '::1', port: 80 })
  assert.equal((await read([])).size, 0)
})

test('what cannot be is refused in upstream’s words', async () => {
  const tcp = { url: 'https://proxy:8131', tlsConfig }
  const uds = { udsName: '/s' }
  for (const [given, why] of [
    [selection('nodes', 'Direct'), /Unsupported value: "nodes": supported values: "cluster"/],
    [selection('etcd', 'Socks'), /connection\.protocol: Unsupported value: "Socks"/],
    [selection('etcd', 'Direct', { uds }), /config must be absent for direct connect/],
    [selection('etcd', 'GRPC'), /transport must be set for GRPC/],
    [selection('etcd', 'GRPC', { tcp }), /UDS must be set with GRPC/],
    [selection('etcd', 'HTTPConnect'), /transport must be set for HTTPConnect/],
    [selection('etcd', 'HTTPConnect', {}), /One of TCP or UDS must be set/],
    [selection('etcd', 'HTTPConnect', { tcp, uds }), /TCP and UDS cannot both be set/],
    [selection('etcd', 'HTTPConnect', { uds: {} }), /must be present for UDS connections/],
    [selection('etcd', 'HTTPConnect', { tcp: { url: 'proxy' } }), /http:\/\/ and https:\/\//],
    [
      selection('etcd', 'HTTPConnect', { tcp: { url: 'http://p', tlsConfig } }),
      /must not be present when using HTTP/,
    ],
    [
      selection('etcd', 'HTTPConnect', { tcp: { url: 'https://p' } }),
      /TLSConfig must be present when using HTTPS/,
    ],
    [
      selection('etcd', 'HTTPConnect', { tcp: { url: 'https://p', tlsConfig: {} } }),
      /requires clientCert.*requires clientKey/,
    ],
  ] as const) {
    await assert.rejects(read([given]), why)
  }
  const twice = [selection('etcd', 'Direct'), selection('Etcd', 'Direct')]
  await assert.rejects(read(twice), /Duplicate value: "etcd"/)
})
