import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { formatKubeconfig, mergeKubeconfig, removeFromKubeconfig } from './kubeconfig.ts'

const ENTRY = {
  name: 'wherry',
  server: 'https://127.0.0.1:6443',
  authority: 'CA',
  client: { certificate: 'CERT', key: 'KEY' },
}

const OTHERS = `# mine
apiVersion: v1
kind: Config
clusters:
- name: prod # do not touch
  cluster: {server: https://prod:6443}
contexts: []
users: null
current-context: prod
preferences: {}
`

test('writes a kubeconfig that kubectl can read', () => {
  const config = parse(formatKubeconfig(ENTRY))
  assert.equal(config['current-context'], 'wherry')
  assert.deepEqual(config.clusters, [
    {
      name: 'wherry',
      cluster: { server: ENTRY.server, 'certificate-authority-data': 'Q0E=' },
    },
  ])
  assert.equal(config.users[0].user['client-key-data'], 'S0VZ')
  assert.deepEqual(config.contexts[0].context, { cluster: 'wherry', user: 'wherry' })
})

test('keeps what a file holds, comments too', () => {
  const merged = mergeKubeconfig(OTHERS, ENTRY)
  assert.match(merged, /^# mine/)
  assert.match(merged, /do not touch/)
  const config = parse(merged)
  assert.deepEqual(
    config.clusters.map(({ name }: { name: string }) => name),
    ['prod', 'wherry'],
  )
  assert.equal(config['current-context'], 'wherry')
})

test('replaces its own entry, and removes nothing but it', () => {
  const twice = mergeKubeconfig(mergeKubeconfig(OTHERS, ENTRY), {
    ...ENTRY,
    server: 'https://127.0.0.1:7443',
  })
  assert.equal(parse(twice).clusters.length, 2)
  assert.equal(parse(twice).clusters[1].cluster.server, 'https://127.0.0.1:7443')
  const removed = parse(removeFromKubeconfig(twice, 'wherry'))
  assert.deepEqual(removed.contexts, [])
  assert.equal(removed.clusters[0].name, 'prod')
  assert.equal(removed['current-context'], '')
})

test('refuses a file that is no kubeconfig rather than overwrite it', () => {
  assert.throws(() => mergeKubeconfig('- a list', ENTRY))
  assert.throws(() => mergeKubeconfig('a: [', ENTRY))
})
