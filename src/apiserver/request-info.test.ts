import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRequestInfo } from './request-info.ts'

/** Verb, group, version, namespace, resource, subresource, name; '-' where it is no resource. */
function read(method: string, url: string): string {
  const [path = '', query = ''] = url.split('?')
  const info = parseRequestInfo(method, path, new URLSearchParams(query))
  if (!info.isResourceRequest) return `- ${info.verb}`
  const { verb, group, version, namespace, resource, subresource, name } = info
  return [verb, group, version, namespace, resource, subresource, name].join('|')
}

test('resource requests, by upstream’s table', () => {
  const cases: readonly [method: string, url: string, expected: string][] = [
    ['GET', '/api/v1/namespaces', 'list||v1||namespaces||'],
    ['GET', '/api/v1/namespaces/other', 'get||v1|other|namespaces||other'],
    ['GET', '/api/v1/namespaces/other/pods', 'list||v1|other|pods||'],
    ['GET', '/api/v1/namespaces/other/pods/foo', 'get||v1|other|pods||foo'],
    ['HEAD', '/api/v1/namespaces/other/pods/foo', 'get||v1|other|pods||foo'],
    ['GET', '/api/v1/pods', 'list||v1||pods||'],
    ['GET', '/api/v1/namespaces/other/pods/foo/log', 'get||v1|other|pods|log|foo'],
    ['GET', '/api/v1/watch/namespaces/other/pods', 'watch||v1|other|pods||'],
    ['GET', '/api/v1/watch/namespaces/other/pods/foo', 'watch||v1|other|pods||foo'],
    ['GET', '/api/v1/namespaces/other/pods?watch=1', 'watch||v1|other|pods||'],
    ['GET', '/api/v1/namespaces/other/pods?watch=false', 'list||v1|other|pods||'],
    ['GET', '/api/v1/namespaces/other/pods?watch', 'watch||v1|other|pods||'],
    ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Dfoo', 'list||v1||pods||foo'],
    ['GET', '/api/v1/pods?watch=true&fieldSelector=a=b,metadata.name=foo', 'watch||v1||pods||foo'],
    [
      'GET',
      '/api/v1/pods?fieldSelector=metadata.name=foo,metadata.name=bar',
      'list||v1||pods||bar',
    ],
    ['GET', '/api/v1/pods?fieldSelector=metadata.name%21%3Dfoo', 'list||v1||pods||'],
    ['GET', '/api/v1/pods?fieldSelector=metadata.name=a/b', 'list||v1||pods||'],
    ['POST', '/api/v1/namespaces/other/pods', 'create||v1|other|pods||'],
    ['PUT', '/api/v1/namespaces/other/pods/foo', 'update||v1|other|pods||foo'],
    ['PATCH', '/api/v1/namespaces/other/pods/foo/status', 'patch||v1|other|pods|status|foo'],
    ['constructor', '/api/v1/namespaces/other/pods/foo', '||v1|other|pods||foo'],
    ['DELETE', '/api/v1/namespaces/other/pods/foo', 'delete||v1|other|pods||foo'],
    ['DELETE', '/api/v1/namespaces/other/pods', 'deletecollection||v1|other|pods||'],
    ['PUT', '/api/v1/namespaces/other/finalize', 'update||v1|other|namespaces|finalize|other'],
    ['PUT', '/api/v1/namespaces/other/status', 'update||v1|other|namespaces|status|other'],
    ['GET', '/apis/apps/v1/namespaces/d/deployments/w', 'get|apps|v1|d|deployments||w'],
    ['GET', '/apis/storage.k8s.io/v1/storageclasses/', 'list|storage.k8s.io|v1||storageclasses||'],
    ['POST', '/api/v1/proxy/namespaces/d/pods/p', 'proxy||v1|d|pods||p'],
    ['GET', '/api/v1/nodes/n/proxy/metrics', 'get||v1||nodes|proxy|n'],
    ['OPTIONS', '/api/v1/pods', '||v1||pods||'],
  ]
  for (const [method, url, expected] of cases) assert.equal(read(method, url), expected, url)
})

test('everything else is no resource request', () => {
  const paths = [
    '/',
    '/api',
    '/api/v1',
    '/apis',
    '/apis/apps',
    '/apis/apps/v1',
    '/version',
    '/healthz',
  ]
  for (const path of [...paths, '/api/v1/watch', '/metrics', '/swaggerapi/api/v1/pods']) {
    assert.equal(read('GET', path), '- get', path)
  }
  assert.equal(read('POST', '/healthz'), '- post')
})
