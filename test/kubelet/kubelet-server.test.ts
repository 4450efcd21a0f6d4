import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { request } from 'node:https'
import { test } from 'node:test'
import { sleep, systemClock } from '../../src/base/clock.ts'
import { systemFileSystem } from '../../src/base/file-system.ts'
import type { Client } from '../../src/client/client.ts'
import { SIMULATED } from '../../src/cri/simulated/simulation.ts'
import { SubjectAccessReview } from '../../src/kinds/authorization/v1/subject-access-review.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { systemLogFiles } from '../../src/kubelet/logs/log-files.ts'
import { simulatedMachine } from '../../src/kubelet/node/machine.ts'
import { KubeletServer } from '../../src/kubelet/server/kubelet-server.ts'
import { KubeletNode } from '../support/kubelet-node.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { createTlsIdentities, type TlsIdentities } from '../support/tls-identities.ts'

interface Answer {
  readonly status: number
  readonly body: string
}

/** Logs are real files here, and their time passes beside that of the node's clock. */
async function settled(node: KubeletNode, isDone: () => boolean): Promise<void> {
  const end = systemClock.monotonic() + 20_000
  while (!isDone()) {
    assert.ok(systemClock.monotonic() < end, 'in time')
    await node.clock.advance(50)
    await sleep(systemClock, 2)
  }
}

/** A node with a server, and those who call it. */
async function startServer(logRoot: string) {
  const node = new KubeletNode({
    files: systemFileSystem,
    behave: () => ({ runsForMs: 600_000, logLines: ['one', 'two', 'three'] }),
  })
  await node.start({ logFiles: systemLogFiles, logs: { files: systemFileSystem, root: logRoot } })
  await node.createPod('web')
  await settled(node, () => node.pod('web')?.status.phase === 'Running')
  const identities = await createTlsIdentities()
  const asked: string[] = []
  const client = {
    create: async (kind: unknown, draft: { spec: Record<string, unknown> }) => {
      assert.equal(kind, SubjectAccessReview)
      const { user, groups, resourceAttributes } = draft.spec
      asked.push(JSON.stringify({ user, resourceAttributes }))
      return { status: { allowed: (groups as string[]).includes('system:masters') } }
    },
  } as unknown as Client
  const { certificate, key } = identities.server
  const server = new KubeletServer({
    kubelet: node.kubelet,
    nodeName: 'node-1',
    client,
    runtime: node.runtime,
    logFiles: systemLogFiles,
    machine: simulatedMachine('node-1'),
    clock: systemClock,
    logger: node.logger,
    address: '127.0.0.1',
    port: 0,
    servingCertificate: async () => ({ certificate, key }),
    clientAuthorities: identities.authority,
  })
  const port = await server.listen()
  const stop = new AbortController()
  const running = server.run(stop.signal)
  const call = async (path: string, who?: { name: string; groups?: string[] }, headers = {}) =>
    get(port, path, identities, who, headers)
  const end = async () => {
    stop.abort()
    await running
    await node.stop()
  }
  return { node, asked, call, end }
}

async function get(
  port: number,
  path: string,
  identities: TlsIdentities,
  who: { name: string; groups?: string[] } | undefined,
  headers: Record<string, string>,
): Promise<Answer> {
  const pair = who === undefined ? undefined : await identities.client(who.name, who.groups)
  return new Promise((resolve, reject) => {
    const outgoing = request({
      ...{ host: '127.0.0.1', port, path, agent: false, headers, ca: identities.authority },
      ...(pair !== undefined && { cert: pair.certificate, key: pair.key }),
    })
    outgoing.once('error', reject)
    outgoing.once('response', (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
      })
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    outgoing.once('upgrade', () => reject(new Error('upgraded')))
    outgoing.end()
  })
}

const admin = { name: 'apiserver', groups: ['system:masters'] }

