import { Counter, Gauge, type Metric, type Registry } from 'prom-client'
import type { Clock } from '../../base/clock.ts'
import { StatusError } from '../../machinery/status-error.ts'
import type { InFlightCounts } from '../filters/max-in-flight.ts'
import { type Filter, heard } from '../handler.ts'
import { isLongRunning } from '../listener/request-deadline.ts'
import type { ResourceTable } from '../registry/resource-table.ts'
import { hasStatusSubresource } from '../registry/strategy.ts'
import type { ServerRequest } from '../request.ts'
import type { RequestInfo } from '../request-info.ts'
import type { ServerResponse } from '../response.ts'
import { deprecationOfRequest } from '../verbs/deprecations.ts'
import { waitingMsOf } from '../waiting-times.ts'
import type { WatchMeter } from '../watch-meter.ts'
import { metricsReset, respondWithText } from './document.ts'
import { MetricRegistry } from './metric-registry.ts'
import type { MetricRules } from './metric-rules.ts'
import {
  type Count,
  type Distribution,
  type Labels,
  SeriesCounter,
  SeriesHistogram,
} from './metric-series.ts'
import { addProcessMetrics } from './process-metrics.ts'
import { TerminationMetrics } from './termination-metrics.ts'
import type { VersionInfo } from './version-info.ts'
import { addVersionMetrics } from './version-metrics.ts'
import { WatchMetrics } from './watch-metrics.ts'
import { WorkQueueMetrics } from './work-queue-metrics.ts'
import { writeMetrics } from './write-metrics.ts'

const SCOPE_LABELS = ['verb', 'group', 'version', 'resource', 'subresource', 'scope'] as const
const DURATION_BUCKETS = [
  ...[0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5],
  ...[2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60],
]

/** Of bodies, upstream's: from 50 kB on. */
const BODY_BUCKETS = [50_000, ...Array.from({ length: 30 }, (_, step) => 150_000 + 100_000 * step)]
const SIZE_BUCKETS = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]

/** Upstream's verbs of metrics, by those of requests. */
const VERBS: Readonly<Record<string, string>> = {
  get: 'GET',
  list: 'LIST',
  watch: 'WATCH',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETECOLLECTION',
}
const CONNECT_SUBRESOURCES: ReadonlySet<string> = new Set([
  'exec',
  'attach',
  'portforward',
  'proxy',
])
const METHODS: ReadonlySet<string> = new Set([
  ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE'],
])

/** The metrics of the API server under upstream's names, as `/metrics` shows them. */
export class ServerMetrics {
  readonly registry: Registry
  readonly #rules: MetricRules | undefined
  readonly queues: WorkQueueMetrics
  readonly inFlight: InFlightCounts = { readOnly: 0, mutating: 0 }
  /** Whether there is such a resource, with such a subresource; what is not gets no labels. */
  isServed: (info: RequestInfo) => boolean = () => true
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #total: SeriesCounter
  readonly #durations: SeriesHistogram
  readonly #ownDurations: SeriesHistogram
  readonly #longRunning: Gauge
  readonly #sizes: SeriesHistogram
  readonly #deprecated: Gauge
  readonly #bodySizes: SeriesHistogram
  readonly #bodySizeSeries = new Map<string, Distribution>()
  readonly #terminations: TerminationMetrics
  readonly #handshakeErrors: Counter
  readonly #watches: WatchMetrics
  readonly #children = new Map<string, Children>()
  readonly #durationSeries = new Map<string, Distribution>()
  readonly #ownDurationSeries = new Map<string, Distribution>()
  readonly #sizeChildren = new Map<string, Distribution>()

