import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import {
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  Log,
  makeInformer,
  type V1Pod,
  Watch,
} from '@kubernetes/client-node'
import { WherryProcess } from '../support/wherry-process.ts'

/** The official JavaScript client against the program: it must find nothing unusual. */
describe('the official JavaScript client', () => {
  const cluster = new WherryProcess(['--runtime', 'simulated', '--memory', '--port', '0'])
  const config = new KubeConfig()
  const namespace = 'default'
  let core: CoreV1Api
  let apps: AppsV1Api

  before(async () => {
    await cluster.up()
    config.loadFromFile(cluster.kubeconfig)
    core = config.makeApiClient(CoreV1Api)
    apps = config.makeApiClient(AppsV1Api)
  })

  after(() => cluster.remove())

  test('objects are made, read, changed and removed, with types', async () => {
    const body = { metadata: { name: 'settings' }, data: { colour: 'red' } }
    const created = await core.createNamespacedConfigMap({ namespace, body })
    assert.ok(created.metadata?.creationTimestamp instanceof Date)
    const changed = await core.replaceNamespacedConfigMap({
      namespace,
      name: 'settings',
      body: { ...created, data: { colour: 'blue' } },
    })
    assert.deepEqual(changed.data, { colour: 'blue' })
    await assert.rejects(
      core.replaceNamespacedConfigMap({ namespace, name: 'settings', body: created }),
      (error: { code?: number }) => error.code === 409,
    )
    await core.deleteNamespacedConfigMap({ namespace, name: 'settings' })
    await assert.rejects(
      core.readNamespacedConfigMap({ namespace, name: 'settings' }),
      (error: { code?: number }) => error.code === 404,
    )
  })

  test('a Deployment comes up while an informer watches its pods', async () => {
    const list = () => core.listNamespacedPod({ namespace, labelSelector: 'app=web' })
    const path = `/api/v1/namespaces/${namespace}/pods`
    const informer = makeInformer(config, path, list, 'app=web')
    const running = new Set<string>()
    const seen = (pod: V1Pod) => {
      if (pod.status?.phase === 'Running') running.add(pod.metadata?.name ?? '')
    }
    informer.on('add', seen)
    informer.on('update', seen)
    await informer.start()
    const labels = { app: 'web' }
    await apps.createNamespacedDeployment({
      namespace,
      body: {
        metadata: { name: 'web' },
        spec: {
          replicas: 3,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: { containers: [{ name: 'web', image: 'nginx:1' }] },
          },
        },
      },
    })
    await cluster.eventually(() => assert.equal(running.size, 3))
    await informer.stop()
  })

  test('a watch begins where a list ended', async () => {
    const { metadata } = await core.listNamespacedConfigMap({ namespace })
    const names: string[] = []
    const watch = await new Watch(config).watch(
      `/api/v1/namespaces/${namespace}/configmaps`,
      { resourceVersion: metadata?.resourceVersion ?? '' },
      (type, { metadata: { name } }) => names.push(`${type} ${name}`),
      () => {},
    )
    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'watched' } } })
    await core.deleteNamespacedConfigMap({ namespace, name: 'watched' })
    await cluster.eventually(() => assert.deepEqual(names, ['ADDED watched', 'DELETED watched']))
    watch.abort()
  })

  test('objects of any kind, and server-side apply', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config)
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    }
    await objects.create(service)
    const applied = await objects.patch(
      { ...service, metadata: { ...service.metadata, labels: { applied: 'yes' } } },
      undefined,
      undefined,
      'tester',
      true,
      'application/apply-patch+yaml' as never,
    )
    assert.equal(applied.metadata?.labels?.['applied'], 'yes')
    const { metadata } = await core.readNamespacedService({ namespace, name: 'web' })
    assert.ok(metadata?.managedFields?.some(({ manager }) => manager === 'tester'))
  })

  test('logs', async () => {
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'app=web' })
    const stream = new PassThrough()
    await new Log(config).log(namespace, items[0]?.metadata?.name ?? '', 'web', stream)
    const [line] = await stream.take(1).toArray()
    assert.match(String(line), /^this container is simulated/)
  })
})
