import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import { rangeErrors } from '../../../machinery/names.ts'
import { diffJson } from '../../../machinery/unified-diff.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import type { NodeAffinity } from './affinity.ts'
import type { Container } from './container.ts'
import type { NodeSelectorTerm } from './node-selector.ts'
import type { Pod } from './pod.ts'
import type { PodSpec } from './pod-spec.ts'
import { MIRROR, validatePodObject } from './pod-validation.ts'

const MAX_INT32 = 2 ** 31 - 1
const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

/** A pod is what it was made as, but for images, deadline, more tolerations and fewer gates. */
export function validatePodUpdate(errors: FieldError[], pod: Pod, old: Pod, path: FieldPath): void {
  validatePodObject(errors, pod, path)
  validateMirror(errors, pod, old, path.child('metadata', 'annotations'))
  const specPath = path.child('spec')
  for (const list of ['containers', 'initContainers'] as const) {
    const containers = pod.spec[list] ?? []
    if (containers.length !== (old.spec[list] ?? []).length) {
      errors.push(forbidden(specPath.child(list), 'pod updates may not add or remove containers'))
      return
    }
    validateImages(errors, containers, specPath.child(list))
  }
  if (pod.spec === old.spec) return
  validateDeadline(errors, pod.spec, old.spec, specPath.child('activeDeadlineSeconds'))
  validateTolerationsKept(errors, pod.spec, old.spec, specPath.child('tolerations'))
  validateGatesOnlyGo(errors, pod.spec, old.spec, specPath.child('schedulingGates'))
  validateNothingElse(errors, pod.spec, old.spec, specPath)
}

/** A mirror pod stays one, and another never becomes one. */
export function validateMirror(errors: FieldError[], pod: Pod, old: Pod, path: FieldPath): void {
  const value = pod.metadata.annotations?.[MIRROR]
  const oldValue = old.metadata.annotations?.[MIRROR]
  if (value === oldValue) return
  const what = oldValue === undefined ? 'add' : 'remove or update'
  errors.push(forbidden(path.key(MIRROR), `may not ${what} mirror pod annotation`))
}

function validateImages(
  errors: FieldError[],
  containers: readonly Container[],
  path: FieldPath,
): void {
  for (const [index, { image = '' }] of containers.entries()) {
    const imagePath = path.index(index).child('image')
    if (image === '') errors.push(required(imagePath))
    if (image.trim() !== image) {
      errors.push(invalid(imagePath, image, 'must not have leading or trailing whitespace'))
    }
  }
}

/** A deadline can be set once and then only come nearer. */
function validateDeadline(
  errors: FieldError[],
  spec: PodSpec,
  old: PodSpec,
  path: FieldPath,
): void {
  const { activeDeadlineSeconds: value } = spec
  const { activeDeadlineSeconds: oldValue } = old
  if (value !== undefined) {
    errors.push(...invalids(path, value, rangeErrors(value, 0, MAX_INT32)))
    if (oldValue !== undefined && value > oldValue) {
      errors.push(invalid(path, value, 'must be less than or equal to previous value'))
    }
  } else if (oldValue !== undefined) {
    errors.push(invalid(path, value, 'must not update from a positive integer to nil value'))
  }
}

function validateTolerationsKept(
  errors: FieldError[],
  spec: PodSpec,
  old: PodSpec,
  path: FieldPath,
): void {
  const given = spec.tolerations ?? []
  const isKept = (old.tolerations ?? []).every((toleration) =>
    given.some(({ tolerationSeconds: _, ...rest }) => {
      const { tolerationSeconds: __, ...oldRest } = toleration
      return deepEqual(rest, oldRest)
    }),
  )
  if (isKept) return
  const why = 'existing toleration can not be modified except its tolerationSeconds'
  errors.push(forbidden(path, why))
}

function validateGatesOnlyGo(
  errors: FieldError[],
  spec: PodSpec,
  old: PodSpec,
  path: FieldPath,
): void {
  const oldNames = (old.schedulingGates ?? []).map(({ name }) => name)
  for (const [index, { name }] of (spec.schedulingGates ?? []).entries()) {
    if (oldNames.includes(name)) continue
    const why = `only deletion is allowed, but found new scheduling gate '${name}'`
    errors.push(forbidden(path.index(index).child('name'), why))
  }
}

