import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { builtInKinds } from '../src/kinds/index.ts'
import { decodeObject } from '../src/machinery/decode.ts'
import type { Kind, KubeObject } from '../src/machinery/kind.ts'
import { readUpstream, upstreamIsMissing } from './support/upstream.ts'

/** Objects in which upstream has set every field; `group.version.Kind.json`. */
const files = upstreamIsMissing
  ? []
  : readdirSync(join(process.cwd(), '..', 'shared', 'upstream', 'api-testdata'))

const IN_ANNOTATION = /^\/metadata\/annotations\/autoscaling\.alpha/

describe('objects with every field set keep them all', { skip: upstreamIsMissing }, () => {
  const seen = new Set<string>()
  for (const kind of builtInKinds) {
    const file = fileOf(kind)
    if (!files.includes(file)) continue
    seen.add(file)
    test(`${kind.apiVersion} ${kind.kind}`, () => {
      const given = readUpstream<KubeObject>(`api-testdata/${file}`)
      const { value, problems } = decodeObject(kind, given)
      assert.deepEqual(problems, [])
      assert.deepEqual(paths(value), paths(given))
    })
  }

  for (const kind of builtInKinds) {
    const { storedAs } = kind
    const file = fileOf(kind)
    if (storedAs === undefined || !files.includes(file)) continue
    test(`${kind.apiVersion} ${kind.kind} survives being stored as another version`, () => {
      const { value } = decodeObject(kind, readUpstream<KubeObject>(`api-testdata/${file}`))
      const stored = storedAs.toStored(value)
      const { problems } = decodeObject(storedAs.kind(), stored)
      assert.deepEqual(problems, [], 'fields that the stored kind does not know')
      // Autoscalers of v1 show what they have no fields for in annotations; so do upstream's.
      const back = paths(storedAs.fromStored(stored)).filter((path) => !IN_ANNOTATION.test(path))
      assert.deepEqual(back, paths(value))
    })
  }

  test('most kinds were compared', () => {
    assert.ok(seen.size > 85, `${seen.size} kinds`)
  })
})

function fileOf({ group, version, kind }: Kind): string {
  return `${group === '' ? 'core' : group}.${version}.${kind}.json`
}

/** Where values stand, without the values: scalars are rewritten in canonical form. */
function paths(value: unknown, place = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [place]
  return Object.entries(value)
    .filter(([, one]) => one !== undefined && one !== null)
    .flatMap(([key, one]) => paths(one, `${place}/${key}`))
    .toSorted()
}
