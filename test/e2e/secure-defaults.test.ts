import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { systemExec } from '../../src/base/exec.ts'
import { WherryProcess } from '../support/wherry-process.ts'

const PASSWORD = 'correct-horse-battery-staple'
const ENCODED = Buffer.from(PASSWORD).toString('base64')

const hasKubectl = await systemExec.run('kubectl', ['version', '--client']).then(
  ({ code }) => code === 0,
  () => false,
)
const skip = hasKubectl ? false : 'kubectl was not found'
if (skip !== false) console.log(`skipped: what is secure by default: ${skip}`)

describe('secure by default', { skip }, () => {
  let cluster: WherryProcess
  const pathOf = (...names: string[]) => join(cluster.dataDirectory, ...names)
  const store = () =>
    readdirSync(pathOf('store')).map((name) => readFileSync(pathOf('store', name), 'latin1'))
  const auditEvents = () =>
    readFileSync(pathOf('log', 'audit.log'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)

  before(async () => {
    cluster = new WherryProcess(['--port', '0', '--runtime', 'simulated'])
    await cluster.up()
    cluster.ok('create', 'secret', 'generic', 'login', `--from-literal=password=${PASSWORD}`)
  })

  after(() => cluster.remove())

  test('a Secret is not readable on the disk, and its key is its owner’s alone', () => {
    for (const text of store()) {
      assert.equal(text.includes(PASSWORD), false)
      assert.equal(text.includes(ENCODED), false)
    }
    assert.equal(
      store().some((text) => text.includes('k8s:enc:secretbox:v1:key1:')),
      true,
    )
    assert.equal(statSync(pathOf('certificates', 'encryption.yaml')).mode & 0o777, 0o600)
  })

  test('who made and who read it stands in the audit log, what it says does not', async () => {
    cluster.ok('get', 'secret', 'login')
    await cluster.eventually(() => {
      const ofSecret = auditEvents().filter(({ objectRef }) => {
        const { resource, name } = (objectRef ?? {}) as { resource?: string; name?: string }
        return resource === 'secrets' && name === 'login'
      })
      assert.deepEqual(
        ofSecret.map(({ verb }) => verb),
        ['create', 'get'],
      )
      for (const { user, level } of ofSecret) {
        assert.equal((user as { username: string }).username, 'wherry-admin')
        assert.equal(level, 'Metadata')
      }
    })
    const log = readFileSync(pathOf('log', 'audit.log'), 'utf8')
    assert.equal(log.includes(ENCODED) || log.includes(PASSWORD), false)
    assert.equal(statSync(pathOf('log', 'audit.log')).mode & 0o777, 0o600)
  })

  test('a cluster that starts again reads it, and goes on with its log', async () => {
    const before = auditEvents().length
    await cluster.end('SIGTERM')
    await cluster.up()
    const path = 'jsonpath={.data.password}'
    assert.equal(cluster.ok('get', 'secret', 'login', '-o', path), ENCODED)
    await cluster.eventually(() => assert.ok(auditEvents().length > before))
  })

  test('who checks tokens is told where the keys are, on the port that was found', () => {
    const raw = (path: string) => JSON.parse(cluster.ok('get', '--raw', path))
    const server = cluster.ok('config', 'view', '--minify', '-o', 'jsonpath={..server}')
    const { jwks_uri } = raw('/.well-known/openid-configuration')
    assert.equal(jwks_uri, `${server}/openid/v1/jwks`)
    assert.equal(raw('/openid/v1/jwks').keys.length, 1)
  })

  test('requests have their priority level', () => {
    const levels = cluster.ok('get', 'flowschemas', '--no-headers')
    assert.match(levels, /^kube-scheduler +workload-high +800 +ByNamespace .* False$/m)
    const { stderr } = cluster.kubectl('get', 'namespaces', '-v=8')
    assert.match(stderr, /X-Kubernetes-Pf-Flowschema-Uid: [0-9a-f-]{36}/i)
  })
})
