import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../support/api-server.ts'
import { settle } from '../support/virtual-clock.ts'

const CRONTABS = '/apis/stable.example.com/v1/namespaces/default/crontabs'
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

const SCHEMA = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        cronSpec: { type: 'string' },
        image: { type: 'string', default: 'busybox' },
        replicas: { type: 'integer' },
      },
    },
    status: { type: 'object', properties: { replicas: { type: 'integer' } } },
  },
}

function definition(changes: object = {}) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'crontabs.stable.example.com' },
    spec: {
      group: 'stable.example.com',
      scope: 'Namespaced',
      names: { plural: 'crontabs', singular: 'crontab', kind: 'CronTab', shortNames: ['ct'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: SCHEMA },
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
          },
          ...changes,
        },
      ],
    },
  }
}

async function withServer(work: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await createTestServer({ hasCustomResources: true })
  try {
    await work(server)
  } finally {
    server.close()
  }
}

async function define(server: TestServer, body: object = definition()): Promise<void> {
  const { code, text } = await server.send('POST', DEFINITIONS, { body })
  assert.equal(code, 201, text)
  await settle()
}

test('a definition is established and its objects are served', () =>
  withServer(async (server) => {
    await define(server)
    const { text } = await server.send('GET', `${DEFINITIONS}/crontabs.stable.example.com`)
    const { status } = JSON.parse(text)
    assert.deepEqual(
      status.conditions.map(({ type, status }: { type: string; status: string }) => [type, status]),
      [
        ['NamesAccepted', 'True'],
        ['Established', 'True'],
      ],
    )
    assert.deepEqual(status.acceptedNames, {
      plural: 'crontabs',
      singular: 'crontab',
      shortNames: ['ct'],
      kind: 'CronTab',
      listKind: 'CronTabList',
    })
    const body = {
      apiVersion: 'stable.example.com/v1',
      kind: 'CronTab',
      metadata: { name: 'a' },
      spec: { cronSpec: '* * * * *', unknown: 1 },
      status: { replicas: 3 },
    }
    const created = await server.send('POST', CRONTABS, { body })
    assert.equal(created.code, 201, created.text)
    const object = JSON.parse(created.text)
    assert.deepEqual(object.spec, { cronSpec: '* * * * *', image: 'busybox' })
    assert.equal(object.status, undefined)
    assert.equal(object.metadata.generation, 1)
    assert.deepEqual(created.warnings, ['unknown field "spec.unknown"'])
  }))

test('in a version that has built-in kinds there are no others', () =>
  withServer(async (server) => {
    const { spec } = definition()
    const [version] = spec.versions
    const group = 'discovery.k8s.io'
    await define(server, {
      ...definition(),
      metadata: {
        name: `crontabs.${group}`,
        annotations: { 'api-approved.kubernetes.io': 'unapproved, a test' },
      },
      spec: { ...spec, group, versions: [version, { ...version, name: 'v2', storage: false }] },
    })
    const codeOf = async (name: string) => {
      const url = `/apis/${group}/${name}/namespaces/default/crontabs`
      return (await server.send('GET', url)).code
    }
    assert.deepEqual([await codeOf('v1'), await codeOf('v2')], [404, 200])
  }))
