import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { parse } from 'yaml'
import { ServerRequest } from '../../src/apiserver/request.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { IDENTITIES } from '../../src/cluster/api-identity.ts'
import { MemoryStorage } from '../../src/storage/memory/memory-storage.ts'
import { openTestControlPlane } from '../support/control-plane.ts'
import { upstreamIsMissing } from '../support/upstream.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

interface Listed {
  readonly name: string
  readonly namespace?: string
  readonly subsystem?: string
  readonly type: string
  readonly stabilityLevel: string
  readonly labels?: readonly string[]
  readonly buckets?: readonly number[]
  readonly componentEndpoints?: readonly { readonly component: string }[]
}

interface Shown {
  readonly type: string
  readonly help: string
  readonly labels: ReadonlySet<string>
  readonly bounds: ReadonlySet<string>
}

/** Stable metrics that a server shows elsewhere, or only where something is configured. */
const NOT_ALWAYS: ReadonlySet<string> = new Set([
  'kubernetes_healthcheck', // At /metrics/slis.
  'kubernetes_healthchecks_total',
  'running_managed_controllers', // Of controller managers.
  'apiserver_storage_size_bytes', // Of a store on disk.
  ...['authentication', 'authorization'].flatMap((what) => [
    `apiserver_${what}_config_controller_automatic_reloads_total`,
    `apiserver_${what}_config_controller_automatic_reload_last_timestamp_seconds`,
  ]),
])
/** The list leaves out labels that always have the same value. */
const CONSTANT_LABELS: Readonly<Record<string, string>> = {
  apiserver_flowcontrol_priority_level_seat_utilization: 'phase',
}
/** Of the process, or newer than the list. */
const UNLISTED =
  /^(process_|nodejs_|apiserver_impersonation_|cardinality_enforcement_)|^apiserver_validation_duplicate_validation_error_total$/

describe('metrics, beside upstream’s list', { skip: upstreamIsMissing }, () => {
  let listed: ReadonlyMap<string, Listed>
  let shown: ReadonlyMap<string, Shown>

  before(async () => {
    const path = join(process.cwd(), '../shared/upstream/lists/metrics-list.yaml')
    const list = parse(readFileSync(path, 'utf8')) as readonly Listed[]
    listed = new Map(list.map((metric) => [fullName(metric), metric]))
    shown = readMetrics(await metricsOfServer())
    assert.ok(shown.size > 120, `${shown.size} metrics`)
  })

  test('each has upstream’s name, type, level, labels and buckets', () => {
    const wrong: string[] = []
    for (const [name, { type, help, labels, bounds }] of shown) {
      const metric = listed.get(name)
      if (metric === undefined) {
        if (!UNLISTED.test(name)) wrong.push(`${name} is not in the list`)
        continue
      }
      // A histogram of times is shown as any other.
      const kind = metric.type.toLowerCase().replace('timingratiohistogram', 'histogram')
      if (kind !== 'custom' && kind !== type) wrong.push(`${name} is a ${type}, not a ${kind}`)
      if (!help.startsWith(`[${metric.stabilityLevel}] `)) wrong.push(`${name}: ${help}`)
      for (const label of labels) {
        const isListed = metric.labels?.includes(label) || CONSTANT_LABELS[name] === label
        if (!isListed) wrong.push(`${name} has a label ${label}`)
      }
      if (bounds.size === 0 || metric.buckets === undefined) continue
      const [ours, theirs] = [[...bounds].map(Number), metric.buckets]
      const isSame =
        ours.length === theirs.length && ours.every((one, at) => isNear(one, theirs[at]))
      if (!isSame) wrong.push(`${name} has the buckets ${ours.join(' ')}`)
    }
    assert.deepEqual(wrong, [])
  })

  test('of those of the API server that are stable or nearly so none is missing', () => {
    const missing = [...listed].flatMap(([name, { stabilityLevel, componentEndpoints = [] }]) => {
      const isOurs = componentEndpoints.some(({ component }) => component === 'kube-apiserver')
      const counts = isOurs && ['STABLE', 'BETA'].includes(stabilityLevel)
      return counts && !shown.has(name) && !NOT_ALWAYS.has(name) ? [name] : []
    })
    assert.deepEqual(missing, [])
  })
})

function fullName({ namespace, subsystem, name }: Listed): string {
  return [namespace, subsystem, name].filter(Boolean).join('_')
}

function isNear(one: number, other: number | undefined): boolean {
  return other !== undefined && Math.abs(one - other) <= 1e-9 * Math.abs(other)
}

/** What a whole server shows after a start, a list and a watch's worth of requests. */
async function metricsOfServer(): Promise<string> {
  const clock = new VirtualClock()
  const storage = MemoryStorage.create({ clock, logger: silentLogger })
  const controlPlane = openTestControlPlane(storage, clock)
  await controlPlane.start({ address: '192.0.2.1', port: 6443 })
  const { signal } = new AbortController()
  const user = IDENTITIES.apiServer
  const ask = async (url: string) =>
    controlPlane.server.handle(new ServerRequest({ method: 'GET', url, user, signal }))
  await ask('/api/v1/pods')
  await ask('/api/v1/namespaces/default/pods/none').catch(() => undefined)
  const answer = await ask('/metrics')
  assert.equal(answer.type, 'encoded')
  const chunks = answer.type === 'encoded' ? answer.chunks() : []
  const text = Buffer.concat(chunks as readonly Uint8Array[]).toString()
  await controlPlane.close()
  await storage.close()
  return text
}

function readMetrics(text: string): ReadonlyMap<string, Shown> {
  const metrics = new Map<string, Shown & { labels: Set<string>; bounds: Set<string> }>()
  let help = ''
  for (const line of text.split('\n')) {
    const [, word, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
    if (word === 'HELP') help = rest
    if (word === 'TYPE')
      metrics.set(name, { type: rest, help, labels: new Set(), bounds: new Set() })
    const [, series = '', labels = ''] = /^([a-z_0-9]+)\{(.*)\} \S+$/.exec(line) ?? []
    const metric = metrics.get(series) ?? metrics.get(series.replace(/_(bucket|sum|count)$/, ''))
    for (const [, label = '', value = ''] of labels.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)) {
      if (label !== 'le') metric?.labels.add(label)
      else if (value !== '+Inf') metric?.bounds.add(value)
    }
  }
  return metrics
}
