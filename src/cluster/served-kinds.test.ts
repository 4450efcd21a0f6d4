import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withFilters } from '../apiserver/handler.ts'
import { type Connection, ServerRequest } from '../apiserver/request.ts'
import { builtInKinds } from '../kinds/index.ts'
import { isReason } from '../machinery/status-error.ts'
import { hideKinds, servedKinds } from './served-kinds.ts'

const served = (...settings: string[]) =>
  servedKinds(builtInKinds, settings).map(
    ({ group, version, plural }) => `${group}/${version}/${plural}`,
  )

test('everything is served, but for what the settings take away; the closest one counts', () => {
  assert.equal(served().length, builtInKinds.length)
  assert.equal(served('api/all=true', 'batch/v1').length, builtInKinds.length)
  const stable = served('api/alpha=false', 'api/beta=false')
  assert.ok(stable.every((name) => !/alpha|beta/.test(name)))
  assert.ok(stable.includes('/v1/pods') && stable.length < builtInKinds.length)
  assert.ok(!served('v1=false').includes('/v1/pods'))
  assert.ok(!served('api/v1/pods=false').includes('/v1/pods'))
  assert.deepEqual(served('api/all=false', 'apps/v1=true', 'apps/v1/statefulsets=false'), [
    ...served().filter((name) => name.startsWith('apps/v1/') && !name.endsWith('/statefulsets')),
  ])
})

test('settings that cannot be meant are refused', () => {
  assert.throws(() => served('api/all=false'), /invalid runtime-config with only api\/all=false/)
  assert.throws(() => served('apps/v1=no'), /invalid value apps\/v1=no/)
  assert.throws(() => served('other/v1'), /unknown api groups other\/v1/)
  assert.throws(() => served('apps/v9'), /group version apps\/v9 that has not been registered/)
  assert.throws(() => served('apps/v1/Deployments'), /resource is always lowercase plural/)
})

test('what is not served is not there for others, and for the server itself as ever', async () => {
  const kinds = servedKinds(builtInKinds, ['apps/v1/statefulsets=false'])
  assert.deepEqual(hideKinds(builtInKinds, builtInKinds), [])
  const handler = withFilters(hideKinds(builtInKinds, kinds), async () => ({ type: 'upgraded' }))
  const ask = (url: string, connection?: Connection) => {
    const { signal } = new AbortController()
    return handler(
      new ServerRequest({ method: 'GET', url, signal, ...(connection && { connection }) }),
    )
  }
  const others = { remoteAddress: '', peerCertificate: undefined }
  const hidden = '/apis/apps/v1/namespaces/a/statefulsets/b/scale'
  const isNotFound = (error: unknown) => isReason(error, 'NotFound')
  await assert.rejects(
    Promise.resolve().then(() => ask(hidden, others)),
    isNotFound,
  )
  await ask(hidden)
  await ask('/apis/apps/v1/deployments', others)
})
