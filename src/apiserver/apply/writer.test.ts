import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServerRequest, type UserInfo } from '../request.ts'
import { writerOf } from './writer.ts'

const request = (url: string, userAgent: string | undefined, user?: string) =>
  new ServerRequest({
    method: 'PUT',
    url,
    headers: { 'user-agent': userAgent },
    ...(user === undefined
      ? { connection: { remoteAddress: '192.0.2.1', peerCertificate: undefined } }
      : { user: { name: user, groups: [] } satisfies UserInfo }),
    signal: new AbortController().signal,
  })

test('a writer is known by its field manager, its program or its identity', () => {
  const url = '/api/v1/namespaces/default'
  const cases: [
    url: string,
    userAgent: string | undefined,
    user: string | undefined,
    name: string,
  ][] = [
    [`${url}?fieldManager=me`, 'kubectl/v1.32', undefined, 'me'],
    [url, 'kubectl/v1.32.0 (linux/amd64) kubernetes/abc', undefined, 'kubectl'],
    [url, 'Mozilla', undefined, 'Mozilla'],
    [url, 'a\u0007b/1', undefined, 'ab'],
    [url, `${'é'.repeat(100)}/1`, undefined, 'é'.repeat(64)],
    [url, undefined, undefined, ''],
    [url, undefined, 'system:node:n1', 'kubelet'],
    [url, undefined, 'system:kube-scheduler', 'kube-scheduler'],
    [url, undefined, 'system:kube-controller-manager', 'kube-controller-manager'],
    [
      url,
      undefined,
      'system:serviceaccount:kube-system:deployment-controller',
      'kube-controller-manager',
    ],
    [url, undefined, 'system:apiserver', 'kube-apiserver'],
    [url, undefined, 'somebody', 'wherry'],
  ]
  for (const [path, userAgent, user, manager] of cases) {
    assert.deepEqual(writerOf(request(path, userAgent, user), 1893456000000), {
      manager,
      time: '2030-01-01T00:00:00Z',
    })
  }
})