  constructor(clock: Clock, version: VersionInfo, rules?: MetricRules) {
    this.registry = new MetricRegistry(rules)
    this.#rules = rules
    this.#clock = clock
    this.#startedAt = clock.now()
    const registers = [this.registry]
    this.#total = new SeriesCounter({
      name: 'apiserver_request_total',
      help: 'Requests by verb, dry run, resource, scope and HTTP code.',
      registers,
    })
    this.#durations = new SeriesHistogram({
      name: 'apiserver_request_duration_seconds',
      help: 'How long answers took, by verb, dry run, resource and scope.',
      buckets: DURATION_BUCKETS,
      registers,
    })
    this.#ownDurations = new SeriesHistogram({
      name: 'apiserver_request_sli_duration_seconds',
      help: 'How long answers took, but for waiting in queues and for webhooks; without dry runs.',
      buckets: DURATION_BUCKETS.filter((bound) => bound >= 0.05),
      registers,
    })
    this.#longRunning = new Gauge({
      name: 'apiserver_longrunning_requests',
      help: 'Requests that last as long as their clients like, under way now.',
      labelNames: [...SCOPE_LABELS, 'component'],
      registers,
    })
    this.#sizes = new SeriesHistogram({
      name: 'apiserver_response_sizes',
      help: 'Bytes of the answers to reads, by verb, resource and scope.',
      buckets: SIZE_BUCKETS,
      registers,
    })
    this.#deprecated = new Gauge({
      name: 'apiserver_requested_deprecated_apis',
      help: 'Versions of resources that will go and were asked for, with the release without them.',
      labelNames: ['group', 'version', 'resource', 'subresource', 'removed_release'],
      registers,
    })
    this.#addInFlight()
    addVersionMetrics(this.registry, version)
    this.#bodySizes = new SeriesHistogram({
      name: 'apiserver_request_body_size_bytes',
      help: 'Bytes of the bodies of requests, by resource and verb.',
      buckets: BODY_BUCKETS,
      registers,
    })
    this.#handshakeErrors = new Counter({
      name: 'apiserver_tls_handshake_errors_total',
      help: 'Connections that did not come about, since TLS could not be agreed on.',
      registers,
    })
    this.#terminations = new TerminationMetrics(this.registry)
    this.#watches = new WatchMetrics(this.registry, clock)
    this.queues = new WorkQueueMetrics(this.registry, clock)
    addProcessMetrics(this.registry)
  }

  /** Counts and times each request; the outermost of all filters. */
  readonly filter: Filter = (request, next) => {
    const started = this.#clock.monotonic()
    const gauge = isLongRunning(request.info) ? this.#longRunningOf(request) : undefined
    gauge?.inc()
    if (!request.isInProcess) {
      if (request.info.verb === 'watch') request.watchMeter = this.#watchMeterOf(request, started)
      else request.onSent = (bytes) => this.#observeSize(request, bytes)
    }
    return heard(request, next, (response, error) => {
      gauge?.dec()
      const code = response === undefined ? codeOfError(error) : codeOf(response)
      if (response === undefined) {
        this.#terminations.note(error, code, () => this.#labelsOf(request))
      }
      this.#observe(request, code, (this.#clock.monotonic() - started) / 1000)
    })
  }

  /** A connection did not come about. */
  readonly noteHandshakeFailed = (): void => this.#handshakeErrors.inc()

  /** Shows what another part of the server has measured on its own, too. */
  add(registry: Registry | undefined): void {
    for (const metric of registry?.getMetricsAsArray() ?? []) {
      this.registry.registerMetric(metric as unknown as Metric)
    }
  }

  /** What `/metrics` answers. */
  async answer() {
    const started = Math.floor(this.#startedAt / 1000)
    const headers = { 'process-start-time-unix': String(started) }
    const contentType = `${this.registry.contentType}; escaping=underscores`
    return respondWithText(
      await writeMetrics(this.registry, this.#rules),
      200,
      contentType,
      headers,
    )
  }

  /** Forgets what was counted, as upstream's `DELETE /metrics`; what is asked for each time stays. */
  reset(): ServerResponse {
    this.registry.resetMetrics()
    return metricsReset()
  }

  #observe(request: ServerRequest, code: number, seconds: number): void {
    const { info, method } = request
    const dryRun = request.query.has('dryRun') ? dryRunOf(request.query) : ''
    const verb = verbOf(info, method, request.headers['content-type'] ?? '')
    const subresource = info.isResourceRequest ? info.subresource : pathLabel(info.path)
    const scope = scopeOf(info)
    const key =
      `${code} ${dryRun} ${verb} ${info.group} ${info.version} ${info.resource} ` +
      `${subresource} ${scope}`
    const children = this.#children.get(key) ?? this.#newChildren(request, code, dryRun)
    children.total.value++
    children.durations.observe(seconds)
    if (request.bodyBytes !== undefined) children.bodySizes.observe(request.bodyBytes)
    children.ownDurations?.observe(seconds - waitingMsOf(request) / 1000)
  }

  /** With labels for what is served alone: anybody may ask for anything. */
  #newChildren(request: ServerRequest, code: number, dryRun: string): Children {
    const labels = { ...this.#labelsOf(request), component: 'apiserver', dry_run: dryRun }
    const { verb, group, version, resource, subresource, scope } = labels
    const key = `${code} ${dryRun} ${verb} ${group} ${version} ${resource} ${subresource} ${scope}`
    let children = this.#children.get(key)
    if (children === undefined) {
      children = {
        total: this.#total.series({ ...labels, code: String(code) }),
        durations: this.#durationsOf(labels),
        bodySizes: this.#bodySizesOf(labels, request.info.verb),
        ownDurations: dryRun === '' ? this.#ownDurationsOf(labels) : undefined,
      }
      this.#children.set(key, children)
      this.#noteDeprecation(request)
    }
    return children
  }

  #labelsOf(request: ServerRequest): ReturnType<typeof scopeLabels> {
    const labels = scopeLabels(request)
    if (!request.info.isResourceRequest) {
      return METHODS.has(labels.verb) ? labels : { ...labels, verb: 'other' }
    }
    if (this.isServed(request.info)) return labels
    return { ...labels, group: '', version: '', resource: '', subresource: '' }
  }

  /** Whoever asks for what will go is seen before it is gone: once is enough. */
  #noteDeprecation(request: ServerRequest): void {
    const deprecation = deprecationOfRequest(request)
    if (deprecation === undefined) return
    const { group, version, resource, subresource } = request.info
    const { removedRelease: removed_release } = deprecation
    this.#deprecated.set({ group, version, resource, subresource, removed_release }, 1)
  }

  /** The same series for all codes. */
  #durationsOf(labels: Labels): Distribution {
    const key = keyOf(labels)
    let durations = this.#durationSeries.get(key)
    if (durations === undefined) {
      durations = this.#durations.series(labels)
      this.#durationSeries.set(key, durations)
    }
    return durations
  }

  #bodySizesOf({ group = '', resource = '' }: Labels, verb: string): Distribution {
    const labels = { group, resource, verb: resource === '' ? '' : verb }
    const key = keyOf(labels)
    let sizes = this.#bodySizeSeries.get(key)
    if (sizes === undefined) {
      sizes = this.#bodySizes.series(labels)
      this.#bodySizeSeries.set(key, sizes)
    }
    return sizes
  }

  #ownDurationsOf({ dry_run: _, ...labels }: Labels): Distribution {
    const key = Object.values(labels).join(' ')
    let durations = this.#ownDurationSeries.get(key)
    if (durations === undefined) {
      durations = this.#ownDurations.series(labels)
      this.#ownDurationSeries.set(key, durations)
    }
    return durations
  }

  /** Of reads alone, as upstream; those that last have no size. */
  #observeSize(request: ServerRequest, bytes: number): void {
    const labels = scopeLabels(request)
    if ((labels.verb !== 'GET' && labels.verb !== 'LIST') || isLongRunning(request.info)) return
    const sizes = this.#sizeChildren.get(keyOf(labels)) ?? this.#newSizes(request)
    sizes.observe(bytes)
  }

  #newSizes(request: ServerRequest): Distribution {
    const labels = this.#labelsOf(request)
    const key = keyOf(labels)
    let sizes = this.#sizeChildren.get(key)
    if (sizes === undefined) {
      sizes = this.#sizes.series({ ...labels, component: 'apiserver' })
      this.#sizeChildren.set(key, sizes)
    }
    return sizes
  }

  #watchMeterOf(request: ServerRequest, startedAt: number): WatchMeter {
    const { group, version, resource, scope } = this.#labelsOf(request)
    return this.#watches.meterOf({ group, version, resource }, scope, startedAt)
  }

  #longRunningOf(request: ServerRequest) {
    return this.#longRunning.labels({ ...this.#labelsOf(request), component: 'apiserver' })
  }

  #addInFlight(): void {
    const { inFlight } = this
    new Gauge({
      name: 'apiserver_current_inflight_requests',
      help: 'Requests that are being answered, by kind.',
      labelNames: ['request_kind'],
      registers: [this.registry],
      collect() {
        this.set({ request_kind: 'readOnly' }, inFlight.readOnly)
        this.set({ request_kind: 'mutating' }, inFlight.mutating)
      },
    })
  }
}

