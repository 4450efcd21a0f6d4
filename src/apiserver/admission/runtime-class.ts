import { andThen, type Eventual } from '../../base/eventual.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import type { PodSpec } from '../../kinds/core/v1/pod-spec.ts'
import type { RuntimeClass as RuntimeClassKind } from '../../kinds/node/v1/runtime-class.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { parseQuantity } from '../../machinery/quantity.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'
import { isMainResource } from './main-resource.ts'
import { mergeTolerations } from './merge-tolerations.ts'
import { refuse } from './pods.ts'

/** Finds a runtime class as of now; undefined where there is none. */
export type FindRuntimeClass = (name: string) => Eventual<RuntimeClassKind | undefined>

const OTHER_OVERHEAD = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
const OVERHEAD_WITHOUT_CLASS =
  'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'

/** A pod takes over what its runtime class costs and on which nodes it is offered. */
export class RuntimeClass implements AdmissionPlugin {
  readonly name = 'RuntimeClass'
  readonly operations: readonly Operation[] = ['CREATE']
  readonly resources: readonly string[] = ['/pods']
  readonly #find: FindRuntimeClass

  constructor(find: FindRuntimeClass) {
    this.#find = find
  }

  mutate(attributes: AdmissionAttributes): Eventual<KubeObject | undefined> {
    if (!isMainResource(attributes, Pod)) return undefined
    const pod = attributes.object as Pod
    const { runtimeClassName } = pod.spec
    if (runtimeClassName === undefined) return undefined
    return andThen(this.#classOf(runtimeClassName, attributes), (found) => {
      const overhead = overheadFor(pod.spec, found, attributes)
      const scheduling = schedulingFor(pod.spec, found, attributes)
      return { ...pod, spec: { ...pod.spec, ...overhead, ...scheduling } } as KubeObject
    })
  }

  validate(attributes: AdmissionAttributes): Eventual<void> {
    if (!isMainResource(attributes, Pod)) return
    const { overhead, runtimeClassName } = (attributes.object as Pod).spec
    if (runtimeClassName === undefined) {
      if (overhead !== undefined) throw refuse(attributes, OVERHEAD_WITHOUT_CLASS)
      return
    }
    return andThen(this.#classOf(runtimeClassName, attributes), (found) => {
      if (found.overhead === undefined) {
        if (overhead !== undefined) throw refuse(attributes, OVERHEAD_WITHOUT_CLASS)
      } else if (!isSameList(found.overhead.podFixed, overhead)) {
        throw refuse(attributes, OTHER_OVERHEAD)
      }
    })
  }

  #classOf(name: string, attributes: AdmissionAttributes): Eventual<RuntimeClassKind> {
    return andThen(this.#find(name), (found) => {
      if (found !== undefined) return found
      throw refuse(attributes, `pod rejected: RuntimeClass "${name}" not found`)
    })
  }
}

function overheadFor(
  { overhead = {} }: PodSpec,
  { overhead: defined }: RuntimeClassKind,
  attributes: AdmissionAttributes,
): Pick<PodSpec, 'overhead'> {
  if (defined === undefined) return {}
  const { podFixed } = defined
  if (Object.keys(overhead).length > 0 && !isSameList(podFixed, overhead)) {
    throw refuse(attributes, OTHER_OVERHEAD)
  }
  return podFixed === undefined ? {} : { overhead: podFixed }
}

function schedulingFor(
  { nodeSelector = {}, tolerations = [] }: PodSpec,
  { scheduling }: RuntimeClassKind,
  attributes: AdmissionAttributes,
): Pick<PodSpec, 'nodeSelector' | 'tolerations'> {
  if (scheduling === undefined) return {}
  const ofClass = scheduling.nodeSelector ?? {}
  for (const [key, value] of Object.entries(ofClass)) {
    const own = Object.hasOwn(nodeSelector, key) ? nodeSelector[key] : value
    if (own === value) continue
    throw refuse(
      attributes,
      `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; ` +
        `pod.spec.nodeSelector[${key}] = ${own}`,
    )
  }
  const selector = { ...nodeSelector, ...ofClass }
  const merged = mergeTolerations(tolerations, scheduling.tolerations ?? [])
  return {
    ...(Object.keys(selector).length > 0 && { nodeSelector: selector }),
    ...(merged.length > 0 && { tolerations: merged }),
  }
}

type Quantities = { readonly [name: string]: string } | undefined

function isSameList(a: Quantities = {}, b: Quantities = {}): boolean {
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  return names.every((name) => {
    const [one, other] = [a[name], Object.hasOwn(b, name) ? b[name] : undefined]
    if (one === undefined || other === undefined) return false
    return parseQuantity(one).compare(parseQuantity(other)) === 0
  })
}
