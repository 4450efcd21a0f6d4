import {
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
} from '../../../machinery/field-error.ts'
import {
  invalids,
  validateAnnotations,
  validateLabels,
} from '../../../machinery/validate-object-meta.ts'
import { validateImageSpaces } from './container-validation.ts'
import type { Pod } from './pod.ts'
import { validatePodSpec } from './pod-spec-validation.ts'
import type { PodTemplateSpec } from './pod-template-spec.ts'

export const MIRROR = 'kubernetes.io/config.mirror'
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'
const INT32 = /^(?:0|-?[1-9][0-9]*)$/

/** What is wrong with a new pod. */
export function* validatePod(pod: Pod, path: FieldPath): FieldErrors {
  yield* validatePodObject(pod, path)
  const { ephemeralContainers = [], nodeName = '', schedulingGates = [] } = pod.spec
  const specPath = path.child('spec')
  if (ephemeralContainers.length > 0) {
    yield forbidden(specPath.child('ephemeralContainers'), 'cannot be set on create')
  }
  if (nodeName !== '' && schedulingGates.length > 0) {
    const why = 'cannot be set until all schedulingGates have been cleared'
    yield forbidden(specPath.child('nodeName'), why)
  }
}

/** What holds for a pod at any time. */
export function* validatePodObject(pod: Pod, path: FieldPath): FieldErrors {
  const { metadata, spec } = pod
  const specPath = path.child('spec')
  yield* validatePodAnnotations(pod, path.child('metadata', 'annotations'))
  yield* validatePodSpec(spec, { podName: metadata.name, isPod: true }, specPath)
  if (!spec.serviceAccountName) yield* validateNoTokens(pod, specPath.child('volumes'))
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [index, container] of (spec[list] ?? []).entries()) {
      yield* validateImageSpaces(container, specPath.child(list).index(index))
    }
  }
}

/** The template of a workload. Ephemeral containers are of pods only. */
export function* validatePodTemplate(template: PodTemplateSpec, path: FieldPath): FieldErrors {
  const { metadata, spec } = template
  yield* validateLabels(metadata.labels, path.child('labels'))
  yield* validateAnnotations(metadata.annotations, path.child('annotations'))
  yield* validateDeletionCost(metadata.annotations, path.child('annotations'))
  yield* validatePodSpec(spec, { podName: '', isPod: false }, path.child('spec'))
  if ((spec.ephemeralContainers ?? []).length > 0) {
    const why = 'ephemeral containers not allowed in pod template'
    yield forbidden(path.child('spec', 'ephemeralContainers'), why)
  }
}

/** A token needs an account that it is for. */
function* validateNoTokens({ spec }: Pod, path: FieldPath): FieldErrors {
  for (const [index, { projected }] of (spec.volumes ?? []).entries()) {
    for (const [place, { serviceAccountToken: token }] of (projected?.sources ?? []).entries()) {
      if (token === undefined) continue
      const sourcePath = path.index(index).child('projected', 'sources').index(place)
      const why = 'must not be specified when serviceAccountName is not set'
      yield forbidden(sourcePath.child('serviceAccountToken'), why)
    }
  }
}

export function* validatePodAnnotations({ metadata, spec }: Pod, path: FieldPath): FieldErrors {
  const mirror = metadata.annotations?.[MIRROR]
  if (mirror !== undefined && !spec.nodeName) {
    yield invalid(
      path.key(MIRROR),
      mirror,
      'must set spec.nodeName if mirror pod annotation is set',
    )
  }
  yield* validateDeletionCost(metadata.annotations, path)
}

function* validateDeletionCost(
  annotations: { readonly [key: string]: string } | undefined,
  path: FieldPath,
): FieldErrors {
  const cost = annotations?.[DELETION_COST]
  if (cost === undefined) return
  const isInt32 = INT32.test(cost) && Math.abs(Number(cost)) <= 2 ** 31 - 1
  yield* invalids(path.key(DELETION_COST), cost, isInt32 ? [] : ['must be a 32bit integer'])
}
