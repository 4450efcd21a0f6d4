import type { Registry } from 'prom-client'
import type { Clock } from '../../base/clock.ts'
import type { WatchMeter } from '../watch-meter.ts'
import { type Count, type Distribution, SeriesCounter, SeriesHistogram } from './metric-series.ts'

/** Upstream's: from 1 KiB to 128 KiB, each twice the one before. */
const SIZE_BUCKETS = Array.from({ length: 8 }, (_, power) => 1024 * 2 ** power)
const BEGIN_BUCKETS = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 4, 6, 8, 10, 15, 20, 30, 45, 60]

/** What a watch is about; empty for what is not served. */
export interface WatchLabels {
  readonly group: string
  readonly version: string
  readonly resource: string
}

/** What watches over the network were sent, and how soon they had the state they began with. */
export class WatchMetrics {
  readonly #clock: Clock
  readonly #events: SeriesCounter
  readonly #sizes: SeriesHistogram
  readonly #beginnings: SeriesHistogram
  readonly #series = new Map<string, { readonly events: Count; readonly sizes: Distribution }>()
  readonly #beginningSeries = new Map<string, Distribution>()

  constructor(registry: Registry, clock: Clock) {
    const registers = [registry]
    this.#clock = clock
    this.#events = new SeriesCounter({
      name: 'apiserver_watch_events_total',
      help: 'Events that watches were sent, bookmarks included.',
      registers,
    })
    this.#sizes = new SeriesHistogram({
      name: 'apiserver_watch_events_sizes',
      help: 'Bytes of the events that watches were sent.',
      buckets: SIZE_BUCKETS,
      registers,
    })
    this.#beginnings = new SeriesHistogram({
      name: 'apiserver_watch_list_duration_seconds',
      help: 'How long it took until a watch had the state that it asked to begin with.',
      buckets: BEGIN_BUCKETS,
      registers,
    })
  }

  /** Of one watch; `startedAt` is monotonic. What is counted is looked up once for each. */
  meterOf(labels: WatchLabels, scope: string, startedAt: number): WatchMeter {
    const { events, sizes } = this.#seriesOf(labels)
    return {
      sent(bytes) {
        events.value++
        sizes.observe(bytes)
      },
      begun: () => {
        const seconds = (this.#clock.monotonic() - startedAt) / 1000
        this.#beginningsOf(labels, scope).observe(seconds)
      },
    }
  }

  #seriesOf(labels: WatchLabels) {
    const key = keyOf(labels)
    let series = this.#series.get(key)
    if (series === undefined) {
      series = {
        events: this.#events.series({ ...labels }),
        sizes: this.#sizes.series({ ...labels }),
      }
      this.#series.set(key, series)
    }
    return series
  }

  #beginningsOf(labels: WatchLabels, scope: string): Distribution {
    const key = `${keyOf(labels)} ${scope}`
    let series = this.#beginningSeries.get(key)
    if (series === undefined) {
      series = this.#beginnings.series({ ...labels, scope })
      this.#beginningSeries.set(key, series)
    }
    return series
  }
}

function keyOf({ group, version, resource }: WatchLabels): string {
  return `${group} ${version} ${resource}`
}
