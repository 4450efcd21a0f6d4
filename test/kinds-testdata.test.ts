import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { builtInKinds } from '../src/kinds/index.ts'
import { decodeObject } from '../src/machinery/decode.ts'
import type { KubeObject } from '../src/machinery/kind.ts'
import { readUpstream, upstreamIsMissing } from './support/upstream.ts'

/** Objects in which upstream has set every field; `group.version.Kind.json`. */
const files = upstreamIsMissing
  ? []
  : readdirSync(join(process.cwd(), '..', 'shared', 'upstream', 'api-testdata'))

describe('objects with every field set keep them all', { skip: upstreamIsMissing }, () => {
  const seen = new Set<string>()
  for (const kind of builtInKinds) {
    const file = `${kind.group === '' ? 'core' : kind.group}.${kind.version}.${kind.kind}.json`
    if (!files.includes(file)) continue
    seen.add(file)
    test(`${kind.apiVersion} ${kind.kind}`, () => {
      const given = readUpstream<KubeObject>(`api-testdata/${file}`)
      const { value, problems } = decodeObject(kind, given)
      assert.deepEqual(problems, [])
      assert.deepEqual(paths(value), paths(given))
    })
  }

  test('most kinds were compared', () => {
    assert.ok(seen.size > 85, `${seen.size} kinds`)
  })
})

/** Where values stand, without the values: scalars are rewritten in canonical form. */
function paths(value: unknown, place = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [place]
  return Object.entries(value)
    .filter(([, one]) => one !== undefined && one !== null)
    .flatMap(([key, one]) => paths(one, `${place}/${key}`))
    .toSorted()
}
