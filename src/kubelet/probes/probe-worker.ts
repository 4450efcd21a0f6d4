import type { Clock } from '../../base/clock.ts'
import { formatError } from '../../base/logger.ts'
import type { Container, ContainerStatus, Probe } from '../pod-types.ts'
import { EVENT } from '../reasons.ts'
import type { ProbeKind, ProbeResults } from './probe-results.ts'
import type { ProbeOutcome } from './run-probe.ts'

/** What a probe needs to know of its container, as it is now. */
export interface ProbeSubject {
  readonly status: ContainerStatus | undefined
  readonly startedMs: number
  readonly podIp: string
  /** Its deletion has been asked for. */
  readonly isEnding: boolean
  /** Ran already before this kubelet started. */
  readonly isAdopted: boolean
}

export interface ProbeWorkerOptions {
  readonly kind: ProbeKind
  readonly probe: Probe
  readonly container: Container
  readonly clock: Clock
  readonly results: ProbeResults
  /** Where the first look is spread over a period, after a restart of the kubelet. */
  readonly firstDelayMs: number
  subject(): ProbeSubject
  look(containerId: string, podIp: string): Promise<ProbeOutcome>
  /** A verdict has changed. */
  onVerdict(): void
  onEvent(reason: string, message: string): void
}

/** How often a look that could not be made is tried again at once. */
const TRIES = 3
const TITLES = { liveness: 'Liveness', readiness: 'Readiness', startup: 'Startup' } as const
/** What holds before anything is known: nobody restarts a container that nobody has looked at. */
const INITIAL = { liveness: true, readiness: false, startup: undefined } as const

/** Probes one container in one way, period after period, across its restarts. */
export class ProbeWorker implements Disposable {
  readonly #options: ProbeWorkerOptions
  #timer: Disposable | undefined
  #containerId = ''
  #lastResult: boolean | undefined
  #runLength = 0
  /** Waits for the next container: this one is to be restarted, or has started. */
  #isOnHold = false
  #isLooking = false
  #isDisposed = false

  constructor(options: ProbeWorkerOptions) {
    this.#options = options
    this.#schedule(options.firstDelayMs)
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true
    this.#timer?.[Symbol.dispose]()
    if (this.#containerId !== '')
      this.#options.results.remove(this.#options.kind, this.#containerId)
  }

  /** Looks now and counts the period from here: somebody waits for the result. */
  trigger(): void {
    if (this.#isLooking || this.#isDisposed) return
    this.#schedule(0)
  }

  #schedule(delayMs: number): void {
    this.#timer?.[Symbol.dispose]()
    if (this.#isDisposed) return
    this.#timer = this.#options.clock.after(delayMs, () => void this.#tick())
  }

  async #tick(): Promise<void> {
    const { clock, probe } = this.#options
    const startedMs = clock.monotonic()
    const periodMs = probe.periodSeconds * 1000
    let nextMs = periodMs
    this.#isLooking = true
    try {
      nextMs = Math.min(periodMs, (await this.#check()) ?? periodMs)
    } finally {
      this.#isLooking = false
      this.#schedule(Math.max(0, nextMs - (clock.monotonic() - startedMs)))
    }
  }

  /** When to look next, where that is sooner than in a period. */
  async #check(): Promise<number | undefined> {
    const { kind, probe, clock } = this.#options
    const { status, startedMs, podIp, isEnding, isAdopted } = this.#options.subject()
    const containerId = status?.containerID?.replace(/^.*:\/\//, '') ?? ''
    if (status === undefined || containerId === '') return undefined
    if (containerId !== this.#containerId) this.#follow(containerId, isAdopted, status)
    if (this.#isOnHold) return undefined
    if (status.state.running === undefined) {
      this.#set(false)
      return undefined
    }
    if (isEnding && kind !== 'readiness') {
      this.#set(true) // A container that is ending is not restarted.
      this.#isOnHold = true
      return undefined
    }
    const delayMs = startedMs + (probe.initialDelaySeconds ?? 0) * 1000 - clock.now()
    if (delayMs > 0) return delayMs
    const hasStarted = status.started === true
    if (hasStarted === (kind === 'startup')) return undefined
    const result = await this.#look(containerId, podIp)
    const isStale = this.#isDisposed || containerId !== this.#containerId
    if (result !== undefined && !isStale) this.#count(result)
    return undefined
  }

  #follow(containerId: string, isAdopted: boolean, { started }: ContainerStatus): void {
    const { kind, results } = this.#options
    if (this.#containerId !== '') results.remove(kind, this.#containerId)
    this.#containerId = containerId
    this.#isOnHold = false
    this.#lastResult = undefined
    this.#runLength = 0
    if (isAdopted) {
      if (kind === 'startup' && started === true) results.set(kind, containerId, true)
      return
    }
    const initial = INITIAL[kind]
    if (initial !== undefined) results.set(kind, containerId, initial)
  }

  async #look(containerId: string, podIp: string): Promise<boolean | undefined> {
    const { kind, onEvent } = this.#options
    for (let left = TRIES; ; left--) {
      try {
        const { result, output } = await this.#options.look(containerId, podIp)
        if (result === 'warning') {
          onEvent(EVENT.probeWarning, `${TITLES[kind]} probe warning: ${output}`)
        }
        if (result === 'failure') {
          onEvent(EVENT.unhealthy, `${TITLES[kind]} probe failed: ${output}`)
        }
        return result !== 'failure'
      } catch (error) {
        if (left > 1) continue
        const what = `${TITLES[kind]} probe errored and resulted in unknown state`
        onEvent(EVENT.unhealthy, `${what}: ${formatError(error)}`)
        return undefined
      }
    }
  }

  /** Only so many equal results in a row make a verdict. */
  #count(result: boolean): void {
    const { kind, probe } = this.#options
    this.#runLength = this.#lastResult === result ? this.#runLength + 1 : 1
    this.#lastResult = result
    if (this.#runLength < (result ? probe.successThreshold : probe.failureThreshold)) return
    this.#set(result)
    if (kind === 'startup' || (kind === 'liveness' && !result)) {
      this.#isOnHold = true
      this.#runLength = 0
    }
  }

  #set(verdict: boolean): void {
    const { kind, results, onVerdict } = this.#options
    if (results.set(kind, this.#containerId, verdict)) onVerdict()
  }
}
