import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../test/support/virtual-clock.ts'
import { seededRandom } from '../base/random.ts'
import { CertificateCheck } from './certificate-check.ts'
import { LEAF_LIFETIME_MS } from './certificates/certificate.ts'
import { CertificateAuthority } from './certificates/certificate-authority.ts'

test('a server whose own certificate has ended is not live, since a new start mends it', async () => {
  const clock = new VirtualClock()
  const check = new CertificateCheck(clock)
  assert.deepEqual(check.paths, ['healthz', 'livez'])
  check.check()
  const authority = await CertificateAuthority.create('test', clock, seededRandom(1))
  const { certificate } = await authority.issue({ commonName: 'me', usages: ['server'] })
  check.watch(certificate)
  await clock.advance(LEAF_LIFETIME_MS - 2000)
  check.check()
  await clock.advance(4000)
  assert.throws(() => check.check(), { message: 'loopback serving certificate is expired' })
})