test('the server answers those who may, by certificate', async () => {
  using directory = temporaryDirectory()
  const { call, asked, end } = await startServer(directory.path)
  try {
    assert.equal((await call('/pods')).status, 401)
    assert.equal((await call('/pods', undefined, { authorization: 'Basic x' })).status, 401)
    const refused = await call('/pods', { name: 'eve' })
    assert.equal(refused.status, 403)
    assert.equal(
      refused.body,
      'Forbidden (user=eve, verb=get, resource=nodes, subresource(s)=[pods proxy])\n',
    )
    const pods = await call('/pods', admin)
    assert.equal(JSON.parse(pods.body).items[0].metadata.name, 'web')
    assert.ok(
      asked.includes(
        JSON.stringify({
          user: 'apiserver',
          resourceAttributes: {
            ...{ version: 'v1', resource: 'nodes', subresource: 'pods', name: 'node-1' },
            verb: 'get',
          },
        }),
      ),
    )
    const before = asked.length
    assert.deepEqual(await call('/healthz', admin), { status: 200, body: 'ok' })
    assert.deepEqual(await call('/healthz', admin), { status: 200, body: 'ok' })
    assert.equal(asked.length, before + 1, 'a decision is kept for a while')
    assert.equal((await call('/nothing', admin)).status, 404)
    assert.match((await call('/metrics', admin)).body, /^kubelet_running_pods 1$/m)
    assert.match(
      (await call('/metrics/resource', admin)).body,
      /container_memory_working_set_bytes\{container="main",namespace="default",pod="web"\} \d+/,
    )
    const summary = JSON.parse((await call('/stats/summary', admin)).body)
    assert.equal(summary.pods[0].podRef.name, 'web')
  } finally {
    await end()
  }
})

test('logs: what a container wrote, or why there is nothing yet', async () => {
  using directory = temporaryDirectory()
  const { call, node, end } = await startServer(directory.path)
  const logs = async (query: string) => {
    const { status, body } = await call(`/containerLogs/default/web/main${query}`, admin)
    return `${status} ${body}`
  }
  try {
    assert.equal(await logs(''), '200 one\ntwo\nthree\n')
    assert.equal(await logs('?tailLines=1'), '200 three\n')
    assert.equal(await logs('?limitBytes=5'), '200 one\nt')
    assert.equal(await logs('?stream=Stderr'), '200 ')
    assert.equal(await logs('?sinceTime=2031-01-01T00:00:00Z'), '200 ')
    assert.match(await logs('?timestamps=true'), /^200 2030-01-01T00:0\S+Z one\n2030/)
    assert.equal(await logs('?tailLines=x'), '400 {"message":"Unable to decode query."}')
    assert.equal(
      await logs('?previous=true'),
      '400 previous terminated container "main" in pod "web" not found',
    )
    const none = await call('/containerLogs/default/none/main', admin)
    assert.deepEqual(none, { status: 404, body: 'pod "none" does not exist' })
    const other = await call('/containerLogs/default/web/other', admin)
    assert.deepEqual(other, { status: 404, body: 'container "other" not found in pod "web"' })

    const followed = logs('?follow=true')
    await node.clock.advance(700_000)
    assert.equal(await followed, '200 one\ntwo\nthree\n', 'a log ends with its container')
    assert.equal(await logs('?previous=true'), '200 one\ntwo\nthree\n')
    await node.client.delete(Pod, { namespace: 'default', name: 'web' }, { gracePeriodSeconds: 1 })
    await settled(node, () => node.pod('web') === undefined)
    await settled(node, () => readdirSync(directory.path).length === 0)
  } finally {
    await end()
  }
})

test('a command in a simulated container is refused in clear words', async () => {
  using directory = temporaryDirectory()
  const { call, end } = await startServer(directory.path)
  try {
    const plain = await call('/exec/default/web/main?command=ls&output=1', admin)
    assert.deepEqual(plain, { status: 400, body: 'Upgrade request required' })
    const upgrade = { connection: 'Upgrade', upgrade: 'SPDY/3.1' }
    const answer = await call('/exec/default/web/main?command=ls&output=1', admin, upgrade)
    assert.equal(answer.status, 500)
    assert.match(answer.body, new RegExp(SIMULATED))
    const nothing = await call('/exec/default/web/main?command=ls', admin, upgrade)
    assert.equal(nothing.status, 400)
    assert.match(nothing.body, /you must specify at least 1 of stdin, stdout, stderr/)
    assert.equal((await call('/exec/default/web/main?output=1', undefined, upgrade)).status, 401)
  } finally {
    await end()
  }
})
