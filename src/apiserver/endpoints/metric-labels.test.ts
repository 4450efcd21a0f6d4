import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'
import { systemClock } from '../../base/clock.ts'
import { StatusError } from '../../machinery/status-error.ts'
import { ServerRequest } from '../request.ts'
import { isServedBy, ServerMetrics } from './server-metrics.ts'
import { versionInfo } from './version-info.ts'

test('whatever clients ask for, labels name only what there is', async () => {
  const api = await createTestServer()
  const version = versionInfo({
    ...{ programVersion: '0.1.0', commit: 'abc', buildDate: '2026-11-21T00:00:00Z' },
    ...{ nodeVersion: 'v20.11.0', os: 'linux', architecture: 'x64' },
  })
  const metrics = new ServerMetrics(systemClock, version)
  metrics.isServed = isServedBy(api.resources)
  const { signal } = new AbortController()
  const ask = async (method: string, url: string) => {
    const refuse = () => Promise.reject(new StatusError('Unauthorized', 'Unauthorized'))
    const request = new ServerRequest({ method, url, signal })
    await assert.rejects(async () => metrics.filter(request, refuse))
  }
  const series = async () => {
    const lines = (await metrics.registry.metrics()).split('\n')
    return lines.filter((line) => line.startsWith('apiserver_'))
  }
  const pods = '/api/v1/namespaces/default/pods'
  const known = [pods, `${pods}/a/log`, `${pods}/a/status`, '/apis/apps/v1/deployments/a/scale']
  for (const url of known) await ask('GET', url)
  await ask('GET', '/apis/g0.x/v1/namespaces/n/r0/x')
  await ask('BREW0', '/coffee')
  const before = await series()
  assert.ok(before.some((line) => line.includes('resource="pods",subresource="log"')))
  assert.ok(before.some((line) => line.includes('subresource="scale"')))
  for (let index = 1; index < 50; index++) {
    await ask('GET', `/apis/g${index}.x/v1/namespaces/n/r${index}/x`)
    await ask('GET', `${pods}/a/part${index}`)
    await ask('GET', `/api/v1/watch/things${index}`)
    await ask(`BREW${index}`, '/coffee')
  }
  const after = await series()
  const added = after.length - before.length
  assert.ok(added < 200, `${added} lines more`)
  assert.ok(!after.some((line) => /g1\.x|r1"|part1|things1|BREW/.test(line)))
  api.close()
})
