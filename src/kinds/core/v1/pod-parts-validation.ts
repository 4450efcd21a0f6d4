import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
} from '../../../machinery/field-error.ts'
import { diffJson } from '../../../machinery/unified-diff.ts'
import type { Container } from './container.ts'
import type { Pod } from './pod.ts'
import { qosClassOf } from './pod-qos.ts'
import type { PodSpec } from './pod-spec.ts'
import { validateMirror } from './pod-update-validation.ts'
import { MIRROR, validatePodObject } from './pod-validation.ts'
import type { ResourceRequirements } from './resources.ts'

type Lists = Pick<PodSpec, 'containers' | 'initContainers'>
type Amounts = Readonly<Record<string, string>>

const COMPUTE = ['cpu', 'memory']
const LISTS = ['containers', 'initContainers'] as const

/** Through `ephemeralcontainers`, containers are added to a pod; those that are there stay. */
export function validateEphemeralContainersUpdate(
  errors: FieldError[],
  pod: Pod,
  old: Pod,
  path: FieldPath,
): void {
  if (old.metadata.annotations?.[MIRROR] !== undefined) {
    errors.push(forbidden(path.child(''), 'static pods do not support ephemeral containers'))
    return
  }
  validatePodObject(errors, pod, path)
  validateMirror(errors, pod, old, path.child('metadata', 'annotations'))
  const listPath = path.child('spec', 'ephemeralContainers')
  const containers = new Map((pod.spec.ephemeralContainers ?? []).map((one) => [one.name, one]))
  for (const before of old.spec.ephemeralContainers ?? []) {
    const after = containers.get(before.name)
    const what = `existing ephemeral containers ${JSON.stringify(before.name)}`
    if (after === undefined) errors.push(forbidden(listPath, `${what} may not be removed\n`))
    else if (!deepEqual(after, before)) {
      errors.push(forbidden(listPath, `${what} may not be changed\n${diffJson(before, after)}`))
    }
  }
}

/** Through `resize`, CPU and memory of containers change while they run; nothing else does. */
export function validatePodResize(errors: FieldError[], pod: Pod, old: Pod, path: FieldPath): void {
  const specPath = path.child('spec')
  if (old.metadata.annotations?.[MIRROR] !== undefined) {
    errors.push(forbidden(path.child(''), 'static pods cannot be resized'))
  } else if (old.spec.os?.name === 'windows') {
    errors.push(forbidden(path.child(''), 'windows pods cannot be resized'))
  } else {
    const before = errors.length
    validateResized(errors, pod, old, path)
    if (errors.length > before || deepEqual(withOldCompute(pod.spec, old.spec), old.spec)) return
    errors.push(forbidden(specPath, 'only cpu and memory resources are mutable'))
  }
}

function validateResized(errors: FieldError[], pod: Pod, old: Pod, path: FieldPath): void {
  const specPath = path.child('spec')
  validatePodObject(errors, pod, path)
  if ((old.status.qosClass ?? qosClassOf(old)) !== qosClassOf(pod)) {
    const why = 'Pod QOS Class may not change as a result of resizing'
    errors.push(invalid(specPath, pod.status.qosClass ?? '', why))
  }
  const running = (old.status.containerStatuses ?? []).find(({ state }) => state?.running)
  if (running !== undefined && running.resources === undefined) {
    errors.push(forbidden(specPath, 'Pod running on node without support for resize'))
  }
  validatePodLevel(errors, pod.spec, old.spec, specPath)
  if ((old.status.nodeAllocatableResourceClaimStatuses ?? []).length > 0) {
    errors.push(forbidden(specPath, 'pods with node allocatable resource claims cannot be resized'))
  }
  const before = errors.length
  validateSameContainers(errors, pod.spec, old.spec, specPath)
  if (errors.length > before) return
  for (const list of ['initContainers', 'containers'] as const) {
    for (const [index, { resources }] of (old.spec[list] ?? []).entries()) {
      const after = (pod.spec[list] ?? [])[index] as Container
      const resourcesPath = specPath.child(list).index(index).child('resources')
      validateNothingRemoved(errors, after.resources, resources, 'resource', resourcesPath)
    }
  }
  validateOnlyCompute(errors, pod.spec, old.spec, specPath)
}

