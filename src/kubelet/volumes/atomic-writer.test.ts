import assert from 'node:assert/strict'
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { systemFileSystem } from '../../base/file-system.ts'
import { seededRandom } from '../../base/random.ts'
import { AtomicWriter } from './atomic-writer.ts'
import { configMapPayload, type Payload, secretPayload } from './payload.ts'

const payload = (files: Record<string, string>, mode = 0o644): Payload =>
  new Map(Object.entries(files).map(([path, text]) => [path, { content: Buffer.from(text), mode }]))
const newWriter = () => new AtomicWriter(systemFileSystem, new VirtualClock(), seededRandom(1))
const visible = (path: string) => readdirSync(path).filter((name) => !name.startsWith('..'))

test('files appear behind links that one rename turns over', async () => {
  using directory = temporaryDirectory()
  const { path } = directory
  const writer = newWriter()
  await writer.write(path, payload({ a: 'one', 'b/c': 'two' }, 0o600))
  assert.deepEqual(visible(path).toSorted(), ['a', 'b'])
  assert.equal(readlinkSync(join(path, 'a')), '..data/a')
  assert.equal(readFileSync(join(path, 'b/c'), 'utf8'), 'two')
  assert.equal(statSync(join(path, 'a')).mode & 0o777, 0o600)
  const first = readlinkSync(join(path, '..data'))

  assert.equal(await writer.write(path, payload({ a: 'one', 'b/c': 'two' }, 0o600)), false)
  assert.equal(readlinkSync(join(path, '..data')), first, 'nothing changed: nothing is written')

  assert.equal(await writer.write(path, payload({ a: 'other', d: 'new' })), true)
  assert.notEqual(readlinkSync(join(path, '..data')), first)
  assert.deepEqual(visible(path).toSorted(), ['a', 'd'])
  assert.equal(readFileSync(join(path, 'a'), 'utf8'), 'other')
  const data = readdirSync(path).filter((name) => name.startsWith('..2'))
  assert.equal(data.length, 1, 'the old version is gone')
})

test('a path may not leave the volume', async () => {
  using directory = temporaryDirectory()
  for (const path of ['../x', 'a/../../x', '/etc/x', '..data', '']) {
    await assert.rejects(newWriter().write(directory.path, payload({ [path]: '' })), /invalid path/)
  }
  assert.deepEqual(readdirSync(directory.path), [])
})

test('the new files are prepared before anybody can see them', async () => {
  using directory = temporaryDirectory()
  await newWriter().write(directory.path, payload({ a: '1' }), async (data) => {
    assert.equal(lstatSync(join(data, 'a')).isFile(), true)
    assert.deepEqual(visible(directory.path), [])
  })
})

test('items choose keys, paths and modes', () => {
  const configMap = { data: { a: '1', b: '2' }, binaryData: { c: 'AP8=' } }
  const files = configMapPayload(
    configMap,
    { items: [{ key: 'c', path: 'x/y', mode: 0o400 }] },
    0o644,
  )
  assert.deepEqual([...files.keys()], ['x/y'])
  assert.deepEqual([...(files.get('x/y')?.content ?? [])], [0, 255])
  assert.equal(files.get('x/y')?.mode, 0o400)
  assert.deepEqual([...configMapPayload(configMap, {}, 0o644).keys()], ['a', 'b', 'c'])
  const items = [{ key: 'none', path: 'p' }]
  assert.throws(() => configMapPayload(configMap, { items }, 0), {
    message: 'configmap references non-existent config key: none',
  })
  assert.throws(() => secretPayload({}, { items }, 0), {
    message: 'references non-existent secret key: none',
  })
  assert.equal(secretPayload({}, { items, optional: true }, 0).size, 0)
})
