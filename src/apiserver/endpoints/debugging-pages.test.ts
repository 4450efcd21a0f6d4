import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { seededRandom } from '../../base/random.ts'
import { ServerRequest } from '../request.ts'
import { DebuggingPages } from './debugging-pages.ts'
import { versionInfo } from './version-info.ts'

const START = Date.UTC(2026, 10, 5, 8, 6, 1)
const HEAD =
  'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility ' +
  'guarantees and is for debugging purposes only.'

const clock = new VirtualClock()
const pages = new DebuggingPages({
  clock: {
    ...clock,
    now: () => START + 3_723_000,
    monotonic: () => 0,
    after: () => clock.after(0, () => {}),
  },
  random: seededRandom(1),
  version: versionInfo({
    programVersion: '0.1.0',
    commit: 'c',
    buildDate: 'd',
    nodeVersion: 'v20.11.0',
    os: 'linux',
    architecture: 'x64',
  }),
  flags: new Map([
    ['secure-port', '6443'],
    ['authorization-mode', '[Node,RBAC]'],
  ]),
  startTime: START,
  paths: () => ['/api', '/api/v1', '/healthz', '/healthz/ping', '/openapi/v3', '/statusz'],
})

function ask(url: string, accept?: string) {
  const headers = accept === undefined ? {} : { accept }
  const { signal } = new AbortController()
  const request = new ServerRequest({ method: 'GET', url, headers, signal })
  const answer = pages.answer(request)
  if (answer?.type !== 'encoded') throw new Error('no document')
  const text = Buffer.concat(answer.chunks().map((chunk) => Buffer.from(chunk as Uint8Array)))
  return { type: answer.contentType, text: text.toString(), warnings: request.warnings }
}

test('people read texts, whose names and values are parted now by this, now by that', () => {
  const seen = new Set<string>()
  for (let time = 0; time < 40; time++) {
    const { type, text } = ask('/statusz', time % 2 === 0 ? 'text/html, */*;q=0.8' : undefined)
    assert.equal(type, 'text/plain; charset=utf-8')
    const separator = /Started(.*) Thu/.exec(text)?.[1] ?? '?'
    seen.add(separator)
    const lines = [
      '',
      'apiserver statusz',
      HEAD,
      '',
      `Started${separator} Thu Nov  5 08:06:01 UTC 2026`,
      `Up${separator} 1 hr 02 min 03 sec`,
      `Go version${separator} node v20.11.0`,
      `Binary version${separator} 1.36.2`,
      `Emulation version${separator} 1.36`,
      `Paths${separator} /healthz /statusz`,
      '',
    ]
    assert.equal(text, lines.join('\n'))
  }
  assert.deepEqual([...seen].toSorted(), [' ', ':', ': ', '='])
})

test('flags are shown in order', () => {
  const { text } = ask('/flagz', 'text/plain')
  const separator = /secure-port(.*)6443/.exec(text)?.[1]
  const lines = [`authorization-mode${separator}[Node,RBAC]`, `secure-port${separator}6443`]
  assert.equal(text, `\napiserver flagz\n${HEAD}\n${lines.join('\n')}\n`)
})

test('programs name kind and version, and get an object', () => {
  const form = 'application/json;as=Statusz;v=v1beta1;g=config.k8s.io'
  const status = ask('/statusz', `text/plain;q=0.1, ${form}`)
  assert.equal(status.type, 'application/json;g=config.k8s.io;v=v1beta1;as=Statusz')
  assert.deepEqual(JSON.parse(status.text), {
    kind: 'Statusz',
    apiVersion: 'config.k8s.io/v1beta1',
    metadata: { name: 'apiserver' },
    startTime: '2026-11-05T08:06:01Z',
    uptimeSeconds: 3723,
    goVersion: 'node v20.11.0',
    binaryVersion: '1.36.2',
    emulationVersion: '1.36',
    paths: ['/healthz', '/statusz'],
  })
  assert.deepEqual(status.warnings, [])
  const old = ask('/flagz', 'application/yaml;g=config.k8s.io;v=v1alpha1;as=Flagz')
  assert.deepEqual(old.warnings, [
    'This version of the flagz endpoint is deprecated. Please use a newer version.',
  ])
  const lines = [
    'apiVersion: config.k8s.io/v1alpha1',
    'flags:',
    "  authorization-mode: '[Node,RBAC]'",
    '  secure-port: "6443"',
    'kind: Flagz',
    'metadata:',
    '  name: apiserver',
    '',
  ]
  assert.equal(old.text, lines.join('\n'))
})

test('whoever takes neither is refused; other paths are not answered', () => {
  const why =
    'only the following media types are accepted: application/json, application/yaml, text/plain'
  for (const accept of [
    'application/json',
    'application/cbor',
    'application/json;as=Flagz;v=v1beta1;g=config.k8s.io',
    'application/json;as=Statusz;v=v1;g=config.k8s.io',
    'application/vnd.kubernetes.protobuf;as=Statusz;v=v1beta1;g=config.k8s.io',
  ]) {
    assert.throws(() => ask('/statusz', accept), { code: 406, message: why }, accept)
  }
  assert.throws(() => ask('/statusz/'), /no document/)
})
