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
