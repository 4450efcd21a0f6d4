import { Counter, type Registry } from 'prom-client'
import { type Count, SeriesCounter } from '../../endpoints/metric-series.ts'
import type { AdmissionAttributes } from '../admission.ts'
import type { LevelVersion } from './policy.ts'

/** Is told what Pod Security decides. */
export interface PodSecurityObserver {
  evaluated(
    isAllowed: boolean,
    policy: LevelVersion,
    mode: 'enforce' | 'audit' | 'warn',
    attributes: AdmissionAttributes,
  ): void
  exempted(attributes: AdmissionAttributes): void
  /** `isFatal`: nothing could be evaluated. */
  failed(isFatal: boolean, attributes: AdmissionAttributes): void
}

const OPERATION_LABELS = ['request_operation', 'resource', 'subresource'] as const
const RESOURCES: Readonly<Record<string, string>> = { '/pods': 'pod', '/namespaces': 'namespace' }
/** The minor version of Kubernetes whose checks are known. */
const NEWEST_MINOR = 36

/** Counts decisions under upstream's names. */
export class PodSecurityMetrics implements PodSecurityObserver {
  readonly #evaluations: SeriesCounter
  /** Looked up by its labels once, since every pod comes here. */
  readonly #evaluated = new Map<string, Count>()
  readonly #exemptions: Counter
  readonly #errors: Counter

  constructor(registry: Registry) {
    const registers = [registry]
    this.#evaluations = new SeriesCounter({
      name: 'pod_security_evaluations_total',
      help: 'Pods and templates that were held to a level, by the decision.',
      registers,
    })
    this.#exemptions = new Counter({
      name: 'pod_security_exemptions_total',
      help: 'Requests to which no level applies.',
      labelNames: OPERATION_LABELS,
      registers,
    })
    this.#errors = new Counter({
      name: 'pod_security_errors_total',
      help: 'Requests whose level could not be found out as usual.',
      labelNames: ['fatal', ...OPERATION_LABELS],
      registers,
    })
    for (const operation of ['create', 'update']) this.#beginAtNothing(operation)
  }

  evaluated(
    isAllowed: boolean,
    policy: LevelVersion,
    mode: 'enforce' | 'audit' | 'warn',
    attributes: AdmissionAttributes,
  ): void {
    const labels = {
      decision: isAllowed ? 'allow' : 'deny',
      policy_level: policy.level,
      policy_version: versionLabel(policy),
      mode,
      ...labelsOf(attributes),
    }
    this.#countOf(labels).value++
  }

  exempted(attributes: AdmissionAttributes): void {
    this.#exemptions.inc(labelsOf(attributes))
  }

  failed(isFatal: boolean, attributes: AdmissionAttributes): void {
    this.#errors.inc({ fatal: String(isFatal), ...labelsOf(attributes) })
  }

  /** What is usual is there, as of upstream, before it happens. */
  #beginAtNothing(operation: string): void {
    for (const resource of ['pod', 'controller']) {
      this.#exemptions.inc({ request_operation: operation, resource, subresource: '' }, 0)
    }
    this.#countOf({
      decision: 'allow',
      policy_level: 'privileged',
      policy_version: 'latest',
      mode: 'enforce',
      ...{ request_operation: operation, resource: 'pod', subresource: '' },
    })
  }

  #countOf(labels: Readonly<Record<string, string>>): Count {
    const key = Object.values(labels).join(' ')
    let count = this.#evaluated.get(key)
    if (count === undefined) {
      count = this.#evaluations.series(labels)
      this.#evaluated.set(key, count)
    }
    return count
  }
}

function labelsOf({ operation, kind, subresource }: AdmissionAttributes) {
  const resource = RESOURCES[`${kind.group}/${kind.plural}`] ?? 'controller'
  return { request_operation: operation.toLowerCase(), resource, subresource }
}

/** Labels must not take on as many values as people can write. */
function versionLabel({ level, version }: LevelVersion): string {
  if (level === 'privileged' || version === 'latest') return 'latest'
  return version > NEWEST_MINOR ? 'future' : `v1.${version}`
}
