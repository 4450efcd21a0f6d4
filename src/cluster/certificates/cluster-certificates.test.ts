import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { systemRandom } from '../../base/random.ts'
import type { CertificateRequest } from './certificate.ts'
import { ClusterCertificates, keyStoreInMemory } from './cluster-certificates.ts'

const SERVER: CertificateRequest = {
  commonName: 'kube-apiserver',
  hosts: ['localhost', '127.0.0.1', 'kubernetes.default.svc', '::1'],
  usages: ['server'],
}

test('issues certificates that other X.509 code verifies', async () => {
  const clock = new VirtualClock()
  const certificates = await ClusterCertificates.open(keyStoreInMemory(), clock, systemRandom)
  const pair = await certificates.ensure('apiserver', SERVER)
  const leaf = new X509Certificate(pair.certificate)
  const authority = new X509Certificate(certificates.authority)
  assert.ok(leaf.verify(authority.publicKey))
  assert.ok(leaf.checkIssued(authority))
  assert.equal(leaf.checkHost('kubernetes.default.svc'), 'kubernetes.default.svc')
  assert.equal(leaf.checkIP('127.0.0.1'), '127.0.0.1')
  assert.equal(leaf.checkIP('127.0.0.2'), undefined)
})

test('a client certificate carries user and groups', async () => {
  const clock = new VirtualClock()
  const certificates = await ClusterCertificates.open(keyStoreInMemory(), clock, systemRandom)
  const { certificate } = await certificates.ensure('node', {
    commonName: 'system:node:a, b',
    organizations: ['system:nodes', 'x+y'],
    usages: ['client'],
  })
  const { subject } = new X509Certificate(certificate).toLegacyObject()
  assert.deepEqual([subject.O].flat(), ['system:nodes', 'x+y'])
  assert.equal(subject.CN, 'system:node:a, b')
})

test('a second start finds the same authority, keys and certificates', async () => {
  const clock = new VirtualClock()
  const store = keyStoreInMemory()
  const first = await ClusterCertificates.open(store, clock, systemRandom)
  const pair = await first.ensure('apiserver', SERVER)
  const second = await ClusterCertificates.open(store, clock, systemRandom)
  assert.equal(second.authority, first.authority)
  assert.equal(second.serviceAccountKey, first.serviceAccountKey)
  assert.deepEqual(await second.ensure('apiserver', SERVER), pair)
})

test('a certificate is renewed when a host is added or its end is near', async () => {
  const clock = new VirtualClock()
  const certificates = await ClusterCertificates.open(keyStoreInMemory(), clock, systemRandom)
  const pair = await certificates.ensure('apiserver', SERVER)
  const hosts = [...(SERVER.hosts ?? []), '10.0.0.7']
  const wider = await certificates.ensure('apiserver', { ...SERVER, hosts })
  assert.notEqual(wider.certificate, pair.certificate)
  await clock.advance(300 * 86_400_000)
  const renewed = await certificates.ensure('apiserver', { ...SERVER, hosts })
  assert.notEqual(renewed.certificate, wider.certificate)
})
