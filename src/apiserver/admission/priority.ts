import { andThen, type Eventual } from '../../base/eventual.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { PriorityClass } from '../../kinds/scheduling/v1/priority-class.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'
import { podOf, refuse } from './pods.ts'

/** All priority classes as of now. */
export type ListPriorityClasses = () => Eventual<readonly PriorityClass[]>

/** Turns the name of a pod's priority class into its priority; one class may be the default. */
export class Priority implements AdmissionPlugin {
  readonly name = 'Priority'
  readonly operations: readonly Operation[] = ['CREATE', 'UPDATE']
  readonly resources: readonly string[] = ['/pods', 'scheduling.k8s.io/priorityclasses']
  readonly #list: ListPriorityClasses

  constructor(list: ListPriorityClasses) {
    this.#list = list
  }

  mutate(attributes: AdmissionAttributes): Eventual<KubeObject | undefined> {
    const pod = podOf(attributes)
    if (pod === undefined) return undefined
    if (attributes.operation === 'UPDATE') return keepPriority(pod, attributes)
    return andThen(this.#list(), (classes) => withPriority(pod, classes, attributes))
  }

  validate(attributes: AdmissionAttributes): Eventual<void> {
    const { kind, object, operation } = attributes
    if (kind.group !== PriorityClass.group || kind.plural !== PriorityClass.plural) return
    const { globalDefault, metadata } = object as PriorityClass
    if (globalDefault !== true) return
    return andThen(this.#list(), (classes) => {
      const current = defaultOf(classes)
      if (current === undefined) return
      const { name } = current.metadata
      if (operation === 'UPDATE' && name === metadata.name) return
      const why = `PriorityClass ${name} is already marked as default. Only one default can exist`
      throw refuse(attributes, why)
    })
  }
}

function withPriority(
  pod: Pod,
  classes: readonly PriorityClass[],
  attributes: AdmissionAttributes,
): KubeObject {
  const { priorityClassName = '', priority, preemptionPolicy } = pod.spec
  const found =
    priorityClassName === ''
      ? defaultOf(classes)
      : classes.find(({ metadata }) => metadata.name === priorityClassName)
  if (found === undefined && priorityClassName !== '') {
    throw refuse(attributes, `no PriorityClass with name ${priorityClassName} was found`)
  }
  const value = found?.value ?? 0
  const policy = found?.preemptionPolicy ?? 'PreemptLowerPriority'
  if (priority !== undefined && priority !== value) {
    throw refuse(
      attributes,
      `the integer value of priority (${priority}) must not be provided in pod spec; ` +
        `priority admission controller computed ${value} from the given PriorityClass name`,
    )
  }
  if (preemptionPolicy !== undefined && preemptionPolicy !== policy) {
    throw refuse(
      attributes,
      `the string value of PreemptionPolicy (${preemptionPolicy}) must not be provided in pod ` +
        `spec; priority admission controller computed ${policy} from the given PriorityClass ` +
        'name',
    )
  }
  const name = found?.metadata.name
  const spec = {
    ...pod.spec,
    ...(name !== undefined && { priorityClassName: name }),
    priority: value,
    preemptionPolicy: policy,
  }
  return { ...pod, spec } as KubeObject
}

/** What was resolved at creation is not lost by an update that leaves it out. */
function keepPriority(pod: Pod, { oldObject }: AdmissionAttributes): KubeObject | undefined {
  const { priority, preemptionPolicy } = (oldObject as Pod).spec
  const missesPriority = pod.spec.priority === undefined && priority !== undefined
  const missesPolicy = pod.spec.preemptionPolicy === undefined && preemptionPolicy !== undefined
  if (!missesPriority && !missesPolicy) return undefined
  return { ...pod, spec: { priority, preemptionPolicy, ...pod.spec } } as KubeObject
}

/** Of several defaults, which only a race can bring about, the lowest counts. */
function defaultOf(classes: readonly PriorityClass[]): PriorityClass | undefined {
  let lowest: PriorityClass | undefined
  for (const one of classes) {
    if (one.globalDefault !== true) continue
    if (lowest === undefined || one.value < lowest.value) lowest = one
  }
  return lowest
}
