import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Deployment } from '../../kinds/apps/v1/deployment.ts'
import { SubjectAccessReview } from '../../kinds/authorization/v1/subject-access-review.ts'
import { Node } from '../../kinds/core/v1/node.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import type { Kind } from '../../machinery/kind.ts'
import { StatusError } from '../../machinery/status-error.ts'
import { ServerRequest } from '../request.ts'
import { checkRoute } from './routes.ts'

const { signal } = new AbortController()

function codeOf(
  kind: Kind,
  method: string,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): number {
  try {
    checkRoute(new ServerRequest({ method, url, headers, signal }), kind)
    return 200
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return error.code
  }
}

const PODS = '/api/v1/namespaces/a/pods'

test('each path takes its methods, and no others', () => {
  const cases: readonly [kind: Kind, path: string, methods: string][] = [
    [Pod, PODS, 'GET POST DELETE'],
    [Pod, `${PODS}/x`, 'GET PUT PATCH DELETE'],
    [Pod, `${PODS}/x/status`, 'GET PUT PATCH'],
    [Pod, `${PODS}/x/log`, 'GET'],
    [Pod, `${PODS}/x/exec`, 'GET POST'],
    [Pod, `${PODS}/x/binding`, 'POST'],
    [Pod, `${PODS}/x/proxy`, 'GET POST PUT PATCH DELETE HEAD OPTIONS'],
    [Pod, `${PODS}/x/proxy/a/b`, 'GET POST PUT PATCH DELETE HEAD OPTIONS'],
    [Pod, '/api/v1/pods', 'GET'],
    [Pod, '/api/v1/watch/namespaces/a/pods', 'GET'],
    [Pod, '/api/v1/watch/namespaces/a/pods/x', 'GET'],
    [Node, '/api/v1/nodes', 'GET POST DELETE'],
    [Node, '/api/v1/watch/nodes/x', 'GET'],
    [Deployment, '/apis/apps/v1/namespaces/a/deployments/x/scale', 'GET PUT PATCH'],
    [Deployment, '/apis/apps/v1/watch/deployments', 'GET'],
    [SubjectAccessReview, '/apis/authorization.k8s.io/v1/subjectaccessreviews', 'POST'],
  ]
  const types = { 'content-type': 'application/merge-patch+json' }
  for (const [kind, path, methods] of cases) {
    for (const method of 'GET POST PUT PATCH DELETE HEAD OPTIONS TRACE FOO'.split(' ')) {
      const expected = methods.split(' ').includes(method) ? 200 : 405
      assert.equal(codeOf(kind, method, path, types), expected, `${method} ${path}`)
    }
  }
})

test('other paths lead nowhere', () => {
  for (const [kind, path] of [
    [Pod, '/api/v1/pods/x'],
    [Pod, `${PODS}/x/nothing`],
    [Pod, `${PODS}/x/log/more`],
    [Pod, '/api/v1/proxy/namespaces/a/pods/x'],
    [Pod, '/api/v1/watch/pods/x'],
    [Node, '/api/v1/namespaces/a/nodes'],
    [Node, '/api/v1/nodes/x/scale'],
    [SubjectAccessReview, '/apis/authorization.k8s.io/v1/subjectaccessreviews/x'],
  ] as const) {
    for (const method of ['GET', 'POST']) assert.equal(codeOf(kind, method, path), 404, path)
  }
})

test('media types are looked at after the method', () => {
  const patch = (type: string) => codeOf(Pod, 'PATCH', `${PODS}/x`, { 'content-type': type })
  assert.equal(patch('application/json'), 415)
  assert.equal(patch('application/strategic-merge-patch+json; charset=utf-8'), 200)
  assert.equal(codeOf(Pod, 'PATCH', PODS, { 'content-type': 'application/json' }), 405)

  const accept = (type: string, path = PODS) => codeOf(Pod, 'GET', path, { accept: type })
  assert.equal(accept('text/html'), 406)
  assert.equal(accept('application/*'), 406)
  assert.equal(accept('text/html, */*;q=0.1'), 200)
  assert.equal(accept('application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io'), 200)
  assert.equal(accept('text/plain'), 406)
  assert.equal(accept('text/plain', `${PODS}/x/log`), 200)
  assert.equal(accept('text/html', `${PODS}/x/proxy`), 200)
})

test('a list says that it can also be watched', () => {
  const headers = { accept: 'text/html' }
  const request = new ServerRequest({ method: 'GET', url: PODS, headers, signal })
  assert.throws(() => checkRoute(request, Pod), {
    message:
      '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, ' +
      'application/vnd.kubernetes.protobuf, application/json;stream=watch, ' +
      'application/vnd.kubernetes.protobuf;stream=watch',
  })
})
