import { Counter, Gauge, type Metric, type Registry } from 'prom-client'
import { CollectedHistogram } from '../endpoints/metric-series.ts'
import type { FlowControl } from './flow-control.ts'
import type { FlowStats } from './flow-stats.ts'
import type { PriorityLevel } from './priority-level.ts'
import type { TimedRatio } from './timed-ratio.ts'

const GAUGES: readonly {
  readonly name: string
  readonly help: string
  readonly of: (level: PriorityLevel) => number
}[] = [
  {
    name: 'apiserver_flowcontrol_nominal_limit_seats',
    help: 'Seats that are a priority level’s own.',
    of: ({ nominalSeats }) => nominalSeats,
  },
  {
    name: 'apiserver_flowcontrol_lower_limit_seats',
    help: 'Seats that a priority level keeps whatever it lends.',
    of: ({ minSeats }) => minSeats,
  },
  {
    name: 'apiserver_flowcontrol_upper_limit_seats',
    help: 'Seats that a priority level has at most, with all that it may borrow.',
    of: ({ maxSeats }) => maxSeats,
  },
  {
    name: 'apiserver_flowcontrol_current_limit_seats',
    help: 'Seats that a priority level has now.',
    of: ({ currentSeats }) => currentSeats,
  },
  {
    name: 'apiserver_flowcontrol_demand_seats_high_watermark',
    help: 'The most seats that a priority level wanted at once in the last period.',
    of: ({ demand }) => demand.highWatermark,
  },
  {
    name: 'apiserver_flowcontrol_demand_seats_smoothed',
    help: 'The seats that a priority level wanted of late.',
    of: ({ demand }) => demand.smoothed,
  },
  {
    name: 'apiserver_flowcontrol_demand_seats_average',
    help: 'The seats that a priority level wanted in the last period, on average.',
    of: ({ demand }) => demand.average,
  },
  {
    name: 'apiserver_flowcontrol_demand_seats_stdev',
    help: 'By how much what a priority level wanted varied in the last period.',
    of: ({ demand }) => demand.deviation,
  },
  {
    name: 'apiserver_flowcontrol_target_seats',
    help: 'The seats that a priority level would like to have.',
    of: ({ targetSeats }) => targetSeats,
  },
  {
    name: 'apiserver_flowcontrol_current_r',
    help: 'Virtual time of a priority level, by which its queues are served: seat-seconds.',
    of: ({ queueSet }) => queueSet.virtualTime / 1000,
  },
]

const FLOW_GAUGES: readonly {
  readonly name: string
  readonly help: string
  readonly of: (stats: FlowStats) => number
}[] = [
  {
    name: 'apiserver_flowcontrol_current_inqueue_requests',
    help: 'Requests that wait in the queues of a priority level, by schema.',
    of: ({ waiting }) => waiting,
  },
  {
    name: 'apiserver_flowcontrol_current_inqueue_seats',
    help: 'Seats that those want who wait in the queues of a priority level, by schema.',
    of: ({ waitingSeats }) => waitingSeats,
  },
  {
    name: 'apiserver_flowcontrol_current_executing_requests',
    help: 'Requests of a priority level that are being answered, by schema.',
    of: ({ executing }) => executing,
  },
  {
    name: 'apiserver_flowcontrol_current_executing_seats',
    help: 'Seats in use in a priority level, by schema.',
    of: ({ executingSeats }) => executingSeats,
  },
]

/** Upstream's, of the times in which something was at a part of its limit. */
const UTILIZATIONS: readonly {
  readonly name: string
  readonly help: string
  readonly of: (level: PriorityLevel) => readonly TimedRatio[]
}[] = [
  {
    name: 'apiserver_flowcontrol_priority_level_seat_utilization',
    help: 'Which part of its seats a priority level has in use, looked at each nanosecond.',
    of: ({ utilization: { seats } }) => [seats],
  },
  {
    name: 'apiserver_flowcontrol_priority_level_request_utilization',
    help: 'How many requests a priority level has, of its limits, looked at each nanosecond.',
    of: ({ utilization: { waiting, executing } }) => [waiting, executing],
  },
  {
    name: 'apiserver_flowcontrol_demand_seats',
    help: 'The seats that a priority level could use, of those it has, looked at each nanosecond.',
    of: ({ utilization: { demand } }) => [demand],
  },
]

/** Shows under upstream's names what each priority level has, uses and turns away. */
export function addFlowControlMetrics(registry: Registry, flowControl: FlowControl): void {
  const registers = [registry]
  const { statistics } = flowControl
  for (const { name, help, of } of GAUGES) {
    new Gauge({
      name,
      help,
      labelNames: ['priority_level'],
      registers,
      collect() {
        this.reset()
        for (const level of flowControl.levels.values()) {
          this.set({ priority_level: level.name }, of(level))
        }
      },
    })
  }
  const labelNames = ['flow_schema', 'priority_level']
  for (const { name, help, of } of FLOW_GAUGES) {
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset()
        for (const stats of statistics.used) this.set(stats.labels, of(stats))
      },
    })
  }
  addUtilizations(registry, flowControl)
  new Gauge({
    name: 'apiserver_flowcontrol_seat_fair_frac',
    help: 'The part of what it asks for that each priority level gets that can use it.',
    registers,
    collect() {
      this.set(flowControl.fairProportion)
    },
  })
  new Counter({
    name: 'apiserver_flowcontrol_dispatched_requests_total',
    help: 'Requests that a priority level has let in, by schema.',
    labelNames,
    registers,
    collect() {
      this.reset()
      for (const { labels, dispatched } of statistics.used) this.inc(labels, dispatched)
    },
  })
  new Counter({
    name: 'apiserver_flowcontrol_rejected_requests_total',
    help: 'Requests that a priority level has turned away, by schema and reason.',
    labelNames: [...labelNames, 'reason'],
    registers,
    collect() {
      this.reset()
      for (const { labels, rejected } of statistics.used) {
        for (const [reason, count] of rejected) this.inc({ ...labels, reason }, count)
      }
    },
  })
  for (const histogram of Object.values(statistics.histograms)) {
    registry.registerMetric(histogram as unknown as Metric)
  }
}

function addUtilizations(registry: Registry, flowControl: FlowControl): void {
  const registers = [registry]
  for (const { name, help, of } of UTILIZATIONS) {
    new CollectedHistogram({
      ...{ name, help, registers },
      collect: () => [...flowControl.levels.values()].flatMap(of).map(({ times }) => times),
    })
  }
  new CollectedHistogram({
    name: 'apiserver_flowcontrol_read_vs_write_current_requests',
    help: 'How many reads and writes there are, of all limits, looked at each nanosecond.',
    registers,
    collect: () =>
      Object.values(flowControl.bySort)
        .flatMap(({ waiting, executing }) => [waiting, executing])
        .map(({ times }) => times),
  })
}
