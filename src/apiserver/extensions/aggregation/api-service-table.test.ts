import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestInfo } from '../../request-info.ts'
import { ApiServiceTable } from './api-service-table.ts'

const pool = { send: () => Promise.reject(new Error('nobody')), [Symbol.dispose]: () => {} }

function tableWith(group: string): ApiServiceTable {
  const table = new ApiServiceTable(() => pool, undefined)
  const service = { namespace: 'a', name: 'b' }
  const metadata = { name: `v1.${group}` }
  const spec = { group, version: 'v1', groupPriorityMinimum: 1, versionPriority: 1, service }
  table.set({ metadata, spec, status: {} } as never)
  return table
}

function requestsOf(group: string): RequestInfo[] {
  const info = { apiPrefix: 'apis', group, version: 'v1', parts: ['apis', group, 'v1'] }
  const below = [...info.parts, 'apiservices']
  return [
    { ...info, isResourceRequest: true, parts: below },
    { ...info, isResourceRequest: false },
  ] as unknown as RequestInfo[]
}

test('nobody else can serve APIServices, or they could never be put right again', () => {
  const [resource, discovery] = requestsOf('apiregistration.k8s.io')
  const table = tableWith('apiregistration.k8s.io')
  assert.ok(table.hasRemotes)
  assert.equal(table.remoteFor(resource as RequestInfo), undefined)
  assert.equal(table.remoteFor(discovery as RequestInfo), undefined)
  const others = tableWith('things.example.com')
  for (const info of requestsOf('things.example.com')) {
    assert.equal(others.remoteFor(info)?.service.name, 'b')
  }
})
