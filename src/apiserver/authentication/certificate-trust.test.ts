import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import {
  createRoot,
  issueBy,
  issueIntermediate,
} from '../../../test/support/intermediate-authority.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { systemClock } from '../../base/clock.ts'
import { CertificateTrust } from './certificate-trust.ts'

const UNKNOWN = 'x509: certificate signed by unknown authority'
const derOf = ({ certificate }: { readonly certificate: string }) =>
  new X509Certificate(certificate).raw

type Authority = Awaited<ReturnType<typeof createRoot>>

async function leafOf(issuer: Authority, usage?: 'server'): Promise<X509Certificate> {
  return new X509Certificate((await issueBy(issuer, 'alice', usage)).certificate)
}

test('what a client sends with its certificate may lead to an authority', async () => {
  const root = await createRoot()
  const first = await issueIntermediate(root)
  const second = await issueIntermediate(first)
  const leaf = await leafOf(second)
  const trust = () => new CertificateTrust(root.certificate, systemClock)
  assert.equal(trust().refusalOf(leaf), UNKNOWN)
  assert.equal(trust().refusalOf(leaf, [derOf(second)]), UNKNOWN)
  const whole = trust()
  assert.equal(whole.refusalOf(leaf, [derOf(first), derOf(second)]), undefined)
  // A connection that is resumed does not send the chain again.
  assert.equal(whole.refusalOf(leaf), undefined)
  whole.update((await createRoot()).certificate)
  assert.equal(whole.refusalOf(leaf, [derOf(first), derOf(second)]), UNKNOWN)
  assert.equal(
    trust().refusalOf(await leafOf(first, 'server'), [derOf(first)]),
    'x509: certificate specifies an incompatible key usage',
  )
})

test('only authorities in force lead anywhere', async () => {
  const root = await createRoot()
  const none = await issueIntermediate(root, false)
  const trust = new CertificateTrust(root.certificate, systemClock)
  assert.equal(trust.refusalOf(await leafOf(none), [derOf(none)]), UNKNOWN)
  const stranger = await issueIntermediate(await createRoot())
  assert.equal(trust.refusalOf(await leafOf(stranger), [derOf(stranger)]), UNKNOWN)
  const short = await issueIntermediate(root)
  const later = new (class extends VirtualClock {
    override now = () => Date.parse(new X509Certificate(short.certificate).validTo) + 1000
  })()
  const then = new CertificateTrust(root.certificate, later)
  assert.equal(then.refusalOf(await leafOf(short), [derOf(short)]), UNKNOWN)
  assert.equal(trust.refusalOf(await leafOf(short), [derOf(short)]), undefined)
})

/** Of the same key: a certificate of version 1, which has no extensions, and one of version 3. */
const ROOT_OF_VERSION_1 = `-----BEGIN CERTIFICATE-----
MIIBIzCByQIUUMIUq/KZSTpk+qz/jlDlrc6bdDcwCgYIKoZIzj0EAwIwEzERMA8G
A1UEAwwIb2xkIHJvb3QwIBcNMjYxMTIxMjE0MDQ3WhgPMjEyNjEwMjgyMTQwNDda
MBMxETAPBgNVBAMMCG9sZCByb290MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
vF4RqjOSuZTCI+eXEYIflY/WOrjZySn9VMzKxMwqwM2vcBvJX2ootC3tU+eyav2W
hm4tIrX1VCSB4h3nbz0ExjAKBggqhkjOPQQDAgNJADBGAiEA3dex/PiJ8YttGZwG
f85OkdmPUX2VRCsEH23kc8LumZ8CIQC09FGGBsQ77bYOICZRIeF53XR16PsfATkp
3buS3Tai0g==
-----END CERTIFICATE-----`
const LEAF_AS_ROOT = `-----BEGIN CERTIFICATE-----
MIIBXzCCAQagAwIBAgIUTx95Zo9AHfPbVwqmNZcXWzyvKMUwCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIb2xkIHJvb3QwIBcNMjYxMTIxMjE0MDQ4WhgPMjEyNjEwMjgy
MTQwNDhaMBMxETAPBgNVBAMMCG9sZCByb290MFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEvF4RqjOSuZTCI+eXEYIflY/WOrjZySn9VMzKxMwqwM2vcBvJX2ootC3t
U+eyav2Whm4tIrX1VCSB4h3nbz0ExqM2MDQwEwYDVR0lBAwwCgYIKwYBBQUHAwIw
HQYDVR0OBBYEFEZ8Z/Oir6zonvn/4C8OtJvDigMeMAoGCCqGSM49BAMCA0cAMEQC
IHep3w1XSMoq6U05VN/0tJ8/1wlZvxXzylyGoWJzyCLCAiBTjqAczPP5vhWnsZYs
lKTVyrcXthyGSTxlJtr1JliaOw==
-----END CERTIFICATE-----`
/** Issued by it. */
const LEAF = `-----BEGIN CERTIFICATE-----
MIIBlzCCAT2gAwIBAgIUC746fxdE4QgmlEAb7Ard9Ck/tNswCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIb2xkIHJvb3QwIBcNMjYxMTIxMjE0MDQ4WhgPMjEyNjEwMjgy
MTQwNDhaMBAxDjAMBgNVBAMMBWFsaWNlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
QgAEHXVI9KujXqMyC8/rdhIhcUhN43HQn2KL81nx8I7eDk9NMeIeX3xq4D3+kppd
vlg5LLavoWyTmQImp+gB1h4vcKNwMG4wEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYD
VR0OBBYEFMJkmtjrUkZyihaYvsCBYSW1eH23MDgGA1UdIwQxMC+hF6QVMBMxETAP
BgNVBAMMCG9sZCByb290ghRQwhSr8plJOmT6rP+OUOWtzpt0NzAKBggqhkjOPQQD
AgNIADBFAiEAor4VmAucAOImJz0QIY1fyTTQhHUgK2zrmDfK3E9Nl7gCIDxbRvqp
Lx6zLKXButSe46tah3OW3tRFJELZ1++8Kmbk
-----END CERTIFICATE-----`

test('an authority of version 1 cannot say that it is one', () => {
  const leaf = new X509Certificate(LEAF)
  assert.equal(new CertificateTrust(ROOT_OF_VERSION_1, systemClock).refusalOf(leaf), undefined)
  assert.equal(new CertificateTrust(LEAF_AS_ROOT, systemClock).refusalOf(leaf), UNKNOWN)
})
