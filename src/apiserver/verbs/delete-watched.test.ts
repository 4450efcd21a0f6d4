import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'

const PODS = '/api/v1/namespaces/default/pods'
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'

async function withServer(run: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await createTestServer({ isBootstrapped: true })
  const account = { metadata: { name: 'default' } }
  await server.send('POST', '/api/v1/namespaces/default/serviceaccounts', { body: account })
  try {
    await run(server)
  } finally {
    server.close()
    await server.storage.close()
  }
}

test('a pod that goes at once is marked first, so that watches see its deletion begin', () =>
  withServer(async (server) => {
    const body = {
      metadata: { name: 'a' },
      spec: { containers: [{ name: 'c', image: 'i' }], nodeName: 'n' },
    }
    const made = JSON.parse((await server.send('POST', PODS, { body })).text)
    const { resourceVersion } = made.metadata
    const watch = await server.watch(`${PODS}?watch=true&resourceVersion=${resourceVersion}`)
    const [first, second] = [Number(resourceVersion) + 1, Number(resourceVersion) + 2]
    const dry = await server.send('DELETE', `${PODS}/a?gracePeriodSeconds=0&dryRun=All`)
    assert.equal(dry.code, 200)
    const { text } = await server.send('DELETE', `${PODS}/a?gracePeriodSeconds=0`)
    assert.deepEqual(await watch.take(2), [`MODIFIED a@${first}`, `DELETED a@${second}`])
    await watch.close()
    const { metadata } = JSON.parse(text)
    assert.equal(metadata.generation, 2)
    assert.equal(metadata.deletionGracePeriodSeconds, 0)
    assert.equal(metadata.resourceVersion, String(second))
  }))

test('a collection is judged by its selection first, and a version means exactly that one', () =>
  withServer(async (server) => {
    const refused = async (query: string, options?: object) => {
      const sent = options === undefined ? {} : { body: options }
      const { code, text } = await server.send('DELETE', `${CONFIG_MAPS}?${query}`, sent)
      return `${code} ${JSON.parse(text).message ?? ''}`
    }
    const wrong = { propagationPolicy: 'Nope' }
    assert.match(await refused('fieldSelector=a%3Db', wrong), /^400 "a" is not a known field/)
    assert.match(await refused('resourceVersionMatch=Exact', wrong), /^422 ListOptions.meta/)
    assert.match(await refused('labelSelector=a', wrong), /^422 DeleteOptions.meta/)
    const { warnings } = await server.send(
      'DELETE',
      '/apis/batch/v1/namespaces/default/jobs?labelSelector=a%20b',
    )
    assert.deepEqual(warnings, [])
    const before = String(server.storage.revision())
    await server.send('POST', CONFIG_MAPS, { body: { metadata: { name: 'a' } } })
    const old = await server.send('DELETE', `${CONFIG_MAPS}?resourceVersion=${before}`)
    const { items, metadata } = JSON.parse(old.text)
    assert.deepEqual([items, metadata.resourceVersion], [[], before])
    assert.equal((await server.send('GET', `${CONFIG_MAPS}/a`)).code, 200)
  }))

test('who removes the last finalizer is shown the version that was there', () =>
  withServer(async (server) => {
    const finalizers = ['a/b']
    const body = { metadata: { name: 'a', finalizers } }
    await server.send('POST', CONFIG_MAPS, { body })
    const marked = JSON.parse((await server.send('DELETE', `${CONFIG_MAPS}/a`)).text)
    const { text } = await server.send('PATCH', `${CONFIG_MAPS}/a`, {
      body: { metadata: { finalizers: null }, data: { z: 'y' } },
      contentType: 'application/merge-patch+json',
    })
    const { metadata, data } = JSON.parse(text)
    assert.equal(metadata.resourceVersion, marked.metadata.resourceVersion)
    assert.deepEqual([metadata.finalizers, data], [undefined, { z: 'y' }])
    assert.equal((await server.send('GET', `${CONFIG_MAPS}/a`)).code, 404)
  }))

test('finalizers that a deletion wants and finds keep their order', () =>
  withServer(async (server) => {
    const finalizers = ['orphan', 'a/b']
    await server.send('POST', CONFIG_MAPS, { body: { metadata: { name: 'a', finalizers } } })
    const { text } = await server.send('DELETE', `${CONFIG_MAPS}/a`)
    assert.deepEqual(JSON.parse(text).metadata.finalizers, finalizers)
  }))
