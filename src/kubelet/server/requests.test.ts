import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodStatus } from '../pod-types.ts'
import { parseLogQuery } from './log-query.ts'
import { logTarget } from './log-target.ts'
import { nodeAccessOf } from './request-attributes.ts'
import { parseStreamOptions } from './stream-options.ts'

test('each path has its permission', () => {
  const cases: readonly [string, string, string][] = [
    ['GET', '/pods', 'get pods,proxy'],
    ['GET', '/healthz', 'get healthz,proxy'],
    ['GET', '/stats/summary', 'get stats'],
    ['GET', '/metrics/cadvisor', 'get metrics'],
    ['GET', '/metricsx', 'get proxy'],
    ['GET', '/logs/', 'get log'],
    ['POST', '/exec/a/b/c', 'create proxy'],
    ['GET', '/containerLogs/a/b/c', 'get proxy'],
    ['DELETE', '/anything', 'delete proxy'],
  ]
  for (const [method, path, expected] of cases) {
    const { verb, subresources } = nodeAccessOf(method, path)
    assert.equal(`${verb} ${subresources}`, expected, path)
  }
})

test('a log query', () => {
  const parse = (query: string) => parseLogQuery(new URLSearchParams(query), 100_000)
  const { follow, previous, sinceMs, tailLines } = parse('follow=true&sinceSeconds=10&tailLines=5')
  assert.deepEqual(
    { follow, previous, sinceMs, tailLines },
    {
      ...{ follow: true, previous: false, sinceMs: 90_000, tailLines: 5 },
    },
  )
  assert.equal(parse('tail=all').tailLines, undefined)
  assert.equal(parse('sinceTime=1970-01-01T00:00:01Z').sinceMs, 1000)
  assert.equal(parse('follow=false').follow, false)
  for (const wrong of ['tailLines=-1', 'sinceTime=x', 'limitBytes=1.5']) {
    assert.throws(() => parse(wrong), { message: 'Unable to decode query.' }, wrong)
  }
  for (const wrong of ['limitBytes=0', 'sinceSeconds=0', 'stream=Other']) {
    assert.throws(() => parse(wrong), { message: 'Invalid request.' }, wrong)
  }
})

test('whose log it is', () => {
  const status = (state: object, lastState: object = {}, containerID?: string) =>
    ({
      containerStatuses: [{ name: 'main', state, lastState, containerID }],
    }) as unknown as PodStatus
  const ended = (id: string) => ({ terminated: { exitCode: 0, containerID: `containerd://${id}` } })
  const of = (one: PodStatus, previous = false) => logTarget('web', one, 'main', previous)
  assert.equal(of(status({ running: {} }, {}, 'containerd://a')), 'a')
  assert.equal(of(status(ended('b'))), 'b')
  assert.equal(of(status({ waiting: {} }, ended('c'))), 'c')
  assert.equal(of(status({ running: {} }, ended('c'), 'containerd://a'), true), 'c')
  const messages: readonly [PodStatus, string][] = [
    [
      status({ waiting: { reason: 'ContainerCreating' } }),
      'is waiting to start: ContainerCreating',
    ],
    [status({ waiting: { reason: 'ErrImagePull' } }), "is waiting to start: image can't be pulled"],
    [
      status({ waiting: { reason: 'ImagePullBackOff' } }),
      'is waiting to start: trying and failing to pull image',
    ],
    [status({}), 'is waiting to start - no logs yet'],
  ]
  for (const [one, message] of messages) {
    assert.throws(() => of(one), { message: `container "main" in pod "web" ${message}` })
  }
  assert.throws(() => logTarget('web', status({}), 'other', false), {
    message: 'container "other" in pod "web" is not available',
  })
})

test('streams', () => {
  const parse = (query: string) => parseStreamOptions(new URLSearchParams(query))
  assert.deepEqual(parse('input=1&output=1&error=1&tty=1'), {
    ...{ stdin: true, stdout: true, stderr: false, tty: true },
  })
  assert.throws(() => parse('tty=1'), { message: /at least 1 of stdin, stdout, stderr/ })
})
