import type { RequestInfo } from '../request-info.ts'
import type { FlowStats } from './flow-stats.ts'

/** How much of a server a request takes: seats while it runs, and perhaps for a while after. */
export interface WorkEstimate {
  readonly seats: number
  /** Taken by the events that a write sends to its watches, after its answer. */
  readonly finalSeats: number
  readonly finalMs: number
}

/** What an estimate needs to know of the objects that a request is about. */
export interface WorkFacts {
  /** How many objects the resource has; undefined where that is not known. */
  objectCount(info: RequestInfo): number | undefined
  /** How many watches will be told of a write. */
  watchCount(info: RequestInfo): number
}

const OBJECTS_PER_SEAT = 100
const WATCHES_PER_SEAT = 10
const EVENT_MS = 5
const MOST_SEATS = 10
const ONE_SEAT: WorkEstimate = { seats: 1, finalSeats: 0, finalMs: 0 }

/**
 * Upstream's estimate by numbers of objects and watches. `maxSeats` is what the priority level
 * allows one request: a part of its own seats. `stats` are told how many watches a write has.
 */
export function estimateWork(
  info: RequestInfo,
  query: URLSearchParams,
  maxSeats: number,
  facts: WorkFacts,
  stats?: Pick<FlowStats, 'noteWatches'>,
): WorkEstimate {
  if (!info.isResourceRequest) return ONE_SEAT
  const most = maxSeats === 0 ? MOST_SEATS : Math.min(maxSeats, MOST_SEATS)
  switch (info.verb) {
    case 'list':
      return listing(info, query, most, facts)
    case 'watch':
      return beginsWithState(query) ? listing(info, query, most, facts) : ONE_SEAT
    case 'create':
    case 'update':
    case 'patch':
    case 'delete':
      return writing(info, most, facts, stats)
    default:
      return ONE_SEAT
  }
}

function beginsWithState(query: URLSearchParams): boolean {
  if (query.get('sendInitialEvents') === 'true') return true
  return ['', '0'].includes(query.get('resourceVersion') ?? '')
}

function listing(
  info: RequestInfo,
  query: URLSearchParams,
  most: number,
  { objectCount }: WorkFacts,
): WorkEstimate {
  if (info.name !== '') return ONE_SEAT
  const count = objectCount(info)
  if (count === undefined) return ONE_SEAT
  // Pages beyond the first, and lists of the past, are read from the storage and decoded.
  const isFromStorage =
    query.has('continue') || (query.get('resourceVersionMatch') ?? '') === 'Exact'
  const limit = Number(query.get('limit') ?? 0) || count
  const processed = isFromStorage ? 2 * Math.min(limit, count) : count
  const seats = Math.max(1, Math.min(most, Math.ceil(processed / OBJECTS_PER_SEAT)))
  return seats === 1 ? ONE_SEAT : { seats, finalSeats: 0, finalMs: 0 }
}

function writing(
  info: RequestInfo,
  most: number,
  { watchCount }: WorkFacts,
  stats: Pick<FlowStats, 'noteWatches'> | undefined,
): WorkEstimate {
  // A token is asked for under a service account's name, but nothing of that changes.
  if (info.resource === 'serviceaccounts' && info.subresource === 'token') return ONE_SEAT
  const watches = watchCount(info)
  stats?.noteWatches(watches)
  if (watches < WATCHES_PER_SEAT) return ONE_SEAT
  const wanted = Math.ceil(watches / WATCHES_PER_SEAT)
  const finalSeats = Math.min(wanted, most)
  return { seats: 1, finalSeats, finalMs: (wanted * EVENT_MS) / finalSeats }
}
