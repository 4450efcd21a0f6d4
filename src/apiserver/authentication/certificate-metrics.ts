import type { Registry } from 'prom-client'
import { type Distribution, SeriesHistogram } from '../endpoints/metric-series.ts'

const [HOUR, DAY] = [3600, 86_400]
/** Upstream's: half an hour to a year, in seconds. */
const BUCKETS = [
  ...[0, HOUR / 2, HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR],
  ...[DAY, 2 * DAY, 4 * DAY, 7 * DAY, 30 * DAY, 90 * DAY, 180 * DAY, 360 * DAY],
]

/** How long the certificates of clients are still good for, at each use of one. */
export function certificateLifetimes(registry: Registry): Distribution {
  const histogram = new SeriesHistogram({
    name: 'apiserver_client_certificate_expiration_seconds',
    help: 'How many seconds were left of the certificates that clients have proven to be theirs.',
    buckets: BUCKETS,
    registers: [registry],
  })
  return histogram.series({})
}
