import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storedPod } from '../../../test/support/pods.ts'
import { kernelHostname, podHostname } from './hostname.ts'
import { hostNetworkHostsFile, podHostsFile } from './hosts-file.ts'
import { podDns } from './pod-dns.ts'
import { parseResolvConf } from './resolv-conf.ts'

const cluster = { servers: ['10.96.0.10'], domain: 'cluster.local' }
const host = { servers: ['192.0.2.53'], searches: ['lan'], options: ['timeout:1'] }

test('resolv.conf is read as resolvers read it', () => {
  assert.deepEqual(
    parseResolvConf(
      '# comment\nnameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch old\n' +
        'search lan. . example.com\noptions ndots:1 rotate\noptions ndots:2\n',
    ),
    {
      servers: ['192.0.2.1', '192.0.2.2'],
      searches: ['lan', 'example.com'],
      options: ['ndots:2', 'rotate'],
    },
  )
})

test('each dnsPolicy', () => {
  const of = (spec: object) => podDns(storedPod(spec), cluster, host).settings
  const inCluster = {
    servers: ['10.96.0.10'],
    searches: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'lan'],
    options: ['ndots:5'],
  }
  assert.deepEqual(of({}), inCluster)
  assert.deepEqual(of({ hostNetwork: true }), host)
  assert.deepEqual(of({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }), inCluster)
  assert.deepEqual(of({ dnsPolicy: 'Default' }), host)
  const dnsConfig = {
    nameservers: ['192.0.2.9'],
    searches: ['here'],
    options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
  }
  assert.deepEqual(of({ dnsPolicy: 'None', dnsConfig }), {
    servers: ['192.0.2.9'],
    searches: ['here'],
    options: ['ndots:2', 'edns0'],
  })
  assert.deepEqual(of({ dnsConfig }).options, ['ndots:2', 'edns0'])
})

test('what resolvers cannot take is left out, and that is said', () => {
  const nameservers = ['1', '2', '3'].map((last) => `192.0.2.${last}`)
  const { settings, warnings } = podDns(storedPod({ dnsConfig: { nameservers } }), cluster, host)
  assert.deepEqual(settings.servers, ['10.96.0.10', '192.0.2.1', '192.0.2.2'])
  assert.equal(warnings[0]?.reason, 'DNSConfigForming')
  assert.match(warnings[0]?.message ?? '', /nameserver line is: 10.96.0.10 192.0.2.1 192.0.2.2$/)
  const searches = Array.from({ length: 40 }, (_, index) => `domain-${index}`)
  const many = podDns(storedPod({ dnsConfig: { searches } }), cluster, host)
  assert.equal(many.settings.searches.length, 32)
  const [none] = podDns(storedPod(), { servers: [], domain: '' }, host).warnings
  assert.equal(none?.reason, 'MissingClusterDNS')
})

test('host names', () => {
  const long = 'a'.repeat(70)
  assert.deepEqual(podHostname(storedPod({}, { name: `${long}` }), 'cluster.local'), {
    hostname: 'a'.repeat(63),
    domain: '',
  })
  const pod = storedPod({ hostname: 'h', subdomain: 's', setHostnameAsFQDN: true })
  const name = podHostname(pod, 'cluster.local')
  assert.equal(kernelHostname(pod, name), 'h.s.default.svc.cluster.local')
  const far = podHostname(pod, 'x'.repeat(64))
  assert.throws(() => kernelHostname(pod, far), /is too long \(64 characters is the max/)
})

test('hosts files', () => {
  const aliases = [{ ip: '192.0.2.9', hostnames: ['a', 'b'] }]
  assert.equal(
    podHostsFile(['10.1.0.2'], { hostname: 'h', domain: 's.d' }, aliases),
    '# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n' +
      '::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n' +
      'fe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n' +
      '10.1.0.2\th.s.d\th\n\n# Entries added by HostAliases.\n192.0.2.9\ta\tb\n',
  )
  assert.equal(
    hostNetworkHostsFile('127.0.0.1 localhost\n', []),
    '# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n',
  )
})
