import {
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
} from '../../../machinery/field-error.ts'
import { validateAnnotations, validateLabels } from '../../../machinery/validate-object-meta.ts'
import { validateImageSpaces } from './container-validation.ts'
import type { Pod } from './pod.ts'
import { validatePodSpec } from './pod-spec-validation.ts'
import type { PodTemplateSpec } from './pod-template-spec.ts'

export const MIRROR = 'kubernetes.io/config.mirror'
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'
const CONTAINERS = ['containers', 'initContainers'] as const
const INT32 = /^(?:0|-?[1-9][0-9]*)$/

/** What is wrong with a new pod. */
export function validatePod(errors: FieldError[], pod: Pod, path: FieldPath): void {
  validatePodObject(errors, pod, path)
  const { ephemeralContainers = [], nodeName = '', schedulingGates = [] } = pod.spec
  const specPath = path.child('spec')
  if (ephemeralContainers.length > 0) {
    errors.push(forbidden(specPath.child('ephemeralContainers'), 'cannot be set on create'))
  }
  if (nodeName !== '' && schedulingGates.length > 0) {
    const why = 'cannot be set until all schedulingGates have been cleared'
    errors.push(forbidden(specPath.child('nodeName'), why))
  }
}

/** What holds for a pod at any time. */
export function validatePodObject(errors: FieldError[], pod: Pod, path: FieldPath): void {
  const { metadata, spec } = pod
  const specPath = path.child('spec')
  validatePodAnnotations(errors, pod, path.child('metadata', 'annotations'))
  validatePodSpec(errors, spec, { podName: metadata.name, isPod: true }, specPath)
  if (!spec.serviceAccountName) validateNoTokens(errors, pod, specPath.child('volumes'))
  for (const list of CONTAINERS) {
    for (const [index, container] of (spec[list] ?? []).entries()) {
      validateImageSpaces(errors, container, specPath.child(list).index(index))
    }
  }
}

/** The template of a workload. Ephemeral containers are of pods only. */
export function validatePodTemplate(
  errors: FieldError[],
  template: PodTemplateSpec,
  path: FieldPath,
): void {
  const { metadata, spec } = template
  validateLabels(errors, metadata.labels, path.child('labels'))
  validateAnnotations(errors, metadata.annotations, path.child('annotations'))
  validateDeletionCost(errors, metadata.annotations, path.child('annotations'))
  validatePodSpec(errors, spec, { podName: '', isPod: false }, path.child('spec'))
  if ((spec.ephemeralContainers ?? []).length > 0) {
    const why = 'ephemeral containers not allowed in pod template'
    errors.push(forbidden(path.child('spec', 'ephemeralContainers'), why))
  }
}

/** A token needs an account that it is for. */
function validateNoTokens(errors: FieldError[], { spec }: Pod, path: FieldPath): void {
  for (const [index, { projected }] of (spec.volumes ?? []).entries()) {
    for (const [place, { serviceAccountToken: token }] of (projected?.sources ?? []).entries()) {
      if (token === undefined) continue
      const sourcePath = path.index(index).child('projected', 'sources').index(place)
      const why = 'must not be specified when serviceAccountName is not set'
      errors.push(forbidden(sourcePath.child('serviceAccountToken'), why))
    }
  }
}

export function validatePodAnnotations(
  errors: FieldError[],
  { metadata, spec }: Pod,
  path: FieldPath,
): void {
  const mirror = metadata.annotations?.[MIRROR]
  if (mirror !== undefined && !spec.nodeName) {
    const why = 'must set spec.nodeName if mirror pod annotation is set'
    errors.push(invalid(path.key(MIRROR), mirror, why))
  }
  validateDeletionCost(errors, metadata.annotations, path)
}

function validateDeletionCost(
  errors: FieldError[],
  annotations: { readonly [key: string]: string } | undefined,
  path: FieldPath,
): void {
  const cost = annotations?.[DELETION_COST]
  if (cost === undefined) return
  const isInt32 = INT32.test(cost) && Math.abs(Number(cost)) <= 2 ** 31 - 1
  if (!isInt32) errors.push(invalid(path.key(DELETION_COST), cost, 'must be a 32bit integer'))
}
