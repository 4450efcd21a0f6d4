import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { StatusError } from '../../machinery/status-error.ts'
import { timedOut } from '../listener/request-deadline.ts'
import { ServerRequest } from '../request.ts'
import { terminating } from '../terminations.ts'
import { ServerMetrics } from './server-metrics.ts'
import { versionInfo } from './version-info.ts'

const LEASE = '/apis/coordination.k8s.io/v1/namespaces/n/leases/a'

function newMetrics() {
  const version = versionInfo({
    ...{ programVersion: '0.1.0', commit: 'abc', buildDate: '2026-11-21T00:00:00Z' },
    ...{ nodeVersion: 'v20.11.0', os: 'linux', architecture: 'x64' },
  })
  return new ServerMetrics(systemClock, version)
}

test('requests that are cut short are counted, ordinary refusals are not', async () => {
  const metrics = newMetrics()
  const { signal } = new AbortController()
  const ask = async (error: StatusError) => {
    const request = new ServerRequest({ method: 'PUT', url: LEASE, signal })
    await assert.rejects(async () => metrics.filter(request, () => Promise.reject(error)))
  }
  await ask(timedOut())
  await ask(timedOut())
  await ask(new StatusError('TooManyRequests', 'Cannot evict pod'))
  await ask(terminating(new StatusError('ServiceUnavailable', 'nobody listens'), 'client'))
  const text = await metrics.registry.metrics()
  const lines = (name: string) => text.split('\n').filter((line) => line.startsWith(`${name}{`))
  const labels =
    'verb="PUT",group="coordination.k8s.io",version="v1",resource="leases",' +
    'subresource="",scope="resource"'
  assert.deepEqual(lines('apiserver_request_terminations_total'), [
    `apiserver_request_terminations_total{${labels},component="apiserver",code="504"} 2`,
  ])
  assert.deepEqual(lines('apiserver_request_aborts_total'), [
    `apiserver_request_aborts_total{${labels}} 1`,
  ])
})

test('the sizes of bodies are counted by resource and verb, where one was read', async () => {
  const metrics = newMetrics()
  const { signal } = new AbortController()
  const readBody = async () => Buffer.alloc(200_000)
  for (const isRead of [true, false]) {
    const request = new ServerRequest({ method: 'PUT', url: LEASE, signal, readBody })
    await metrics.filter(request, async () => {
      if (isRead) request.bodyBytes = (await request.body()).length
      return { type: 'object', code: 200, object: {} }
    })
  }
  const text = await metrics.registry.metrics()
  const labels = 'group="coordination.k8s.io",resource="leases",verb="update"'
  const size = (suffix: string, first = '') =>
    text.match(`apiserver_request_body_size_bytes_${suffix}{${first}${labels}} (.*)`)?.[1]
  assert.equal(size('sum'), '200000')
  assert.equal(size('count'), '1')
  assert.equal(size('bucket', 'le="150000",'), '0')
  assert.equal(size('bucket', 'le="250000",'), '1')
})
