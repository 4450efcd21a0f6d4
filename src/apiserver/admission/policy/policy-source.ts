import type { KindRef, KubeObject } from '../../../machinery/kind.ts'
import type { ResourceTable } from '../../registry/resource-table.ts'
import type { AdmissionAttributes } from '../admission.ts'
import { type AdmissionTarget, targetOf } from '../dynamic/admission-target.ts'
import { Derived } from '../dynamic/derived.ts'
import { isExemptFromPolicies } from '../dynamic/exempt.ts'
import type { ParamKindSpec, ParamRefSpec } from './collect-params.ts'
import { isExcluded } from './excluded.ts'
import { type Constraints, mayMatch } from './policy-matching.ts'

/** What all policies have, mutating or validating, in whatever version. */
export interface Policy extends KubeObject {
  readonly spec: {
    readonly paramKind?: ParamKindSpec | undefined
    readonly matchConstraints?: Constraints | undefined
    readonly failurePolicy?: string | undefined
  }
}

/** What all bindings of policies have. */
export interface PolicyBinding extends KubeObject {
  readonly spec: {
    readonly policyName?: string | undefined
    readonly paramRef?: ParamRefSpec | undefined
    readonly matchResources?: Constraints | undefined
  }
}

/** A policy with what binds it. One without bindings is not in force. */
export interface PolicyHook<P extends Policy, B extends PolicyBinding> {
  readonly policy: P
  readonly bindings: readonly B[]
}

const MOST_LOOKUPS = 4096

/** The policies of one kind that are in force, in the order of their names. */
export class PolicySource<P extends Policy, B extends PolicyBinding> {
  readonly #resources: ResourceTable
  readonly #policies: Derived<readonly P[]>
  readonly #bindings: Derived<ReadonlyMap<string, readonly B[]>>
  #hooks: readonly PolicyHook<P, B>[] = []
  #madeOf: readonly unknown[] = []
  #lookups = new Map<string, readonly PolicyHook<P, B>[]>()

  constructor(resources: ResourceTable, policies: KindRef, bindings: KindRef) {
    this.#resources = resources
    const sort = (objects: readonly KubeObject[]) =>
      objects.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    this.#policies = new Derived(
      resources.store(policies).cache,
      [],
      (objects) => sort(objects) as unknown as readonly P[],
    )
    this.#bindings = new Derived(resources.store(bindings).cache, new Map(), (objects) => {
      const byPolicy = new Map<string, B[]>()
      for (const binding of sort(objects) as unknown as readonly B[]) {
        const { policyName = '' } = binding.spec
        byPolicy.set(policyName, [...(byPolicy.get(policyName) ?? []), binding])
      }
      return byPolicy
    })
  }

  get isLoaded(): boolean {
    return this.#policies.isLoaded && this.#bindings.isLoaded
  }

  /** Whether a policy may have something to say; true as long as nobody knows. */
  concerns(attributes: AdmissionAttributes): boolean {
    // First of all: whatever is wrong with a policy, it can be mended.
    if (isExemptFromPolicies(attributes.kind)) return false
    if (!this.isLoaded) return true
    if (this.isEmpty || isExcluded(attributes.request)) return false
    return this.candidatesFor(targetOf(attributes, this.#resources)).length > 0
  }

  async load(): Promise<void> {
    await this.#policies.load()
    await this.#bindings.load()
  }

  get isEmpty(): boolean {
    return this.#current.length === 0
  }

  /** The hooks whose policies may match a write of this resource. */
  candidatesFor(target: AdmissionTarget): readonly PolicyHook<P, B>[] {
    const hooks = this.#current
    if (this.#lookups.size > MOST_LOOKUPS) this.#lookups = new Map()
    const { operation, resource, subresource, namespace, served } = target
    const versions = served === undefined ? '' : [...served.family.keys()].join()
    const scope = namespace === '' ? 'cluster' : 'namespace'
    const names = `${resource.group}/${resource.version}/${resource.resource}/${subresource}`
    const key = `${operation} ${names} ${scope} ${versions}`
    let found = this.#lookups.get(key)
    if (found === undefined) {
      // A policy that says nothing is wrong, and its failure policy decides.
      found = hooks.filter(({ policy: { spec } }) =>
        spec.matchConstraints === undefined ? true : mayMatch(spec.matchConstraints, target),
      )
      this.#lookups.set(key, found)
    }
    return found
  }

  get #current(): readonly PolicyHook<P, B>[] {
    const policies = this.#policies.value
    const bindings = this.#bindings.value
    if (policies !== this.#madeOf[0] || bindings !== this.#madeOf[1]) {
      this.#madeOf = [policies, bindings]
      this.#lookups = new Map()
      this.#hooks = policies.flatMap((policy) => {
        const own = bindings.get(policy.metadata.name)
        return own === undefined ? [] : [{ policy, bindings: own }]
      })
    }
    return this.#hooks
  }
}