function validatePodLevel(
  errors: FieldError[],
  spec: PodSpec,
  old: PodSpec,
  path: FieldPath,
): void {
  const resourcesPath = path.child('resources')
  if (!hasAmounts(spec.resources) && !hasAmounts(old.resources)) return
  if (old.resources !== undefined) {
    if (spec.resources === undefined) {
      errors.push(forbidden(resourcesPath, 'pod-level resources cannot be removed'))
      return
    }
    const what = 'pod-level resource'
    validateNothingRemoved(errors, spec.resources, old.resources, what, resourcesPath)
  }
  if (!deepEqual(podLevelWithOld(spec, old), old.resources)) {
    errors.push(forbidden(path, 'only cpu and memory resources are mutable at pod-level'))
  }
}

function hasAmounts(resources: ResourceRequirements | undefined): boolean {
  const { requests = {}, limits = {} } = resources ?? {}
  return Object.keys(requests).length + Object.keys(limits).length > 0
}

function validateSameContainers(
  errors: FieldError[],
  spec: Lists,
  old: Lists,
  path: FieldPath,
): void {
  for (const list of LISTS) {
    const [after, before] = [spec[list] ?? [], old[list] ?? []]
    if (after.length !== before.length) {
      errors.push(forbidden(path.child(list), `${list} may not be added or removed on resize`))
      continue
    }
    for (const [index, { name }] of before.entries()) {
      if (after[index]?.name === name) continue
      const namePath = path.child(list).index(index).child('name')
      errors.push(forbidden(namePath, `${list} may not be renamed or reordered on resize`))
    }
  }
}

function validateNothingRemoved(
  errors: FieldError[],
  after: ResourceRequirements,
  before: ResourceRequirements,
  what: string,
  path: FieldPath,
): void {
  for (const list of ['requests', 'limits'] as const) {
    const kept = after[list] ?? {}
    const isRemoved = Object.keys(before[list] ?? {}).some((name) => !Object.hasOwn(kept, name))
    if (isRemoved) errors.push(forbidden(path.child(list), `${what} ${list} cannot be removed`))
  }
}

function validateOnlyCompute(
  errors: FieldError[],
  spec: PodSpec,
  old: PodSpec,
  path: FieldPath,
): void {
  for (const [index, container] of spec.containers.entries()) {
    const before = old.containers[index] as Container
    if (deepEqual(containerWithOld(container, before), before)) continue
    errors.push(forbidden(path, 'only cpu and memory resources are mutable'))
  }
  for (const [index, container] of (spec.initContainers ?? []).entries()) {
    const before = (old.initContainers ?? [])[index] as Container
    const itemPath = path.child('initContainers').index(index)
    if (!deepEqual(containerWithOld(container, before), before)) {
      const why = 'only cpu and memory resources for init or sidecar containers are mutable'
      errors.push(forbidden(itemPath, why))
    }
    if (container.restartPolicy === 'Always' || deepEqual(container, before)) continue
    const why =
      'non-sidecar init containers with a resize policy of RestartContainer cannot be resized'
    for (const { restartPolicy } of container.resizePolicy ?? []) {
      if (restartPolicy === 'RestartContainer') errors.push(forbidden(itemPath, why))
    }
  }
}

function withOldCompute(spec: PodSpec, old: PodSpec): PodSpec {
  const restored = (list: 'containers' | 'initContainers') =>
    (spec[list] ?? []).map((one, at) => containerWithOld(one, (old[list] ?? [])[at] as Container))
  return {
    ...spec,
    resources: podLevelWithOld(spec, old),
    containers: restored('containers'),
    initContainers: spec.initContainers && restored('initContainers'),
  }
}

function podLevelWithOld(spec: PodSpec, old: PodSpec): ResourceRequirements | undefined {
  if (spec.resources === undefined) return undefined
  const resources = resourcesWithOld(spec.resources, old.resources ?? {})
  const isEmpty = !hasAmounts(resources) && (resources.claims ?? []).length === 0
  return old.resources === undefined && isEmpty ? undefined : resources
}

function containerWithOld(container: Container, old: Container): Container {
  return { ...container, resources: resourcesWithOld(container.resources, old.resources) }
}

function resourcesWithOld(
  resources: ResourceRequirements,
  old: ResourceRequirements,
): ResourceRequirements {
  const limits = amountsWithOld(resources.limits, old.limits)
  const requests = amountsWithOld(resources.requests, old.requests)
  return { ...resources, limits, requests }
}

/** Without what may change; undefined where nothing is left, as decoding leaves it. */
function amountsWithOld(amounts: Amounts = {}, old: Amounts = {}): Amounts | undefined {
  const isCompute = ([name]: readonly [string, string]) => COMPUTE.includes(name)
  const entries = [
    ...Object.entries(amounts).filter((entry) => !isCompute(entry)),
    ...Object.entries(old).filter(isCompute),
  ]
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}
