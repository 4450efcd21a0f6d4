import type { Clock } from '../../base/clock.ts'
import { TokenBucket } from '../../client/rate-limit.ts'
import type { Node } from '../../kinds/core/v1/node.ts'
import { findCondition } from '../../machinery/conditions.ts'

/** Upstream's rates at which nodes of a zone are given up, and what it takes to doubt them. */
const EVICTIONS_PER_SECOND = 0.1
const SECONDARY_EVICTIONS_PER_SECOND = 0.01
const UNHEALTHY_SHARE = 0.55
const LARGE_ZONE = 50

const EXCLUDED = 'node.kubernetes.io/exclude-disruption'

export type ZoneState = 'Normal' | 'PartialDisruption' | 'FullDisruption'

/** How a zone with so many nodes, ready and not, is doing. */
function zoneState(ready: number, notReady: number): ZoneState {
  if (ready === 0 && notReady > 0) return 'FullDisruption'
  const isBad = notReady > 2 && notReady / (notReady + ready) >= UNHEALTHY_SHARE
  return isBad ? 'PartialDisruption' : 'Normal'
}

/**
 * How many nodes of a zone may be given up in a second. A zone where many fail at once is more
 * likely cut off than broken; only in a large one some are given up then.
 */
function evictionRate(state: ZoneState, size: number): number {
  if (state !== 'PartialDisruption') return EVICTIONS_PER_SECOND
  return size > LARGE_ZONE ? SECONDARY_EVICTIONS_PER_SECOND : 0
}

function zoneOf({ metadata }: Node): string {
  const { labels = {} } = metadata
  const region = labels['topology.kubernetes.io/region'] ?? ''
  return `${region}/${labels['topology.kubernetes.io/zone'] ?? ''}`
}

interface Zone {
  readonly ready: Set<string>
  readonly notReady: Set<string>
  rate: number
  bucket: TokenBucket
}

/** What a change of the zones asks for: nothing, another look at all nodes, or a fresh start. */
export type ZonesChange = 'none' | 'rates' | 'all-lost' | 'recovered'

/**
 * The zones with their ready and their lost nodes, and how fast the lost ones are given up. When
 * all nodes of all zones are lost, it is this process that is cut off: then none is given up.
 */
export class Zones {
  readonly #clock: Clock
  readonly #zones = new Map<string, Zone>()
  readonly #zoneByNode = new Map<string, string>()
  #areAllLost = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get areAllLost(): boolean {
    return this.#areAllLost
  }

  put(node: Node): ZonesChange {
    const { name, labels } = node.metadata
    this.#drop(name)
    if (labels?.[EXCLUDED] === undefined) {
      const key = zoneOf(node)
      const zone = this.#zoneFor(key)
      const isReady = findCondition(node.status.conditions, 'Ready')?.status === 'True'
      const members = isReady ? zone.ready : zone.notReady
      members.add(name)
      this.#zoneByNode.set(name, key)
    }
    return this.#update()
  }

  remove(name: string): ZonesChange {
    this.#drop(name)
    return this.#update()
  }

  /**
   * Whether a lost node may be given up now; otherwise after how many milliseconds to ask again,
   * or undefined when only a change of its zone can help.
   */
  tryEvict(node: Node): true | number | undefined {
    const zone = this.#zones.get(zoneOf(node))
    if (this.#areAllLost || zone === undefined || zone.rate === 0) return undefined
    return zone.bucket.tryTake() || Math.ceil(1000 / zone.rate / 10)
  }

  #zoneFor(key: string): Zone {
    let zone = this.#zones.get(key)
    if (zone === undefined) {
      const rate = EVICTIONS_PER_SECOND
      const bucket = new TokenBucket(this.#clock, rate, 1)
      zone = { ready: new Set(), notReady: new Set(), rate, bucket }
      this.#zones.set(key, zone)
    }
    return zone
  }

  #drop(name: string): void {
    const key = this.#zoneByNode.get(name)
    const zone = key === undefined ? undefined : this.#zones.get(key)
    if (key === undefined || zone === undefined) return
    zone.ready.delete(name)
    zone.notReady.delete(name)
    this.#zoneByNode.delete(name)
    if (zone.ready.size + zone.notReady.size === 0) this.#zones.delete(key)
  }

  #update(): ZonesChange {
    const zones = [...this.#zones.values()]
    const were = this.#areAllLost
    this.#areAllLost = zones.length > 0 && zones.every(({ ready }) => ready.size === 0)
    let hasNewRate = false
    for (const zone of zones) {
      const size = zone.ready.size + zone.notReady.size
      const rate = evictionRate(zoneState(zone.ready.size, zone.notReady.size), size)
      if (rate === zone.rate) continue
      zone.rate = rate
      zone.bucket = new TokenBucket(this.#clock, rate, 1)
      hasNewRate = true
    }
    if (this.#areAllLost !== were) return were ? 'recovered' : 'all-lost'
    return hasNewRate ? 'rates' : 'none'
  }
}
