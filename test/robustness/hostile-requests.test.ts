import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../support/api-server.ts'
import { sendRaw } from '../support/raw-request.ts'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'

async function withServer(run: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await createTestServer()
  try {
    for (const name of ['a', 'b', 'c']) {
      await server.send('POST', CONFIG_MAPS, { body: { metadata: { name } } })
    }
    await run(server)
  } finally {
    server.close()
  }
}

const token = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

test('numbers of the query are numbers, or a 400 that says why not', () =>
  withServer(async (server) => {
    const syntax = 'invalid syntax'
    const range = 'value out of range'
    for (const [query, value, why] of [
      ['limit', 'abc', syntax],
      ['limit', '1e3', syntax],
      ['limit', '', syntax],
      ['limit', '99999999999999999999', range],
      ['limit', '9223372036854775808', range],
      ['watch=true&timeoutSeconds', 'abc', syntax],
      ['watch=true&timeoutSeconds', '-9223372036854775809', range],
    ]) {
      const answer = await sendRaw(server, 'GET', `${CONFIG_MAPS}?${query}=${value}`)
      const message = `strconv.ParseInt: parsing ${JSON.stringify(value)}: ${why}`
      assert.deepEqual([answer.code, answer.message], [400, message])
    }
    const long = await sendRaw(server, 'GET', `${CONFIG_MAPS}?limit=${'9'.repeat(500_000)}`)
    assert.equal(long.code, 400)
    assert.ok(long.message.length < 300, 'what was sent does not come back whole')
    for (const limit of ['-1', '0', '9223372036854775807']) {
      const { object } = await sendRaw(server, 'GET', `${CONFIG_MAPS}?limit=${limit}`)
      assert.equal((object as { readonly items: readonly unknown[] }).items.length, 3, limit)
    }
  }))

test('a watch of less than no time ends at once, one longer than a clock can count lasts', () =>
  withServer(async (server) => {
    const ended = await server.watch(`${CONFIG_MAPS}?watch=true&timeoutSeconds=-1`)
    assert.equal(await ended.next(), undefined, 'it has ended at once, as at upstream')
    const watch = await server.watch(`${CONFIG_MAPS}?watch=true&timeoutSeconds=9223372036854775807`)
    await watch.take(3)
    await server.send('POST', CONFIG_MAPS, { body: { metadata: { name: 'd' } } })
    assert.equal((await watch.next())?.type, 'ADDED', 'it has not ended at once')
    await watch.close()
  }))

test('continue tokens lead nowhere but to their own list', () =>
  withServer(async (server) => {
    const v = 'meta.k8s.io/v1'
    for (const given of [
      'abc',
      '%00',
      'e30',
      token([]),
      token({ v: 'v0', rv: 5, start: 'a' }),
      token({ v, rv: 5, start: '../../secrets/default/x' }),
      token({ v, rv: 5, start: 7 }),
      token({ v, rv: 'x', start: 'a' }),
      token({ v, rv: 1e30, start: 'a' }),
      token({ v, rv: 5 }),
      'A'.repeat(500_000),
    ]) {
      const { code } = await sendRaw(server, 'GET', `${CONFIG_MAPS}?continue=${given}`)
      assert.equal(code, 400, given.slice(0, 60))
    }
    const future = await sendRaw(
      server,
      'GET',
      `${CONFIG_MAPS}?continue=${token({ v, rv: 1e9, start: 'a' })}`,
    )
    assert.ok(future.code >= 400 && future.message !== 'Internal error occurred')
  }))

test('selectors of any length take linear time, and find no prototypes', () =>
  withServer(async (server) => {
    const select = (kind: string, text: string) =>
      sendRaw(server, 'GET', `${CONFIG_MAPS}?${kind}Selector=${encodeURIComponent(text)}`)
    for (const [kind, text] of [
      ['label', '!'.repeat(100_000)],
      ['label', 'a='.repeat(50_000)],
      ['label', 'a'.repeat(500_000)],
      ['label', '('.repeat(100_000)],
      ['label', `a in (${'('.repeat(100_000)}`],
      ['label', `${'a-'.repeat(100_000)}!=b`],
      ['label', '__proto__=x'],
      ['label', 'a=b,,c'],
      ['field', '\\'.repeat(100_001)],
      ['field', '__proto__=x'],
      ['field', 'constructor=x'],
      ['field', 'metadata.name='.repeat(10_000)],
      ['field', 'metadata.name\0=x'],
    ] as const) {
      const { code, message } = await select(kind, text)
      assert.equal(code, 400, `${kind} ${text.slice(0, 40)}: ${message.slice(0, 100)}`)
    }
    for (const text of [
      `a in (${'b,'.repeat(50_000)}c)`,
      'constructor',
      'toString=x',
      'a notin ()',
    ]) {
      const { code } = await select('label', text)
      assert.equal(code, 200, text.slice(0, 40))
    }
    const { object } = await select('label', 'constructor')
    assert.deepEqual((object as { readonly items: unknown }).items, [])
  }))

test('names lead to no other place', () =>
  withServer(async (server) => {
    const secret = { metadata: { name: 'x' }, stringData: { a: 'hidden' } }
    await server.send('POST', '/api/v1/namespaces/default/secrets', { body: secret })
    for (const path of [
      `${CONFIG_MAPS}/..%2fsecrets%2fx`,
      `${CONFIG_MAPS}/../secrets/x`,
      `${CONFIG_MAPS}/%2e%2e/secrets/x`,
      `${CONFIG_MAPS}/a%00`,
      `${CONFIG_MAPS}/${'a'.repeat(100_000)}`,
      '/api/v1/namespaces/..%2f..%2f/configmaps/a',
      '/api/v1/namespaces/default%2fconfigmaps/configmaps/a',
      '/api/v1/namespaces/constructor/configmaps/__proto__',
      '/api/v1/__proto__',
      '/api/v1/constructor/a',
      '/apis/__proto__/v1/constructor',
      '//api/v1/namespaces',
    ]) {
      const { code, object } = await sendRaw(server, 'GET', path)
      assert.equal(code, 404, path.slice(0, 100))
      assert.ok(!JSON.stringify(object).includes(Buffer.from('hidden').toString('base64')))
    }
    for (const name of ['..', '../x', 'a/b', 'a%2fb', 'A', '', '\0']) {
      const answer = await sendRaw(
        server,
        'POST',
        CONFIG_MAPS,
        JSON.stringify({ metadata: { name } }),
      )
      assert.equal(answer.code, 422, JSON.stringify(name))
    }
    // What is no UTF-8 is a name that nothing has, as at upstream's servers.
    const codes = { '..': 400, '%': 400, '%ff': 404 }
    for (const [name, expected] of Object.entries(codes)) {
      const { code } = await sendRaw(server, 'GET', `${CONFIG_MAPS}/${name}`)
      assert.equal(code, expected, name)
    }
  }))
