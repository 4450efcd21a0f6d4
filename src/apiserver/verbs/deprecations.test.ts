import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ADMIN, createTestServer } from '../../../test/support/api-server.ts'
import { isReason } from '../../machinery/status-error.ts'
import { ServerMetrics } from '../endpoints/server-metrics.ts'
import { versionInfo } from '../endpoints/version-info.ts'
import { ServerRequest } from '../request.ts'

const version = versionInfo({
  programVersion: '0',
  commit: '',
  buildDate: '',
  nodeVersion: '',
  os: 'linux',
  architecture: 'x64',
})

test('who asks for what will go is told, written down and counted', async () => {
  const api = await createTestServer()
  const metrics = new ServerMetrics(api.clock, version)
  const ask = async (url: string) => {
    const { signal } = new AbortController()
    const request = new ServerRequest({ method: 'GET', url, user: ADMIN, signal })
    try {
      await metrics.filter(request, (one) => api.server.handle(one))
    } catch (error) {
      assert.ok(isReason(error, 'NotFound'))
    }
    return { warnings: request.warnings, annotations: Object.fromEntries(request.auditAnnotations) }
  }
  try {
    assert.deepEqual(await ask('/api/v1/configmaps'), { warnings: [], annotations: {} })
    assert.deepEqual(await ask('/api/v1/endpoints'), {
      warnings: ['v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
      annotations: { 'k8s.io/deprecated': 'true' },
    })
    const { annotations } = await ask('/apis/resource.k8s.io/v1beta1/deviceclasses/a')
    const removed = { 'k8s.io/deprecated': 'true', 'k8s.io/removed-release': '1.38' }
    assert.deepEqual(annotations, removed)
    const text = await metrics.registry.metrics()
    const shown = text.split('\n').filter((line) => line.startsWith('apiserver_requested_depr'))
    const line = (labels: string) => `apiserver_requested_deprecated_apis{${labels}} 1`
    assert.deepEqual(shown, [
      line('group="",version="v1",resource="endpoints",subresource="",removed_release=""'),
      line(
        'group="resource.k8s.io",version="v1beta1",resource="deviceclasses",subresource="",' +
          'removed_release="1.38"',
      ),
    ])
  } finally {
    api.close()
  }
})
