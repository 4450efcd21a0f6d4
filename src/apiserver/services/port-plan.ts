import { type Random, randomInt } from '../../base/random.ts'
import type { PortRange } from './range-allocation.ts'
import type { AllocationScope } from './service-metrics.ts'

/** The first node ports are left to those who ask for one by number (upstream's static band). */
const MOST_RESERVED = 128
const LEAST_RESERVED = 16
/** The ports that dry runs are shown follow this one. */
const PRETENDED = 32768

/** Chooses node ports for one write. */
export interface PortPlan {
  /** Those that it takes. */
  readonly ports: readonly number[]
  /** Takes this one; why it cannot be had, otherwise. */
  ask(port: number): string | undefined
  /** Takes a free one; undefined where there is none. */
  next(): number | undefined
}

/** Chooses among those that are free; `observe` hears of each answer. */
export function portPlan(
  range: PortRange,
  isTaken: (port: number) => boolean,
  random: Random,
  observe: (scope: AllocationScope, isDone: boolean) => void,
): PortPlan {
  const ports: number[] = []
  const isFree = (port: number) => !ports.includes(port) && !isTaken(port)
  const take = (port: number | undefined, scope: AllocationScope) => {
    observe(scope, port !== undefined)
    if (port !== undefined) ports.push(port)
    return port
  }
  const reserved = reservedOf(range)
  return {
    ports,
    ask(port) {
      const isInside = port >= range.first && port <= range.last
      if (isInside && isFree(port)) {
        take(port, 'static')
        return undefined
      }
      observe('static', false)
      if (isInside) return ALLOCATED
      const valid = `${range.first}-${range.last}`
      return `provided port is not in the valid range. The range of valid ports is ${valid}`
    },
    next() {
      const band = { first: range.first + reserved, last: range.last }
      const upper = findFree(band, random, isFree)
      if (upper !== undefined) return take(upper, 'dynamic')
      const lower = { first: range.first, last: range.first + reserved - 1 }
      return take(findFree(lower, random, isFree), 'dynamic')
    },
  }
}

/** For dry runs: what is taken is refused, and what is shown instead of a free port is not real. */
export function pretendedPortPlan(isTaken: (port: number) => boolean): PortPlan {
  const ports: number[] = []
  return {
    ports,
    ask(port) {
      if (isTaken(port) || ports.includes(port)) return ALLOCATED
      ports.push(port)
      return undefined
    },
    next() {
      const port = (ports.length === 0 ? PRETENDED : Math.max(...ports)) + 1
      ports.push(port)
      return port
    },
  }
}

const ALLOCATED = 'provided port is already allocated'

function reservedOf({ first, last }: PortRange): number {
  const size = last - first + 1
  if (size <= LEAST_RESERVED) return 0
  return Math.min(Math.max(LEAST_RESERVED, Math.floor(size / 32)), MOST_RESERVED)
}

function findFree(
  { first, last }: PortRange,
  random: Random,
  isFree: (port: number) => boolean,
): number | undefined {
  const count = last - first + 1
  if (count <= 0) return undefined
  const start = randomInt(random, count)
  for (let step = 0; step < count; step++) {
    const port = first + ((start + step) % count)
    if (isFree(port)) return port
  }
  return undefined
}
