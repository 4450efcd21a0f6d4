import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FileSystem } from '../base/file-system.ts'
import { readWebhookTarget } from './webhook-target.ts'

function read(cluster: string) {
  const text = `
current-context: c
contexts: [{ name: c, context: { cluster: x, user: u } }]
clusters: [{ name: x, cluster: { server: 'https://hook.example:8443/review', ${cluster} } }]
users: [{ name: u, user: { token: t } }]`
  const files = { readFile: () => Promise.resolve(Buffer.from(text)) }
  return readWebhookTarget('/etc/hook.yaml', files as unknown as FileSystem)
}

test('a webhook is trusted by its authority, by those of the system, or without any', async () => {
  const pem = Buffer.from('PEM').toString('base64')
  const trusted = await read(`certificate-authority-data: ${pem}`)
  assert.deepEqual(trusted, {
    server: { host: 'hook.example', port: 8443, tls: { authority: 'PEM' } },
    path: '/review',
    token: 't',
  })
  const system = await read('')
  assert.match(system?.server.tls?.authority ?? '', /^-----BEGIN CERTIFICATE-----/)
  const blind = await read('insecure-skip-tls-verify: true')
  assert.deepEqual(blind?.server.tls, {})
  await assert.rejects(
    read(`insecure-skip-tls-verify: true, certificate-authority-data: ${pem}`),
    /hook\.yaml: specifying a root certificates file with the insecure flag is not allowed$/,
  )
})