/** Puts back what may change; then nothing may be left that differs. */
function validateNothingElse(
  errors: FieldError[],
  spec: PodSpec,
  old: PodSpec,
  path: FieldPath,
): void {
  if (deepEqual(spec, old)) return
  const isGated = (old.schedulingGates ?? []).length > 0
  if (isGated) validateGatedChanges(errors, spec, old, path)
  const keepsGrace =
    old.terminationGracePeriodSeconds < 0 && spec.terminationGracePeriodSeconds === 1
  const munged: PodSpec = {
    ...spec,
    containers: withImagesOf(spec.containers, old.containers),
    initContainers:
      spec.initContainers && withImagesOf(spec.initContainers, old.initContainers ?? []),
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    tolerations: old.tolerations,
    schedulingGates: old.schedulingGates,
    ...(keepsGrace && { terminationGracePeriodSeconds: old.terminationGracePeriodSeconds }),
    ...(isGated && { nodeSelector: old.nodeSelector, affinity: affinityWithOld(spec, old) }),
  }
  if (deepEqual(munged, old)) return
  const difference = diffJson(inOrderOf(old, old), inOrderOf(munged, old))
  const why = `pod updates may not change fields other than ${UPDATABLE}`
  errors.push(forbidden(path, `${why}\n${difference}`))
}

function withImagesOf(containers: readonly Container[], old: readonly Container[]) {
  return containers.map((container, index) => ({ ...container, image: old[index]?.image }))
}

/** Until it may be scheduled, a pod can be bound to fewer nodes, but not to others. */
function validateGatedChanges(
  errors: FieldError[],
  spec: PodSpec,
  old: PodSpec,
  path: FieldPath,
): void {
  const { nodeSelector = {} } = spec
  const isKept = Object.entries(old.nodeSelector ?? {}).every(
    ([key, value]) => nodeSelector[key] === value,
  )
  if (!isKept) {
    const why = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'
    errors.push(invalid(path.child('nodeSelector'), spec.nodeSelector ?? null, why))
  }
  const affinityPath = path.child('affinity', 'nodeAffinity')
  validateOnlyNarrower(
    errors,
    spec.affinity?.nodeAffinity,
    old.affinity?.nodeAffinity,
    affinityPath,
  )
}

function validateOnlyNarrower(
  errors: FieldError[],
  affinity: NodeAffinity | undefined,
  old: NodeAffinity | undefined,
  path: FieldPath,
): void {
  const oldTerms = old?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const termsPath = path.child(
    'requiredDuringSchedulingIgnoredDuringExecution',
    'nodeSelectorTerms',
  )
  if (oldTerms.length > 0 && oldTerms.length !== terms.length) {
    const why = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed'
    errors.push(invalid(termsPath, terms.length === 0 ? null : terms, why))
    return
  }
  for (const [index, oldTerm] of oldTerms.entries()) {
    const term = terms[index] as NodeSelectorTerm
    if (hasOnlyAdditions(term, oldTerm)) continue
    const why = 'only additions are allowed (no mutations or deletions)'
    errors.push(invalid(termsPath.index(index), term, why))
  }
}

function hasOnlyAdditions(term: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const lists = ['matchExpressions', 'matchFields'] as const
  const length = (one: NodeSelectorTerm) =>
    lists.reduce((sum, list) => sum + (one[list] ?? []).length, 0)
  if (length(old) === 0) return length(term) === 0
  return lists.every((list) => {
    const { length: kept } = old[list] ?? []
    return deepEqual((term[list] ?? []).slice(0, kept), old[list] ?? [])
  })
}

function affinityWithOld(spec: PodSpec, old: PodSpec): PodSpec['affinity'] {
  const affinity = { ...spec.affinity, nodeAffinity: old.affinity?.nodeAffinity }
  const isEmpty = Object.values(affinity).every((one) => one === undefined)
  return isEmpty && old.affinity === undefined ? undefined : affinity
}

/** Fields in the order of another object, so that only real differences are shown. */
function inOrderOf(spec: PodSpec, order: PodSpec): unknown {
  const names = new Set([...Object.keys(order), ...Object.keys(spec)])
  return Object.fromEntries([...names].map((name) => [name, spec[name as keyof PodSpec]]))
}