interface Children {
  readonly total: Count
  readonly durations: Distribution
  readonly bodySizes: Distribution
  /** Without what was waited for; undefined for dry runs. */
  readonly ownDurations: Distribution | undefined
}

function codeOf(response: ServerResponse): number {
  return response.type === 'upgraded' ? 101 : response.code
}

function codeOfError(error: unknown): number {
  return error instanceof StatusError ? error.code : 500
}

function keyOf(labels: Labels): string {
  return Object.values(labels).join(' ')
}

function scopeLabels({ info, method, headers }: ServerRequest) {
  const { group, version, resource, subresource } = info
  const path = info.isResourceRequest ? subresource : pathLabel(info.path)
  const verb = verbOf(info, method, headers['content-type'] ?? '')
  return { verb, group, version, resource, subresource: path, scope: scopeOf(info) }
}

function verbOf(info: RequestInfo, method: string, contentType: string): string {
  if (!info.isResourceRequest) return method === 'HEAD' ? 'GET' : method
  if (CONNECT_SUBRESOURCES.has(info.subresource)) return 'CONNECT'
  if (info.verb === 'patch' && contentType.startsWith('application/apply-patch')) return 'APPLY'
  return VERBS[info.verb] ?? 'other'
}

/** Only the beginning of other paths: a label must not take on as many values as clients like. */
function pathLabel(path: string): string {
  return /^\/(healthz|livez|readyz|version|metrics|api|apis|openapi\/v[23])/.exec(path)?.[0] ?? ''
}

function scopeOf({ name, verb, namespace, isResourceRequest }: RequestInfo): string {
  if (name !== '' || verb === 'create') return 'resource'
  if (namespace !== '') return 'namespace'
  return isResourceRequest ? 'cluster' : ''
}

function dryRunOf(query: URLSearchParams): string {
  return query.getAll('dryRun').every((one) => one === 'All') ? 'All' : 'invalid'
}

/** Whether resources have what a request is for, so that it may stand in labels. */
export function isServedBy(resources: ResourceTable): (info: RequestInfo) => boolean {
  return ({ group, version, resource, subresource }) => {
    const kind =
      resources.find(group, version, resource)?.kind ??
      resources.findVirtual(group, version, resource)
    if (kind === undefined) return false
    if (subresource === '' || (subresource === 'scale' && kind.scale !== undefined)) return true
    if (subresource === 'status') return hasStatusSubresource(kind)
    return kind.subresources?.some(({ name }) => name === subresource) === true
  }
}
