import type { ProbeVerdicts } from '../runtime/pod-actions.ts'

export type ProbeKind = 'liveness' | 'readiness' | 'startup'

/** The verdict that holds for each container of a pod, by kind; absent before the first one. */
export class ProbeResults implements ProbeVerdicts {
  readonly #verdicts = new Map<string, boolean>()

  get(kind: ProbeKind, containerId: string): boolean | undefined {
    return this.#verdicts.get(`${kind}/${containerId}`)
  }

  /** True where it says something new. */
  set(kind: ProbeKind, containerId: string, verdict: boolean): boolean {
    const key = `${kind}/${containerId}`
    if (this.#verdicts.get(key) === verdict) return false
    this.#verdicts.set(key, verdict)
    return true
  }

  remove(kind: ProbeKind, containerId: string): void {
    this.#verdicts.delete(`${kind}/${containerId}`)
  }

  liveness(containerId: string): boolean | undefined {
    return this.get('liveness', containerId)
  }

  startup(containerId: string): boolean | undefined {
    return this.get('startup', containerId)
  }
}
