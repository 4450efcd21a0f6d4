import { type Distribution, SeriesHistogram } from '../endpoints/metric-series.ts'

/** Upstream's, in seconds; the first holds those who did not wait. */
const WAIT_BUCKETS = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30]

const SEAT_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 100]
const WATCH_BUCKETS = [0, 1, 10, 100, 1000, 10000]
const LENGTH_BUCKETS = [0, 10, 25, 50, 100, 250, 500, 1000]

/** What requests are measured by, of all flows. */
export interface FlowHistograms {
  readonly waits: SeriesHistogram
  readonly executions: SeriesHistogram
  readonly estimates: SeriesHistogram
  readonly queueLengths: SeriesHistogram
  readonly watches: SeriesHistogram
}

/** What became of the requests of one FlowSchema in its priority level, for metrics. */
export class FlowStats {
  readonly labels: { readonly flow_schema: string; readonly priority_level: string }
  dispatched = 0
  waiting = 0
  executing = 0
  executingSeats = 0
  waitingSeats = 0
  /** By reason. */
  readonly rejected = new Map<string, number>()
  readonly #histograms: FlowHistograms
  #waitsOfRun: Distribution | undefined
  #waitsOfRejected: Distribution | undefined
  #executions: Distribution | undefined
  #executionsOfWatches: Distribution | undefined
  #estimates: Distribution | undefined
  #queueLengths: Distribution | undefined
  #watches: Distribution | undefined

  constructor(schema: string, level: string, histograms: FlowHistograms) {
    this.labels = { flow_schema: schema, priority_level: level }
    this.#histograms = histograms
  }

  /** A request waited for so long before it ran. */
  noteRun(seconds: number): void {
    this.#waitsOfRun ??= this.#histograms.waits.series({ execute: 'true', ...this.labels })
    this.#waitsOfRun.observe(seconds)
  }

  /** A request was let in, for as many seats as it may need at most. */
  noteEstimate(seats: number): void {
    this.#estimates ??= this.#histograms.estimates.series(this.labels)
    this.#estimates.observe(seats)
  }

  /** So many watches will be told of a write. */
  noteWatches(count: number): void {
    this.#watches ??= this.#histograms.watches.series(this.labels)
    this.#watches.observe(count)
  }

  /** A request was put into a queue that is so long now. */
  noteQueued(length: number): void {
    this.#queueLengths ??= this.#histograms.queueLengths.series(this.labels)
    this.#queueLengths.observe(length)
  }

  /** A request has been answered; a watch has begun. */
  noteExecution(isWatch: boolean, seconds: number): void {
    if (isWatch) {
      const labels = { ...this.labels, type: 'watch' }
      this.#executionsOfWatches ??= this.#histograms.executions.series(labels)
      this.#executionsOfWatches.observe(seconds)
      return
    }
    this.#executions ??= this.#histograms.executions.series({ ...this.labels, type: 'regular' })
    this.#executions.observe(seconds)
  }

  /** A request waited for so long before it was sent away. */
  noteRejection(reason: string, seconds: number): void {
    this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1)
    this.#waitsOfRejected ??= this.#histograms.waits.series({ execute: 'false', ...this.labels })
    this.#waitsOfRejected.observe(seconds)
  }

  /** Whether any request came this way. */
  get isUsed(): boolean {
    return this.dispatched > 0 || this.waiting > 0 || this.rejected.size > 0
  }
}

/** The figures of all flows that there have been; they outlive changes of the configuration. */
export class FlowStatistics {
  readonly histograms: FlowHistograms = {
    waits: new SeriesHistogram({
      name: 'apiserver_flowcontrol_request_wait_duration_seconds',
      help: 'How long requests waited in their queues, and whether they ran then.',
      buckets: WAIT_BUCKETS,
      registers: [],
    }),
    executions: new SeriesHistogram({
      name: 'apiserver_flowcontrol_request_execution_seconds',
      help: 'How long requests took from when they were let in; watches until they had begun.',
      buckets: WAIT_BUCKETS,
      registers: [],
    }),
    estimates: new SeriesHistogram({
      name: 'apiserver_flowcontrol_work_estimated_seats',
      help: 'The most seats that requests were expected to need.',
      buckets: SEAT_BUCKETS,
      registers: [],
    }),
    queueLengths: new SeriesHistogram({
      name: 'apiserver_flowcontrol_request_queue_length_after_enqueue',
      help: 'How long queues were once a request had joined them.',
      buckets: LENGTH_BUCKETS,
      registers: [],
    }),
    watches: new SeriesHistogram({
      name: 'apiserver_flowcontrol_watch_count_samples',
      help: 'How many watches were to be told of writes.',
      buckets: WATCH_BUCKETS,
      registers: [],
    }),
  }
  readonly #flows = new Map<string, FlowStats>()

  /** Of the flows that requests came by. */
  get used(): readonly FlowStats[] {
    return [...this.#flows.values()].filter(({ isUsed }) => isUsed)
  }

  /** Those of one flow, the same ones whenever it is asked. */
  of(schema: string, level: string): FlowStats {
    const key = `${schema} ${level}`
    let stats = this.#flows.get(key)
    if (stats === undefined) {
      stats = new FlowStats(schema, level, this.histograms)
      this.#flows.set(key, stats)
    }
    return stats
  }
}
