import type { Clock } from '../../../base/clock.ts'
import { andThen, type Eventual } from '../../../base/eventual.ts'
import { Namespace } from '../../../kinds/core/v1/namespace.ts'
import { Pod } from '../../../kinds/core/v1/pod.ts'
import type { KubeObject } from '../../../machinery/kind.ts'
import { invalidObject, StatusError } from '../../../machinery/status-error.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from '../admission.ts'
import { refuse } from '../pods.ts'
import type { PodParts } from './check.ts'
import { evaluate, formatDetails } from './evaluate.ts'
import { warningsOf } from './existing-pods.ts'
import type { PodSecurityObserver } from './pod-security-metrics.ts'
import {
  compareLevels,
  DEFAULT_POLICY,
  formatLevelVersion,
  hasMode,
  isEquivalent,
  isFullyPrivileged,
  type LevelVersion,
  type NamespacePolicy,
  type Policy,
  PREFIX,
  policyOf,
} from './policy.ts'
import { isSignificantUpdate } from './significant-update.ts'
import { hasTemplate, TEMPLATED, templateOf } from './templates.ts'

/** `PodSecurityConfiguration`: what applies without labels, and to whom nothing applies. */
export interface PodSecurityConfiguration {
  readonly defaults: Policy
  readonly exemptions: {
    readonly usernames: readonly string[]
    readonly runtimeClasses: readonly string[]
    readonly namespaces: readonly string[]
  }
}

/** Upstream's: no exemptions, and privileged without labels. */
export const DEFAULT_CONFIGURATION: PodSecurityConfiguration = {
  defaults: DEFAULT_POLICY,
  exemptions: { usernames: [], runtimeClasses: [], namespaces: [] },
}

export interface PodSecurityOptions {
  readonly clock: Clock
  readonly configuration: PodSecurityConfiguration
  /** A namespace as of now; undefined where there is none. */
  readonly findNamespace: (name: string) => Eventual<KubeObject | undefined>
  readonly listPods: (namespace: string) => Eventual<readonly Pod[]>
  readonly observer?: PodSecurityObserver | undefined
}

/** Those through which no container changes what it may do. */
const IGNORED_SUBRESOURCES: ReadonlySet<string> = new Set([
  'exec',
  'attach',
  'binding',
  'eviction',
  'log',
  'portforward',
  'proxy',
  'status',
])

/**
 * Holds pods to the level of the Pod Security Standards that their namespace asks for. The authors
 * of templates are warned only: it is the pods that are refused.
 */
export class PodSecurity implements AdmissionPlugin {
  readonly name = 'PodSecurity'
  readonly operations: readonly Operation[] = ['CREATE', 'UPDATE']
  readonly resources: readonly string[] = ['/namespaces', '/pods', ...TEMPLATED]
  readonly #options: PodSecurityOptions
  readonly #policies = new WeakMap<KubeObject, NamespacePolicy>()

  constructor(options: PodSecurityOptions) {
    this.#options = options
  }

  validate(attributes: AdmissionAttributes): Eventual<void> {
    const { kind, subresource, object } = attributes
    if (object === undefined) return
    if (kind.group === Namespace.group && kind.plural === Namespace.plural) {
      return subresource === '' ? this.#validateNamespace(attributes, object) : undefined
    }
    const isPod = kind.group === Pod.group && kind.plural === Pod.plural
    const isJudged = isPod
      ? !IGNORED_SUBRESOURCES.has(subresource)
      : subresource === '' && hasTemplate(kind)
    if (!isJudged || this.#isExempt(attributes)) return
    return andThen(this.#options.findNamespace(attributes.namespace), (namespace) =>
      isPod
        ? this.#validatePod(attributes, object as Pod, namespace)
        : this.#validateTemplate(attributes, object, namespace),
    )
  }

  async #validateNamespace(attributes: AdmissionAttributes, object: KubeObject): Promise<void> {
    const { defaults, exemptions } = this.#options.configuration
    const { oldObject, kind, request } = attributes
    const { name, labels } = object.metadata
    const { policy, errors } = policyOf(labels, defaults)
    const isExempt = exemptions.namespaces.includes(name)
    if (attributes.operation === 'CREATE') {
      if (errors.length > 0) throw invalidObject(kind, name, errors)
      if (isExempt) request.addWarning(this.#exemptWarning(object, policy))
      return
    }
    const { policy: old, errors: oldErrors } = policyOf(oldObject?.metadata.labels, defaults)
    const isNewFault = JSON.stringify(errors) !== JSON.stringify(oldErrors)
    if (errors.length > 0 && isNewFault) throw invalidObject(kind, name, errors)
    if (!isStricter(policy.enforce, old.enforce)) return
    if (isExempt) {
      request.addWarning(this.#exemptWarning(object, policy))
      return
    }
    const { runtimeClasses } = exemptions
    const pods = (await this.#options.listPods(name)).filter(
      ({ spec }) => !runtimeClasses.includes(spec.runtimeClassName ?? ''),
    )
    const { clock } = this.#options
    for (const warning of warningsOf(name, pods, policy.enforce, clock)) request.addWarning(warning)
  }

  #validatePod(attributes: AdmissionAttributes, pod: Pod, namespace: KubeObject | undefined): void {
    const { operation, oldObject } = attributes
    const { observer } = this.#options
    if (namespace === undefined) {
      observer?.failed(true, attributes)
      throw lookupFailed(attributes)
    }
    const { policy, errors } = this.#policyOf(namespace)
    if (errors.length === 0 && isFullyPrivileged(policy)) {
      note(attributes, 'enforce-policy', formatLevelVersion(DEFAULT_POLICY.enforce))
      observer?.evaluated(true, policy.enforce, 'enforce', attributes)
      return
    }
    if (operation === 'UPDATE' && !isSignificantUpdate(pod, oldObject as Pod)) return
    const parts = { annotations: pod.metadata.annotations ?? {}, spec: pod.spec }
    this.#judge(attributes, parts, { policy, errors, isEnforced: true })
  }

  #validateTemplate(
    attributes: AdmissionAttributes,
    object: KubeObject,
    namespace: KubeObject | undefined,
  ): void {
    const { kind } = attributes
    if (namespace === undefined) {
      const why = `namespace "${attributes.namespace}" not found`
      note(attributes, 'error', `failed to lookup namespace "${attributes.namespace}": ${why}`)
      this.#options.observer?.failed(true, attributes)
      return
    }
    const { policy, errors } = this.#policyOf(namespace)
    const { audit, warn } = policy
    const isFree = audit.level === 'privileged' && warn.level === 'privileged'
    if (errors.length === 0 && isFree) return
    const parts = templateOf(kind, object)
    if (parts !== undefined) this.#judge(attributes, parts, { policy, errors, isEnforced: false })
  }

