import type { Registry } from 'prom-client'
import type { Clock } from '../../base/clock.ts'
import type { AccessObserver, AuthorizationResult } from '../filters/access-observer.ts'
import { type Count, SeriesCounter, SeriesHistogram } from './metric-series.ts'

/** From 1 ms to 16 s, each twice the one before. */
const BUCKETS = Array.from({ length: 15 }, (_, power) => 0.001 * 2 ** power)
/** Names that say nothing of a person. */
const KNOWN_NAMES: ReadonlySet<string> = new Set([
  'admin',
  'client',
  'kube_proxy',
  'kubelet',
  'system:serviceaccount:kube-system:default',
])

/** Counts proofs and decisions under upstream's names. */
export class AccessMetrics implements AccessObserver {
  readonly #clock: Clock
  readonly #users: SeriesCounter
  readonly #usersBySort = new Map<string, Count>()
  readonly #authentications: Results
  readonly #authorizations: Results
  readonly #impersonations: Results
  readonly #impersonationRights: Results

  constructor(registry: Registry, clock: Clock) {
    this.#clock = clock
    this.#users = new SeriesCounter({
      name: 'authenticated_user_requests',
      help: 'Requests of users whose proof was good, by the sort of their name.',
      registers: [registry],
    })
    this.#authentications = new Results(registry, 'authentication', 'authentication_attempts')
    this.#authorizations = new Results(registry, 'authorization', 'authorization_attempts_total')
    const impersonation = (what: string) =>
      new Results(registry, what, `${what}_total`, (result) => {
        const [mode = '', decision = ''] = result.split(' ')
        return { mode, decision }
      })
    this.#impersonations = impersonation('apiserver_impersonation_attempts')
    this.#impersonationRights = impersonation('apiserver_impersonation_authorization_attempts')
  }

  start(): number {
    return this.#clock.monotonic()
  }

  authenticated(userName: string, startedAt: number): void {
    this.#authentications.add('success', this.#clock.monotonic() - startedAt)
    const username = sortOfName(userName)
    let count = this.#usersBySort.get(username)
    if (count === undefined) {
      count = this.#users.series({ username })
      this.#usersBySort.set(username, count)
    }
    count.value++
  }

  unauthenticated(result: 'failure' | 'error', startedAt: number): void {
    this.#authentications.add(result, this.#clock.monotonic() - startedAt)
  }

  authorized(result: AuthorizationResult, startedAt: number): void {
    this.#authorizations.add(result, this.#clock.monotonic() - startedAt)
  }

  askedToImpersonate(mode: string, isAllowed: boolean, startedAt: number): void {
    const ms = this.#clock.monotonic() - startedAt
    this.#impersonationRights.add(decisionIn(mode, isAllowed), ms)
  }

  impersonated(mode: string, isAllowed: boolean, startedAt: number): void {
    const ms = this.#clock.monotonic() - startedAt
    this.#impersonations.add(decisionIn(mode, isAllowed), ms)
  }
}

function decisionIn(mode: string, isAllowed: boolean): string {
  return `${mode} ${isAllowed ? 'allowed' : 'denied'}`
}

/** How often something ended how, and how long that took. */
class Results {
  readonly #attempts: SeriesCounter
  readonly #durations: SeriesHistogram
  /** Looked up once: every request comes by here. */
  readonly #children = new Map<string, (seconds: number) => void>()
  readonly #labelsOf: (result: string) => Readonly<Record<string, string>>

  constructor(
    registry: Registry,
    what: string,
    counterName: string,
    labelsOf: (result: string) => Readonly<Record<string, string>> = (result) => ({ result }),
  ) {
    const registers = [registry]
    this.#labelsOf = labelsOf
    this.#attempts = new SeriesCounter({
      name: counterName,
      help: `Attempts of ${what} by their result.`,
      registers,
    })
    this.#durations = new SeriesHistogram({
      name: `${what}_duration_seconds`,
      help: `How long ${what} took, by its result.`,
      buckets: BUCKETS,
      registers,
    })
  }

  add(result: string, ms: number): void {
    let child = this.#children.get(result)
    if (child === undefined) {
      const labels = this.#labelsOf(result)
      const attempts = this.#attempts.series(labels)
      const durations = this.#durations.series(labels)
      child = (seconds) => {
        attempts.value++
        durations.observe(seconds)
      }
      this.#children.set(result, child)
    }
    child(ms / 1000)
  }
}

/** Names of people are neither to be published nor to fill the memory. */
function sortOfName(userName: string): string {
  if (KNOWN_NAMES.has(userName)) return userName
  return userName.includes('@') ? 'email_id' : 'other'
}
