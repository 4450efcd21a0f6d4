import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../../test/support/api-server.ts'
import { componentStatuses } from './component-statuses.ts'

const URL = '/api/v1/componentstatuses'
const WARNING = 'v1 ComponentStatus is deprecated in v1.19+'

async function withServer(run: (server: TestServer, ill: Set<string>) => Promise<void>) {
  const ill = new Set<string>()
  const check = (name: string) => () => {
    if (ill.has(name)) throw new Error(`${name} does not run`)
    return { status: 'True' as const, message: 'ok' }
  }
  const names = ['etcd-0', 'scheduler', 'controller-manager']
  const handler = componentStatuses(new Map(names.map((name) => [name, check(name)])))
  const server = await createTestServer({ virtual: new Map([['/componentstatuses', handler]]) })
  try {
    await run(server, ill)
  } finally {
    server.close()
  }
}

test('every component is asked anew, with a warning that nobody should', () =>
  withServer(async (server, ill) => {
    const one = await server.send('GET', `${URL}/scheduler`)
    assert.deepEqual([one.code, one.warnings], [200, [WARNING]])
    assert.deepEqual(JSON.parse(one.text), {
      kind: 'ComponentStatus',
      apiVersion: 'v1',
      metadata: { name: 'scheduler' },
      conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }],
    })
    ill.add('scheduler')
    const list = JSON.parse((await server.send('GET', URL)).text)
    assert.deepEqual([list.kind, list.metadata], ['ComponentStatusList', {}])
    assert.deepEqual(
      list.items.map(({ metadata, conditions: [health] }: Item) => [
        metadata.name,
        health?.status,
        health?.error,
      ]),
      [
        ['etcd-0', 'True', undefined],
        ['scheduler', 'False', 'scheduler does not run'],
        ['controller-manager', 'True', undefined],
      ],
    )
  }))

test('selectors are kept, tables have upstream\u2019s columns, nothing can be written', () =>
  withServer(async (server) => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
    const url = `${URL}?fieldSelector=metadata.name%3Detcd-0`
    const table = JSON.parse((await server.send('GET', url, { accept })).text)
    assert.deepEqual(
      table.columnDefinitions.map(({ name }: { readonly name: string }) => name),
      ['Name', 'Status', 'Message', 'Error'],
    )
    assert.deepEqual(
      table.rows.map(({ cells }: { readonly cells: unknown }) => cells),
      [['etcd-0', 'Healthy', 'ok', '']],
    )
    const labelled = JSON.parse((await server.send('GET', `${URL}?labelSelector=a`)).text)
    assert.deepEqual(labelled.items, [])
    const missing = await server.send('GET', `${URL}/etcd-1`)
    assert.equal(JSON.parse(missing.text).message, 'componentstatus "etcd-1" not found')
    const codes = []
    for (const [method, path] of [
      ['POST', URL],
      ['PUT', `${URL}/etcd-0`],
      ['DELETE', `${URL}/etcd-0`],
      ['GET', `${URL}?watch=true`],
    ] as const) {
      codes.push((await server.send(method, path, { body: {} })).code)
    }
    assert.deepEqual(codes, [405, 405, 405, 405])
    const { text, warnings } = await server.send('GET', `${URL}?watch=true`)
    assert.deepEqual(warnings, [WARNING])
    const watched = JSON.parse(text)
    const why = 'watch is not supported on resources of kind "componentstatuses"'
    assert.deepEqual([watched.message, watched.details], [why, { kind: 'componentstatuses' }])
  }))

test('options of a list are read, though nothing is paged', () =>
  withServer(async (server) => {
    const ask = async (query: string) => {
      const { code, text } = await server.send('GET', `${URL}?${query}`)
      return [code, JSON.parse(text).message]
    }
    const matched = 'resourceVersionMatch is forbidden unless resourceVersion is provided'
    const cases: readonly [query: string, code: number, message: string | undefined][] = [
      ['limit=1&continue=x&resourceVersion=y', 200, undefined],
      ['limit=a', 400, 'strconv.ParseInt: parsing "a": invalid syntax'],
      ['timeoutSeconds=b&limit=a', 400, 'strconv.ParseInt: parsing "b": invalid syntax'],
      [
        'resourceVersionMatch=Exact',
        422,
        `ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: ${matched}`,
      ],
    ]
    for (const [query, ...expected] of cases) assert.deepEqual(await ask(query), expected, query)
  }))

interface Item {
  readonly metadata: { readonly name: string }
  readonly conditions: readonly { readonly status: string; readonly error?: string }[]
}