  #judge(
    attributes: AdmissionAttributes,
    pod: PodParts,
    {
      policy: { enforce, audit, warn },
      errors,
      isEnforced,
    }: NamespacePolicy & { readonly isEnforced: boolean },
  ): void {
    const { observer } = this.#options
    const { runtimeClasses } = this.#options.configuration.exemptions
    if (runtimeClasses.includes(pod.spec.runtimeClassName ?? '')) {
      note(attributes, 'exempt', 'runtimeClass')
      observer?.exempted(attributes)
      return
    }
    if (errors.length > 0) {
      const texts = errors.map(({ field, message }) => `${field}: ${message}`)
      const all = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
      note(attributes, 'error', `Failed to parse policy: ${all}`)
      observer?.failed(false, attributes)
    }
    const refused = isEnforced ? violationsText(enforce, pod) : undefined
    if (isEnforced) {
      note(attributes, 'enforce-policy', formatLevelVersion(enforce))
      observer?.evaluated(refused === undefined, enforce, 'enforce', attributes)
    }
    const noted = violationsText(audit, pod)
    if (noted !== undefined) {
      note(attributes, 'audit-violations', `would violate ${noted}`)
      observer?.evaluated(false, audit, 'audit', attributes)
    }
    if (refused !== undefined) throw refuse(attributes, `violates ${refused}`)
    const warned = violationsText(warn, pod)
    if (warned === undefined) return
    attributes.request.addWarning(`would violate ${warned}`)
    observer?.evaluated(false, warn, 'warn', attributes)
  }

  /** Read once for each state of a namespace, since every pod asks. */
  #policyOf(namespace: KubeObject): NamespacePolicy {
    let policy = this.#policies.get(namespace)
    if (policy === undefined) {
      policy = policyOf(namespace.metadata.labels, this.#options.configuration.defaults)
      this.#policies.set(namespace, policy)
    }
    return policy
  }

  #isExempt(attributes: AdmissionAttributes): boolean {
    const { namespaces, usernames } = this.#options.configuration.exemptions
    const isNamespace = namespaces.includes(attributes.namespace)
    if (!isNamespace && !usernames.includes(attributes.user.name)) return false
    note(attributes, 'exempt', isNamespace ? 'namespace' : 'user')
    this.#options.observer?.exempted(attributes)
    return true
  }

  /** Labels on a namespace that is exempt have no effect. */
  #exemptWarning({ metadata: { name, labels } }: KubeObject, policy: Policy): string {
    const { defaults } = this.#options.configuration
    const modes = ['enforce', 'audit', 'warn'] as const
    if (isFullyPrivileged(policy)) return ''
    if (modes.every((mode) => isEquivalent(policy[mode], defaults[mode]))) return ''
    const own = modes.filter((mode) => policy[mode].level !== 'privileged' && hasMode(labels, mode))
    const text = own.map((mode) => `${mode}=${formatLevelVersion(policy[mode])}`).join(', ')
    const what = `namespace "${name}" is exempt from Pod Security`
    return `${what}, and the policy (${text}) will be ignored`
  }
}

/** `PodSecurity "restricted:latest": ...`; undefined where the pod is fine. */
function violationsText(policy: LevelVersion, pod: PodParts): string | undefined {
  const violations = evaluate(policy, pod)
  if (violations.length === 0) return undefined
  return `PodSecurity "${formatLevelVersion(policy)}": ${formatDetails(violations)}`
}

/** True where pods that were fine so far may not be any more. */
function isStricter(enforce: LevelVersion, old: LevelVersion): boolean {
  if (enforce.level === 'privileged') return false
  if (enforce.version !== old.version) return true
  return compareLevels(enforce.level, old.level) > 0
}

function note({ request }: AdmissionAttributes, key: string, text: string): void {
  request.auditAnnotations.set(`${PREFIX}${key}`, text)
}

function lookupFailed(attributes: AdmissionAttributes): StatusError {
  const why = `failed to lookup namespace "${attributes.namespace}"`
  const message = `Internal error occurred: ${why}`
  note(attributes, 'error', `${message}: namespace "${attributes.namespace}" not found`)
  return new StatusError('InternalError', message, { details: { causes: [{ message: why }] } })
}
