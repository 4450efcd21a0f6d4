import { Counter, Histogram, type Registry } from 'prom-client'

/** What a policy has done with a write, by one of its bindings. */
export interface PolicyCheck {
  readonly policy: string
  readonly binding: string
  readonly errorType: string
  /** `allow`, `deny`, `audit` or `warn`; of validating policies only. */
  readonly action?: string
  readonly durationMs: number
}

/** Is told what policies do, for the metrics. */
export interface PolicyObserver {
  checked(check: PolicyCheck): void
}

/** Where nobody measures. */
export const unobservedPolicies: PolicyObserver = { checked() {} }

/** How policies of one kind judge. */
export class PolicyMetrics implements PolicyObserver {
  readonly #checks: Counter
  readonly #durations: Histogram

  constructor(registry: Registry, kind: 'validating' | 'mutating') {
    const action = kind === 'validating' ? ['enforcement_action'] : []
    const labelNames = ['policy', 'policy_binding', 'error_type', ...action]
    const shared = { labelNames, registers: [registry] }
    this.#checks = new Counter({
      name: `apiserver_${kind}_admission_policy_check_total`,
      help: `Checks by ${kind} admission policies, by policy, binding and outcome.`,
      ...shared,
    })
    this.#durations = new Histogram({
      name: `apiserver_${kind}_admission_policy_check_duration_seconds`,
      help: `How long the expressions of ${kind} admission policies took.`,
      buckets: [0.0000005, 0.001, 0.01, 0.1, 1],
      ...shared,
    })
  }

  checked({ policy, binding, errorType, action, durationMs }: PolicyCheck): void {
    const labels = {
      policy,
      policy_binding: binding,
      error_type: errorType,
      ...(action !== undefined && { enforcement_action: action }),
    }
    this.#checks.inc(labels)
    this.#durations.observe(labels, durationMs / 1000)
  }
}
