import 'reflect-metadata'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as x509 from '@peculiar/x509'
import { Registry } from 'prom-client'
import type { KubeObject } from '../../machinery/kind.ts'
import { issuedDurations } from './issued-durations.ts'

const CLIENT = 'kubernetes.io/kube-apiserver-client'
const HOUR = 3600

const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
  'sign',
  'verify',
])

async function certificateFor(seconds: number): Promise<string> {
  const notBefore = new Date('2026-01-01T00:00:00Z')
  const notAfter = new Date(notBefore.getTime() + seconds * 1000)
  const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }
  const names = { name: 'CN=somebody', serialNumber: '01' }
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ ...names, notBefore, notAfter, signingAlgorithm, keys },
  })
  return Buffer.from(certificate.toString('pem')).toString('base64')
}

const request = (signerName: string, expirationSeconds?: number, certificate?: string) =>
  ({
    metadata: { name: 'a' },
    spec: { signerName, ...(expirationSeconds !== undefined && { expirationSeconds }) },
    status: { ...(certificate !== undefined && { certificate }) },
  }) as unknown as KubeObject

test('certificates are counted by the duration that was asked for and the one they have', async () => {
  const registry = new Registry()
  const { beforeUpdate } = issuedDurations(registry)
  const write = async (after: KubeObject, before: KubeObject, isDone = true) =>
    (await beforeUpdate?.(after, before, false))?.finish(isDone)
  const issue = async (signer: string, wanted: number | undefined, given: number) => {
    const before = request(signer, wanted)
    await write(request(signer, wanted, await certificateFor(given)), before)
  }
  await issue(CLIENT, HOUR, HOUR)
  await issue(CLIENT, HOUR, HOUR + 479)
  await issue(CLIENT, HOUR, HOUR + 480)
  await issue(CLIENT, 100 * HOUR, 95 * HOUR)
  await issue(CLIENT, 100 * HOUR, 94 * HOUR)
  await issue('example.com/own', HOUR, HOUR)
  await issue(CLIENT, undefined, HOUR)
  const certificate = await certificateFor(HOUR)
  const issued = request(CLIENT, HOUR, certificate)
  await write(issued, issued)
  await write(request(CLIENT, HOUR), request(CLIENT, HOUR))
  await write(issued, request(CLIENT, HOUR), false)
  const text = await registry.metrics()
  const prefix = 'apiserver_certificates_registry_csr_'
  for (const [what, signer, count] of [
    ['requested', CLIENT, 5],
    ['honored', CLIENT, 3],
    ['requested', 'other', 1],
    ['honored', 'other', 1],
  ]) {
    const line = `${prefix}${what}_duration_total{signerName="${signer}"} ${count}\n`
    assert.ok(text.includes(line), `${line}in\n${text}`)
  }
})
