import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../machinery/kind.ts'
import { ObjectBytes, withResourceVersion } from './object-bytes.ts'

test('the resource version is put in, whatever number it is', () => {
  const names = { kind: 'Pod', apiVersion: 'v1' }
  const bytes = new ObjectBytes(names)
  const metadata = { name: 'grün', labels: { a: 'b' } }
  const object = { ...names, metadata, spec: { n: 1 } } as unknown as KubeObject
  const stored = bytes.encode(object)
  assert.ok(bytes.canServe(stored))
  for (const revision of [0, 1, 9, 10, 99, 100, 65_535, 1_000_000, Number.MAX_SAFE_INTEGER]) {
    const expected = withResourceVersion(object, revision)
    const served = Buffer.alloc(bytes.servedLength(stored, revision) + 6, '.')
    bytes.copyServed(stored, revision, served, 3)
    assert.equal(served.subarray(0, 3).toString(), '...')
    assert.equal(served.subarray(-3).toString(), '...')
    assert.deepEqual(JSON.parse(served.toString().slice(3, -3)), expected)
    const item = Buffer.alloc(bytes.itemLength(stored, revision) + 6, '.')
    bytes.copyItem(stored, revision, item, 3)
    assert.equal(item.subarray(0, 3).toString(), '...')
    assert.equal(item.subarray(-3).toString(), '...')
    const { kind: _kind, apiVersion: _version, ...rest } = expected
    assert.deepEqual(JSON.parse(`{${item.toString().slice(3, -3)}`), rest)
  }
})
