import { type Distribution, SeriesHistogram } from '../endpoints/metric-series.ts'

/** Upstream's, in seconds; the first holds those who did not wait. */
const WAIT_BUCKETS = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30]

/** What became of the requests of one FlowSchema in its priority level, for metrics. */
export class FlowStats {
  readonly labels: { readonly flow_schema: string; readonly priority_level: string }
  dispatched = 0
  waiting = 0
  executing = 0
  executingSeats = 0
  /** By reason. */
  readonly rejected = new Map<string, number>()
  readonly #waits: SeriesHistogram
  #waitsOfRun: Distribution | undefined
  #waitsOfRejected: Distribution | undefined

  constructor(schema: string, level: string, waits: SeriesHistogram) {
    this.labels = { flow_schema: schema, priority_level: level }
    this.#waits = waits
  }

  /** A request waited for so long before it ran. */
  noteRun(seconds: number): void {
    this.#waitsOfRun ??= this.#waits.series({ execute: 'true', ...this.labels })
    this.#waitsOfRun.observe(seconds)
  }

  /** A request waited for so long before it was sent away. */
  noteRejection(reason: string, seconds: number): void {
    this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1)
    this.#waitsOfRejected ??= this.#waits.series({ execute: 'false', ...this.labels })
    this.#waitsOfRejected.observe(seconds)
  }

  /** Whether any request came this way. */
  get isUsed(): boolean {
    return this.dispatched > 0 || this.waiting > 0 || this.rejected.size > 0
  }
}

/** The figures of all flows that there have been; they outlive changes of the configuration. */
export class FlowStatistics {
  readonly waits = new SeriesHistogram({
    name: 'apiserver_flowcontrol_request_wait_duration_seconds',
    help: 'How long requests waited in their queues, and whether they ran then.',
    buckets: WAIT_BUCKETS,
    registers: [],
  })
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
      stats = new FlowStats(schema, level, this.waits)
      this.#flows.set(key, stats)
    }
    return stats
  }
}
