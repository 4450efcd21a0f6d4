import { andThen, type Eventual } from '../../base/eventual.ts'
import type { Container } from '../../kinds/core/v1/container.ts'
import type { LimitRange } from '../../kinds/core/v1/limit-range.ts'
import { PersistentVolumeClaim } from '../../kinds/core/v1/persistent-volume-claim.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { amountsOf } from '../../kinds/quota/amounts.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'
import { claimProblems, limitProblems } from './limit-constraints.ts'
import { podTotal } from './pod-totals.ts'
import { podOf, refuse } from './pods.ts'

/** All limit ranges of a namespace as of now. */
export type ListLimitRanges = (namespace: string) => Eventual<readonly LimitRange[]>

const ANNOTATION = 'kubernetes.io/limit-ranger'

/** Gives containers the defaults of their namespace, and holds pods and claims to its bounds. */
export class LimitRanger implements AdmissionPlugin {
  readonly name = 'LimitRanger'
  readonly operations: readonly Operation[] = ['CREATE', 'UPDATE']
  readonly resources: readonly string[] = ['/pods', '/persistentvolumeclaims']
  readonly #list: ListLimitRanges

  constructor(list: ListLimitRanges) {
    this.#list = list
  }

  mutate(attributes: AdmissionAttributes): Eventual<KubeObject | undefined> {
    const pod = attributes.operation === 'CREATE' ? podOf(attributes) : undefined
    if (pod === undefined) return undefined
    return andThen(this.#list(attributes.namespace), (ranges) => {
      const result = ranges.reduce(withDefaults, pod)
      return result === pod ? undefined : (result as KubeObject)
    })
  }

  validate(attributes: AdmissionAttributes): Eventual<void> {
    const { object, oldObject, namespace } = attributes
    if (object === undefined || oldObject?.metadata.deletionTimestamp !== undefined) return
    const problemsOf = rulesFor(attributes)
    if (problemsOf === undefined) return
    return andThen(this.#list(namespace), (ranges) => {
      for (const range of ranges) {
        const problems = [...new Set(problemsOf(object, range))]
        if (problems.length === 0) continue
        throw refuse(
          attributes,
          problems.length === 1 ? `${problems[0]}` : `[${problems.join(', ')}]`,
        )
      }
    })
  }
}

type Rules = (object: KubeObject, range: LimitRange) => Iterable<string>

/** Resources of a pod are given with its creation, and later only by a resize. */
function rulesFor({ kind, subresource, operation }: AdmissionAttributes): Rules | undefined {
  if (kind.group === Pod.group && kind.plural === Pod.plural) {
    const isResize = operation === 'UPDATE' && subresource === 'resize'
    return isResize || (operation === 'CREATE' && subresource === '') ? podProblems : undefined
  }
  const isClaim =
    kind.group === PersistentVolumeClaim.group && kind.plural === PersistentVolumeClaim.plural
  return isClaim && subresource === '' ? problemsOfClaim : undefined
}

function* podProblems(object: KubeObject, { spec }: LimitRange): Iterable<string> {
  const pod = object as Pod
  for (const item of spec.limits ?? []) {
    if (item.type === 'Container') {
      for (const { resources } of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
        const requests = amountsOf(resources?.requests)
        yield* limitProblems(item, { requests, limits: amountsOf(resources?.limits) })
      }
    }
    if (item.type === 'Pod') {
      const requests = podTotal(pod, 'requests')
      yield* limitProblems(item, { requests, limits: podTotal(pod, 'limits') })
    }
  }
}

function* problemsOfClaim(object: KubeObject, { spec }: LimitRange): Iterable<string> {
  const { resources } = (object as PersistentVolumeClaim).spec
  for (const item of spec.limits ?? []) {
    if (item.type === 'PersistentVolumeClaim') {
      yield* claimProblems(item, amountsOf(resources?.requests))
    }
  }
}

interface Defaults {
  readonly requests: { readonly [name: string]: string }
  readonly limits: { readonly [name: string]: string }
}

function withDefaults(pod: Pod, { spec }: LimitRange): Pod {
  const items = (spec.limits ?? []).filter(({ type }) => type === 'Container')
  const defaults: Defaults = {
    requests: Object.assign({}, ...items.map((item) => item.defaultRequest)),
    limits: Object.assign({}, ...items.map((item) => item.default)),
  }
  const notes: string[] = []
  const fill = (container: Container, what: string) => filled(container, what, defaults, notes)
  const containers = pod.spec.containers.map((one) => fill(one, 'container'))
  const initContainers = pod.spec.initContainers?.map((one) => fill(one, 'init container'))
  if (notes.length === 0) return pod
  const note = `LimitRanger plugin set: ${notes.join('; ')}`
  return {
    ...pod,
    metadata: { ...pod.metadata, annotations: { ...pod.metadata.annotations, [ANNOTATION]: note } },
    spec: { ...pod.spec, containers, ...(initContainers !== undefined && { initContainers }) },
  }
}

/** The container with what it does not say, noting what was set. */
function filled(
  container: Container,
  what: string,
  defaults: Defaults,
  notes: string[],
): Container {
  let { resources } = container
  for (const part of ['requests', 'limits'] as const) {
    const given = resources?.[part] ?? {}
    const missing = Object.keys(defaults[part]).filter((name) => !Object.hasOwn(given, name))
    if (missing.length === 0) continue
    resources = { ...resources, [part]: { ...defaults[part], ...given } }
    const names = missing.toSorted().join(', ')
    notes.push(
      `${names} ${part === 'requests' ? 'request' : 'limit'} for ${what} ${container.name}`,
    )
  }
  return resources === container.resources || resources === undefined
    ? container
    : { ...container, resources }
}
