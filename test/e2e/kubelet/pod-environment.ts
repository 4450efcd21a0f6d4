import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { ConfigMap } from '../../../src/kinds/core/v1/config-map.ts'
import { Pod } from '../../../src/kinds/core/v1/pod.ts'
import { Secret } from '../../../src/kinds/core/v1/secret.ts'
import { Service } from '../../../src/kinds/core/v1/service.ts'
import { ServiceAccount } from '../../../src/kinds/core/v1/service-account.ts'
import type { RealNode } from '../../support/real-node.ts'
import { idle, metadata } from './busybox.ts'

/** What a pod finds around it: network, variables and volumes. */
export async function checkEnvironment(t: TestContext, node: RealNode): Promise<void> {
  await t.test('a pod runs with its own address, name, hosts and resolver', async () => {
    await node.createPod('web', {
      containers: [idle],
      hostname: 'first',
      subdomain: 'group',
      hostAliases: [{ ip: '192.0.2.9', hostnames: ['friend'] }],
    })
    const { status } = await node.running('web')
    assert.match(status.podIP ?? '', /^10\.251\.7\./)
    assert.equal(await node.exec('web', 'hostname'), 'first\n')
    const hosts = await node.exec('web', 'cat', '/etc/hosts')
    assert.match(hosts, new RegExp(`${status.podIP}\tfirst.group.default.svc.cluster.local\tfirst`))
    assert.match(hosts, /192\.0\.2\.9\tfriend/)
    assert.equal(
      await node.exec('web', 'cat', '/etc/resolv.conf'),
      'search default.svc.cluster.local svc.cluster.local cluster.local\n' +
        'nameserver 10.96.0.10\noptions ndots:5\n',
    )
  })

  await t.test('variables come from everywhere', async () => {
    await node.client.create(ConfigMap, { metadata: metadata('settings'), data: { COLOUR: 'red' } })
    const password = Buffer.from('s3cret').toString('base64')
    await node.client.create(Secret, { metadata: metadata('keys'), data: { password } })
    await node.client.create(Service, {
      metadata: metadata('red-is'),
      spec: { clusterIP: '10.96.0.7', ports: [{ port: 6379, targetPort: 6379 }] },
    })
    await node.createPod('env', {
      serviceAccountName: 'robot',
      containers: [
        {
          ...idle,
          resources: { limits: { cpu: '500m', memory: '64Mi' } },
          envFrom: [{ prefix: 'C_', configMapRef: { name: 'settings' } }],
          env: [
            { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'keys', key: 'password' } } },
            { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
            { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
            { name: 'LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.memory' } } },
            { name: 'BOTH', value: '$(C_COLOUR)-$(NODE)-$$(NODE)-$(NOBODY)' },
          ],
        },
      ],
    })
    const { status } = await node.running('env')
    const variables = new Set((await node.exec('env', 'env')).split('\n'))
    for (const expected of [
      'C_COLOUR=red',
      'PASSWORD=s3cret',
      'NODE=node-1',
      `IP=${status.podIP}`,
      `LIMIT=${64 * 1024 * 1024}`,
      'BOTH=red-node-1-$(NODE)-$(NOBODY)',
      'RED_IS_SERVICE_HOST=10.96.0.7',
      'RED_IS_PORT_6379_TCP=tcp://10.96.0.7:6379',
    ]) {
      assert.ok(variables.has(expected), `${expected} in ${[...variables].join(' ')}`)
    }
    const limit = '/sys/fs/cgroup/memory/memory.limit_in_bytes'
    const unified = '/sys/fs/cgroup/memory.max'
    const bytes = await node.exec('env', 'sh', '-c', `cat ${limit} 2>/dev/null || cat ${unified}`)
    assert.equal(Number(bytes), 64 * 1024 * 1024)
  })

  await t.test('volumes: what they hold, who may read it, and how it changes', async () => {
    await node.client.create(ServiceAccount, { metadata: metadata('default') })
    await node.createPod(
      'volumes',
      {
        securityContext: { fsGroup: 2000 },
        containers: [
          {
            ...idle,
            volumeMounts: [
              { name: 'scratch', mountPath: '/scratch' },
              { name: 'memory', mountPath: '/memory' },
              { name: 'settings', mountPath: '/settings' },
              { name: 'settings', mountPath: '/single/colour', subPath: 'colour' },
              { name: 'keys', mountPath: '/keys' },
              { name: 'all', mountPath: '/all' },
              { name: 'scratch', mountPath: '/part', subPath: 'a/b' },
              { name: 'host', mountPath: '/host', readOnly: true },
            ],
          },
        ],
        volumes: [
          { name: 'scratch', emptyDir: {} },
          { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
          {
            name: 'settings',
            configMap: { name: 'settings', items: [{ key: 'COLOUR', path: 'colour' }] },
          },
          { name: 'keys', secret: { secretName: 'keys', defaultMode: 0o400 } },
          {
            name: 'all',
            projected: {
              sources: [
                { serviceAccountToken: { path: 'token', expirationSeconds: 3600 } },
                { configMap: { name: 'absent', optional: true } },
                {
                  downwardAPI: {
                    items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }],
                  },
                },
              ],
            },
          },
          { name: 'host', hostPath: { path: '/etc', type: 'Directory' } },
        ],
      },
      { labels: { app: 'volumes' } },
    )
    await node.running('volumes')
    const read = (path: string) => node.exec('volumes', 'cat', path)
    assert.equal(await read('/settings/colour'), 'red')
    assert.equal(await read('/single/colour'), 'red')
    assert.equal(await read('/keys/password'), 's3cret')
    assert.equal(await read('/all/token'), 'token-default-')
    assert.equal(await read('/all/labels'), 'app="volumes"')
    await node.exec('volumes', 'sh', '-c', 'echo here > /part/file')
    assert.equal(await read('/scratch/a/b/file'), 'here\n')
    const modes = await node.exec(
      'volumes',
      'stat',
      '-L',
      '-c',
      '%a %g',
      '/keys/password',
      '/scratch',
    )
    assert.equal(modes, '440 2000\n2777 2000\n')
    const mounts = await read('/proc/mounts')
    assert.match(mounts, /tmpfs \/memory tmpfs .*size=1024k/)
    assert.match(mounts, /tmpfs \/keys tmpfs ro/)
    await assert.rejects(node.exec('volumes', 'touch', '/host/x'), /Read-only/)

    const settings = await node.client.get(ConfigMap, metadata('settings'))
    await node.client.update(ConfigMap, { ...settings, data: { COLOUR: 'blue' } })
    const pod = node.pod('volumes') as Pod
    await node.client.update(Pod, {
      ...pod,
      metadata: { ...pod.metadata, labels: { app: 'changed' } },
    })
    const directory = join(node.disk.rootDirectory, 'pods', pod.metadata.uid, 'volumes')
    assert.deepEqual(readdirSync(directory).toSorted(), [
      'kubernetes.io~configmap',
      'kubernetes.io~empty-dir',
      'kubernetes.io~projected',
      'kubernetes.io~secret',
    ])
    await node.untilAsync(async () => (await read('/settings/colour')) === 'blue')
    await node.untilAsync(async () => (await read('/all/labels')) === 'app="changed"')
    assert.equal(await read('/single/colour'), 'red', 'a subPath stays what it was')
  })
}
