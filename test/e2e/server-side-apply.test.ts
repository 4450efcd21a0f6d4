import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { systemExec } from '../../src/base/exec.ts'
import type { ManagedFieldsEntry } from '../../src/machinery/object-meta.ts'
import { WherryProcess } from '../support/wherry-process.ts'

const hasKubectl = await systemExec.run('kubectl', ['version', '--client']).then(
  ({ code }) => code === 0,
  () => false,
)
const skip = hasKubectl ? false : 'kubectl was not found'
if (skip !== false) console.log(`skipped: server-side apply by kubectl: ${skip}`)

const configMap = (data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', labels: { app: 'x' } },
  data,
})
const deployment = (replicas: number, image: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image, ports: [{ containerPort: 80 }] }] },
    },
  },
})

describe('server-side apply by kubectl', { skip }, () => {
  const cluster = new WherryProcess(['--port', '0', '--runtime', 'simulated', '--memory'])
  const file = join(cluster.directory, 'config.json')

  before(() => cluster.up())
  after(() => cluster.remove())

  const apply = (config: object, ...options: readonly string[]) => {
    writeFileSync(file, JSON.stringify(config))
    return cluster.kubectl('apply', '-f', file, ...options)
  }
  const applied = (config: object, ...options: readonly string[]) => {
    const { code, stdout, stderr } = apply(config, '--server-side', ...options)
    assert.equal(code, 0, stderr)
    return stdout
  }
  /** `manager operation subresource` for each entry of an object. */
  const managers = (...object: readonly string[]) => {
    const text = cluster.ok('get', ...object, '--show-managed-fields', '-o', 'json')
    const { metadata } = JSON.parse(text) as {
      metadata: { managedFields?: readonly ManagedFieldsEntry[] }
    }
    return (metadata.managedFields ?? []).map(({ manager, operation, subresource = '-' }) =>
      [manager, operation, subresource].join(' '),
    )
  }

  test('creates, updates, removes', () => {
    assert.match(applied(configMap({ k: '1', l: '2' })), /serverside-applied/)
    const version = () =>
      cluster.ok('get', 'cm', 'settings', '-o', 'jsonpath={.metadata.resourceVersion}')
    const before = version()
    applied(configMap({ k: '1', l: '2' }))
    assert.equal(version(), before, 'the same again writes nothing')
    applied(configMap({ k: '3' }))
    assert.equal(cluster.ok('get', 'cm', 'settings', '-o', 'jsonpath={.data}'), '{"k":"3"}')
    const shown = cluster.ok('get', 'cm', 'settings', '--show-managed-fields', '-o', 'yaml')
    assert.match(shown, /fieldsV1:\n +f:data:\n +f:k: \{\}\n/)
    assert.doesNotMatch(cluster.ok('get', 'cm', 'settings', '-o', 'yaml'), /managedFields/)
  })

  test('conflicts with who edited, and takes over by force', () => {
    cluster.ok('label', 'cm', 'settings', 'more=labels')
    const patch = '{"data":{"k":"edited"}}'
    cluster.ok('patch', 'cm', 'settings', '--type=merge', '-p', patch, '--field-manager=editor')
    const { code, stderr } = apply(configMap({ k: '3' }), '--server-side')
    assert.notEqual(code, 0)
    assert.match(
      stderr,
      /^error: Apply failed with 1 conflict: conflict with "editor" using v1: \.data\.k\n/,
    )
    applied(configMap({ k: '3' }), '--force-conflicts')
    assert.deepEqual(managers('cm', 'settings'), ['kubectl Apply -', 'kubectl-label Update -'])
  })

  test('goes on from client-side apply, and back', () => {
    assert.equal(apply(deployment(1, 'a:1')).code, 0)
    cluster.ok('rollout', 'status', 'deployment/web', '--timeout=30s')
    applied(deployment(1, 'a:2'))
    const owners = managers('deployment', 'web')
    assert.ok(owners.includes('kubectl Apply -'))
    assert.ok(!owners.includes('kubectl-client-side-apply Update -'), owners.join())
    assert.ok(owners.includes('kube-controller-manager Update status'))
    assert.equal(apply(deployment(2, 'a:2')).code, 0)
    const { stderr } = apply(deployment(3, 'a:2'), '--server-side', '--field-manager=gitops')
    assert.match(
      stderr,
      /conflict with "kubectl-client-side-apply" using apps\/v1: \.spec\.replicas/,
    )
  })

  test('leaves replicas to who scales', () => {
    cluster.ok('scale', 'deployment/web', '--replicas=4')
    assert.ok(managers('deployment', 'web').includes('kubectl Update scale'))
    const { replicas: _, ...spec } = deployment(0, 'a:3').spec
    const options = ['--field-manager=gitops', '--force-conflicts']
    applied({ ...deployment(0, 'a:3'), spec }, ...options)
    const replicas = cluster.ok('get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}')
    assert.equal(replicas, '4')
  })

  test('a dry run changes nothing, and a mistake is explained', () => {
    applied(configMap({ k: 'other' }), '--dry-run=server', '--force-conflicts')
    assert.equal(cluster.ok('get', 'cm', 'settings', '-o', 'jsonpath={.data.k}'), '3')
    const { stderr } = apply({ ...configMap({}), bogus: 1 }, '--server-side', '--validate=false')
    assert.match(
      stderr,
      /failed to create typed patch object \(default\/settings; \/v1, Kind=ConfigMap\): \.bogus: field not declared in schema/,
    )
  })
})
