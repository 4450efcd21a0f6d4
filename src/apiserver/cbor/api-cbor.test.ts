import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseJson } from '../../base/json.ts'
import { builtInKinds } from '../../kinds/index.ts'
import { decodeCbor } from '../../machinery/codec/cbor.ts'
import { encodeApiCbor } from './api-cbor.ts'

const FIXTURES = join(process.cwd(), '../shared/upstream/api-testdata')
const skip = existsSync(FIXTURES) ? false : `no ${FIXTURES}`

/** These are not in the scheme of upstream's client, which made the sum below. */
const ELSEWHERE = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io'])
/** Of the lines `FILE HEX` that upstream's encoder makes of the objects below. */
const UPSTREAM_SUM = 'e0270349475d74ecb4d4d551b0f05f091519acef8c59a999a6059e0e7d37e280'

test('all kinds have the bytes of upstream, and come back as they were', { skip }, () => {
  const names = builtInKinds
    .filter(({ group }) => !ELSEWHERE.has(group))
    .map(({ group, version, kind }) => `${group || 'core'}.${version}.${kind}.json`)
    .filter((name) => existsSync(join(FIXTURES, name)))
    .toSorted()
  const lines = names.map((name) => {
    const value = parseJson(readFileSync(join(FIXTURES, name), 'utf8'))
    const bytes = encodeApiCbor(value)
    assert.deepEqual({ ...decodeCbor(bytes), name }, { value, type: 'map', fault: undefined, name })
    return `${name} ${bytes.toString('hex')}\n`
  })
  assert.equal(names.length, 96)
  assert.equal(createHash('sha256').update(lines.join('')).digest('hex'), UPSTREAM_SUM)
})
