import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readUpstream, upstreamFolder, upstreamIsMissing } from '../../../test/support/upstream.ts'
import { parseJson } from '../../base/json.ts'
import { FormerMessages } from '../../kinds/former/former-messages.ts'
import { builtInKinds } from '../../kinds/index.ts'
import { protobufNodeOf } from './api-protobuf.ts'
import { FORMER_VERSIONS } from './former-versions.data.ts'
import { readStored } from './read-stored.ts'

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
      assert.ok(protobufNodeOf({ apiVersion: as, kind }) !== undefined, 'that is')
    }
  }
})

/** Requests and answers, which nobody stores, and versions in which upstream stores nothing. */
const NEVER_STORED = [
  ...[
    'AdmissionReview',
    'APIGroup',
    'APIGroupDiscovery',
    'APIVersions',
    'Status',
    'DeploymentRollback',
    'Eviction',
    'ImageReview',
  ],
  ...['LocalSubjectAccessReview', 'PodStatusResult', 'RangeAllocation', 'Scale'],
  ...[
    'SelfSubjectAccessReview',
    'SelfSubjectReview',
    'SelfSubjectRulesReview',
    'SerializedReference',
  ],
  ...['SubjectAccessReview', 'TokenReview', 'WatchEvent'],
]

test('objects of all former versions are read from protobuf as they are in JSON', {
  skip: upstreamIsMissing,
}, () => {
  const folder = join(upstreamFolder, 'api-testdata')
  const found: string[] = []
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const text = readFileSync(join(folder, file), 'utf8')
    const json = parseJson(text.replace('assuredConcurrencyShares', 'nominalConcurrencyShares'))
    const { apiVersion, kind = 'WatchEvent' } = json as Readonly<Record<string, string>>
    const isServed = builtInKinds.some((one) => one.apiVersion === apiVersion && one.kind === kind)
    if (isServed || kind.endsWith('Options') || NEVER_STORED.includes(kind)) continue
    const bytes = readFileSync(join(folder, file.replace(/json$/, 'pb')))
    assert.deepEqual(readStored(bytes), json, file)
    found.push(`${apiVersion} ${kind}`)
  }
  const own = [...new FormerMessages().nodes.keys()]
  const same = FORMER_VERSIONS.flatMap(({ apiVersion, kinds }) =>
    kinds.map((kind) => `${apiVersion} ${kind}`),
  )
  assert.deepEqual(found.toSorted(), [...own, ...same].toSorted())
})
