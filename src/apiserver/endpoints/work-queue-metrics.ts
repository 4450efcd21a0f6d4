import { Gauge, type Registry } from 'prom-client'
import type { Clock } from '../../base/clock.ts'
import type { QueueMeter, QueueMeters } from '../../client/work-queue.ts'
import { type Count, type Distribution, SeriesCounter, SeriesHistogram } from './metric-series.ts'

/** Upstream's: from 10 ns to 10 s, each ten times the one before, as floats multiply. */
const BUCKETS = Array.from({ length: 9 }).reduce<number[]>(
  (bounds) => [...bounds, (bounds.at(-1) as number) * 10],
  [1e-8],
)

/** How the queues of the server's own loops fare, under upstream's names. */
export class WorkQueueMetrics implements QueueMeters {
  readonly #clock: Clock
  readonly #adds: SeriesCounter
  readonly #retries: SeriesCounter
  readonly #waits: SeriesHistogram
  readonly #works: SeriesHistogram
  readonly #queues = new Map<string, MeasuredQueue>()

  constructor(registry: Registry, clock: Clock) {
    const registers = [registry]
    this.#clock = clock
    this.#adds = new SeriesCounter({
      name: 'workqueue_adds_total',
      help: 'Keys that were added to a queue.',
      registers,
    })
    this.#retries = new SeriesCounter({
      name: 'workqueue_retries_total',
      help: 'Keys that were added for later, most since they failed.',
      registers,
    })
    this.#waits = new SeriesHistogram({
      name: 'workqueue_queue_duration_seconds',
      help: 'How long keys waited for a worker.',
      buckets: BUCKETS,
      registers,
    })
    this.#works = new SeriesHistogram({
      name: 'workqueue_work_duration_seconds',
      help: 'How long workers took for a key.',
      buckets: BUCKETS,
      registers,
    })
    this.#gauge(registry, 'depth', 'Keys that wait.', (queue) => queue.depth)
    this.#gauge(
      registry,
      'unfinished_work_seconds',
      'For how long the workers have had their present keys, all together.',
      (queue, now) => queue.runningMs(now).reduce((sum, ms) => sum + ms, 0) / 1000,
    )
    this.#gauge(
      registry,
      'longest_running_processor_seconds',
      'For how long the slowest worker has had its key.',
      (queue, now) => Math.max(0, ...queue.runningMs(now)) / 1000,
    )
  }

  /** The same for queues of one name. */
  meterOf(name: string): QueueMeter {
    let queue = this.#queues.get(name)
    if (queue === undefined) {
      queue = new MeasuredQueue(this.#clock, {
        adds: this.#adds.series({ name }),
        retries: this.#retries.series({ name }),
        waits: this.#waits.series({ name }),
        works: this.#works.series({ name }),
      })
      this.#queues.set(name, queue)
    }
    return queue
  }

  #gauge(
    registry: Registry,
    name: string,
    help: string,
    read: (queue: MeasuredQueue, now: number) => number,
  ): void {
    const queues = this.#queues
    const clock = this.#clock
    new Gauge({
      name: `workqueue_${name}`,
      help,
      labelNames: ['name'],
      registers: [registry],
      collect() {
        const now = clock.monotonic()
        for (const [queueName, queue] of queues) {
          this.set({ name: queueName }, read(queue, now))
        }
      },
    })
  }
}

interface QueueSeries {
  readonly adds: Count
  readonly retries: Count
  readonly waits: Distribution
  readonly works: Distribution
}

/** When each key was added and begun, as long as that matters. */
class MeasuredQueue implements QueueMeter {
  readonly #clock: Clock
  readonly #series: QueueSeries
  readonly #addedAt = new Map<string, number>()
  readonly #startedAt = new Map<string, number>()

  constructor(clock: Clock, series: QueueSeries) {
    this.#clock = clock
    this.#series = series
  }

  get depth(): number {
    return this.#addedAt.size
  }

  /** Of each worker that has a key. */
  runningMs(now: number): readonly number[] {
    return [...this.#startedAt.values()].map((startedAt) => now - startedAt)
  }

  added(key: string): void {
    this.#series.adds.value++
    this.#addedAt.set(key, this.#clock.monotonic())
  }

  started(key: string): void {
    const now = this.#clock.monotonic()
    const addedAt = this.#addedAt.get(key)
    if (addedAt !== undefined) this.#series.waits.observe((now - addedAt) / 1000)
    this.#addedAt.delete(key)
    this.#startedAt.set(key, now)
  }

  finished(key: string): void {
    const startedAt = this.#startedAt.get(key)
    if (startedAt === undefined) return
    this.#series.works.observe((this.#clock.monotonic() - startedAt) / 1000)
    this.#startedAt.delete(key)
  }

  delayed(): void {
    this.#series.retries.value++
  }
}
