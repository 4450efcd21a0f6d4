import type { Informers, Lister } from '../../../client/lister.ts'
import { ReplicaSet } from '../../../kinds/apps/v1/replica-set.ts'
import { StatefulSet } from '../../../kinds/apps/v1/stateful-set.ts'
import type { Pod } from '../../../kinds/core/v1/pod.ts'
import { ReplicationController } from '../../../kinds/core/v1/replication-controller.ts'
import { Service } from '../../../kinds/core/v1/service.ts'
import { type LabelRequirement, SelectorError } from '../../../machinery/label-requirement.ts'
import { type Labels, Selector, selectorOf } from '../../../machinery/label-selector.ts'
import { controllerOf } from '../../../machinery/owner-references.ts'
import { compile, type SpreadConstraint } from './constraints.ts'

/** What is preferred for pods that state no constraint: upstream's system defaults. */
const DEFAULTS = [
  { topologyKey: 'kubernetes.io/hostname', maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5 },
]

const MOST_COMPILED = 1024

/** Finds the pods that belong together, by the services and the controller that select them. */
export class DefaultConstraints {
  readonly #services: Lister<Service>
  readonly #replicationControllers: Lister<ReplicationController>
  readonly #replicaSets: Lister<ReplicaSet>
  readonly #statefulSets: Lister<StatefulSet>
  /** The pods of one controller come one after the other. */
  readonly #compiled = new Map<string, readonly SpreadConstraint[]>()

  constructor(informers: Informers) {
    this.#services = informers.for(Service)
    this.#replicationControllers = informers.for(ReplicationController)
    this.#replicaSets = informers.for(ReplicaSet)
    this.#statefulSets = informers.for(StatefulSet)
  }

  of(pod: Pod): readonly SpreadConstraint[] {
    const selector = this.#selectorOf(pod)
    if (selector.isEverything) return []
    const key = `${pod.metadata.namespace}\n${selector}`
    let constraints = this.#compiled.get(key)
    if (constraints === undefined) {
      constraints = DEFAULTS.map((constraint) => compile(pod, constraint, selector))
      if (this.#compiled.size >= MOST_COMPILED) this.#compiled.clear()
      this.#compiled.set(key, constraints)
    }
    return constraints
  }

  #selectorOf(pod: Pod): Selector {
    const { namespace, labels } = pod.metadata
    const requirements: LabelRequirement[] = []
    const require = (more: Labels = {}) => {
      requirements.push(...Selector.fromLabels(more).requirements)
    }
    for (const { spec } of this.#services.list(namespace)) {
      const { selector } = spec
      if (selector !== undefined && Selector.fromLabels(selector).matches(labels)) require(selector)
    }
    const owner = controllerOf(pod)
    const key = `${namespace}/${owner?.name}`
    switch (`${owner?.apiVersion}/${owner?.kind}`) {
      case 'v1/ReplicationController':
        require(this.#replicationControllers.get(key)?.spec.selector)
        break
      case 'apps/v1/ReplicaSet':
        requirements.push(...requirementsIn(this.#replicaSets.get(key)))
        break
      case 'apps/v1/StatefulSet':
        requirements.push(...requirementsIn(this.#statefulSets.get(key)))
    }
    return Selector.of(requirements)
  }
}

type Owner = ReplicaSet | StatefulSet

const compiled = new WeakMap<Owner, readonly LabelRequirement[]>()

/** None where the owner is not known or its selector is wrong. */
function requirementsIn(owner: Owner | undefined): readonly LabelRequirement[] {
  if (owner === undefined) return []
  let requirements = compiled.get(owner)
  if (requirements === undefined) {
    try {
      requirements = selectorOf(owner.spec.selector).requirements
    } catch (error) {
      if (!(error instanceof SelectorError)) throw error
      requirements = []
    }
    compiled.set(owner, requirements)
  }
  return requirements
}
