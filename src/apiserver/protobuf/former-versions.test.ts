import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readUpstream, upstreamIsMissing } from '../../../test/support/upstream.ts'
import { protobufNodeOf, storedNodeOf } from './api-protobuf.ts'
import { FORMER_VERSIONS } from './former-versions.data.ts'

/** By message: number, type and perhaps a label of each field. */
type Messages = Readonly<Record<string, Readonly<Record<string, readonly [number, string]>>>>

/** Of the same number, and of the same meaning, under another name. */
const RENAMED = ['assuredConcurrencyShares nominalConcurrencyShares']

if (upstreamIsMissing !== false) console.log(`skipped: former versions: ${upstreamIsMissing}`)

test('former versions have the numbers of those by which they are read', {
  skip: upstreamIsMissing,
}, () => {
  const messages = readUpstream<Messages>('protobuf-fields.json')
  const packageOf = (apiVersion: string) => {
    const [group = '', version = ''] = apiVersion.split('/')
    return `k8s.io.api.${group.split('.')[0]}.${version}`
  }
  for (const { apiVersion, kinds, as } of FORMER_VERSIONS) {
    const [former, present] = [packageOf(apiVersion), packageOf(as)]
    const compare = (name: string, seen: Set<string>): void => {
      if (seen.has(name)) return
      seen.add(name)
      const now = Object.entries(messages[`${present}.${name}`] ?? {})
      for (const [field, [number, type]] of Object.entries(messages[`${former}.${name}`] ?? {})) {
        const [found, [, foundType] = [0, '']] = now.find(([, [n]]) => n === number) ?? []
        const isRenamed = RENAMED.includes(`${field} ${found}`)
        assert.ok(found === field || isRenamed, `${former}.${name}.${field}: ${found}`)
        const [was, is] = [type, foundType].map((one) => one.replace(former, present))
        assert.equal(is, was, `${former}.${name}.${field}`)
        if (type.startsWith(former)) compare(type.slice(former.length + 1), seen)
      }
    }
    for (const kind of kinds) {
      assert.ok(messages[`${former}.${kind}`] !== undefined, `${former}.${kind}`)
      compare(kind, new Set())
      assert.equal(protobufNodeOf({ apiVersion, kind }), undefined, 'it is not served')
      assert.equal(storedNodeOf({ apiVersion, kind }), protobufNodeOf({ apiVersion: as, kind }))
    }
  }
})
