import type { Clock } from '../../base/clock.ts'
import type { ServerRequest } from '../request.ts'
import type { FlowControl } from './flow-control.ts'
import type { PriorityLevel } from './priority-level.ts'
import type { RequestSnapshot } from './queue-set.ts'

type Row = readonly (string | number | boolean)[]

const LEVEL_COLUMNS = [
  ...['PriorityLevelName', 'ActiveQueues', 'IsIdle', 'IsQuiescing', 'WaitingRequests'],
  ...['ExecutingRequests', 'DispatchedRequests', 'RejectedRequests', 'TimedoutRequests'],
  'CancelledRequests',
]
const QUEUE_COLUMNS = [
  ...['PriorityLevelName', 'Index', 'PendingRequests', 'ExecutingRequests', 'SeatsInUse'],
  ...['NextDispatchR', 'InitialSeatsSum', 'MaxSeatsSum', 'TotalWorkSum'],
]
// The fifth is written so by upstream, and programs read it.
const REQUEST_COLUMNS = [
  ...['PriorityLevelName', 'FlowSchemaName', 'QueueIndex', 'RequestIndexInQueue'],
  ...['FlowDistingsher', 'ArriveTime', 'InitialSeats', 'FinalSeats', 'AdditionalLatency'],
  'StartTime',
]
const DETAIL_COLUMNS = [
  ...['UserName', 'Verb', 'APIPath', 'Namespace', 'Name', 'APIVersion', 'Resource', 'SubResource'],
]
const NEVER = '0001-01-01T00:00:00Z'
const OWN_REASONS = new Set(['time-out', 'cancelled'])

/** A line for each priority level, as upstream's `dump_priority_levels`. */
export function dumpPriorityLevels({ levels }: FlowControl): string {
  const rows = sorted(levels).map(({ name, queueSet, isQuiescing, dispatched, rejected }) => {
    const active = queueSet.snapshot().queues.filter(({ waiting }) => waiting > 0).length
    const refused = [...rejected].filter(([reason]) => !OWN_REASONS.has(reason))
    return [
      ...[name, active, queueSet.isIdle, isQuiescing, queueSet.waiting, queueSet.executing],
      ...[dispatched, refused.reduce((sum, [, count]) => sum + count, 0)],
      ...[rejected.get('time-out') ?? 0, rejected.get('cancelled') ?? 0],
    ]
  })
  return table([LEVEL_COLUMNS, ...rows])
}

/** A line for each queue, as upstream's `dump_queues`. */
export function dumpQueues({ levels }: FlowControl): string {
  const rows = sorted(levels).flatMap(({ name, queueSet }) =>
    queueSet
      .snapshot()
      .queues.map((queue, index) => [
        ...[name, index, queue.waiting, queue.executing, queue.seatsInUse],
        ...[seatSeconds(queue.nextStart), queue.initialSeats, queue.maxSeats],
        seatSeconds(queue.work),
      ]),
  )
  return table([QUEUE_COLUMNS, ...rows])
}

/** A line for each request that waits or runs, as upstream's `dump_requests`. */
export function dumpRequests({ levels }: FlowControl, clock: Clock, hasDetails: boolean): string {
  const wallAt = (ms: number) => clock.now() - (clock.monotonic() - ms)
  const time = (ms: number) => (ms === 0 ? NEVER : new Date(wallAt(ms)).toISOString())
  const rows = sorted(levels).flatMap(({ name, queueSet }) =>
    queueSet
      .snapshot()
      .requests.map((one: RequestSnapshot) => [
        ...[
          name,
          one.schemaName ?? '',
          one.queue,
          one.index,
          one.distinguisher ?? '',
          time(one.arrivedAtMs),
        ],
        ...[one.estimate.seats, one.estimate.finalSeats, `${one.estimate.finalMs}ms`],
        time(one.startedAtMs),
        ...(hasDetails && one.request !== undefined ? detailsOf(one.request) : []),
      ]),
  )
  const columns = hasDetails ? [...REQUEST_COLUMNS, ...DETAIL_COLUMNS] : REQUEST_COLUMNS
  return table([columns, ...rows])
}

function detailsOf({ user, info }: ServerRequest): Row {
  const { verb, path, namespace, name, group, version, resource, subresource } = info
  const apiVersion = group === '' ? version : `${group}/${version}`
  return [user?.name ?? '', verb, path, namespace, name, apiVersion, resource, subresource]
}

function sorted(levels: ReadonlyMap<string, PriorityLevel>): readonly PriorityLevel[] {
  return [...levels.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function seatSeconds(seatMs: number): string {
  return `${(seatMs / 1000).toFixed(8)}ss`
}

const LEAST_WIDTH = 8

/** Columns with commas behind them, one below the other. */
function table(rows: readonly Row[]): string {
  const cells = rows.map((row) =>
    row.map((cell, index) => (index < row.length - 1 ? `${cell},` : String(cell))),
  )
  const widths: number[] = []
  for (const row of cells) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(LEAST_WIDTH, widths[index] ?? 0, cell.length + 1)
    }
  }
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => (index < row.length - 1 ? cell.padEnd(widths[index] ?? 0) : cell))
      .join('')
  return `${cells.map(line).join('\n')}\n`
}
