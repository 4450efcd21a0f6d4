import { formatTime } from '../../base/clock.ts'
import type { Lease } from '../../kinds/coordination/v1/lease.ts'
import type { Node } from '../../kinds/core/v1/node.ts'
import type { NodeCondition } from '../../kinds/core/v1/node-status.ts'
import { findCondition } from '../../machinery/conditions.ts'

/** Conditions that nobody vouches for once the kubelet is silent. */
const REPORTED: readonly string[] = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']

export interface GracePeriods {
  /** How long a node may be silent (upstream: 50 s). */
  readonly monitorGraceMs: number
  /** How long a new node may take to report for the first time (upstream: 60 s). */
  readonly startupGraceMs: number
}

interface Health {
  /** When the last sign of life was seen here; other machines' clocks do not count. */
  seenAt: number
  heartbeat: string | undefined
  renewTime: string | undefined
}

/** When each node was last heard of: by a report of its status or a renewal of its lease. */
export class NodeHealth {
  readonly #byName = new Map<string, Health>()

  nodeSeen({ metadata, status }: Node, now: number): void {
    const heartbeat = findCondition(status.conditions, 'Ready')?.lastHeartbeatTime ?? undefined
    const health = this.#byName.get(metadata.name)
    if (health === undefined) {
      this.#byName.set(metadata.name, { seenAt: now, heartbeat, renewTime: undefined })
    } else if (health.heartbeat !== heartbeat) {
      health.heartbeat = heartbeat
      health.seenAt = now
    }
  }

  leaseSeen({ metadata, spec }: Lease, now: number): void {
    const health = this.#byName.get(metadata.name)
    if (health === undefined || spec.renewTime === undefined) return
    if (health.renewTime !== undefined && spec.renewTime <= health.renewTime) return
    health.renewTime = spec.renewTime
    health.seenAt = now
  }

  /** Milliseconds until a node that stays silent counts as lost; 0 or less when it does. */
  untilLost({ metadata, status }: Node, periods: GracePeriods, now: number): number {
    const hasReported = findCondition(status.conditions, 'Ready') !== undefined
    const graceMs = hasReported ? periods.monitorGraceMs : periods.startupGraceMs
    const seenAt = this.#byName.get(metadata.name)?.seenAt ?? now
    return seenAt + graceMs - now
  }

  /** A fresh start for all: after a time in which none could be heard, none is to blame. */
  forgive(now: number): void {
    for (const health of this.#byName.values()) health.seenAt = now
  }

  forget(name: string): void {
    this.#byName.delete(name)
  }
}

/** The conditions of a node that has fallen silent; the same list when they say so already. */
export function silentConditions(
  { metadata, status }: Node,
  now: number,
): readonly NodeCondition[] {
  const present = status.conditions ?? []
  const lastTransitionTime = formatTime(now)
  const changed = present.map((condition): NodeCondition => {
    if (!REPORTED.includes(condition.type) || condition.status === 'Unknown') return condition
    return {
      ...condition,
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
      lastTransitionTime,
    }
  })
  const missing = REPORTED.filter((type) => findCondition(present, type) === undefined)
  if (missing.length === 0 && changed.every((one, index) => one === present[index])) return present
  const added = missing.map(
    (type): NodeCondition => ({
      type,
      status: 'Unknown',
      reason: 'NodeStatusNeverUpdated',
      message: 'Kubelet never posted node status.',
      lastHeartbeatTime: metadata.creationTimestamp,
      lastTransitionTime,
    }),
  )
  return [...changed, ...added]
}
