import type { Pod } from '../../kinds/core/v1/pod.ts'
import {
  validateEphemeralContainersUpdate,
  validatePodResize,
} from '../../kinds/core/v1/pod-parts-validation.ts'
import type { PodSpec } from '../../kinds/core/v1/pod-spec.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { collected, type FieldError, type FieldPath } from '../../machinery/field-error.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { keepSystemFields } from '../registry/strategy.ts'
import type { SubresourceHandler } from '../verbs/dispatch.ts'
import { get } from '../verbs/get.ts'
import { patch } from '../verbs/patch.ts'
import { notAllowed } from '../verbs/routes.ts'
import { type UpdateRules, update } from '../verbs/update.ts'
import { checkBy } from '../verbs/validate.ts'

/** `pods/NAME/ephemeralcontainers`: adds containers for debugging to a pod that runs. */
export const podEphemeralContainers = partOf(
  (given, old) => ({ ...old, ephemeralContainers: given.ephemeralContainers }),
  validateEphemeralContainersUpdate,
)

/** `pods/NAME/resize`: changes the resources of containers while they run. */
export const podResize = partOf(withResources, validatePodResize)

type Container = PodSpec['containers'][number]

/**
 * Of the new spec its resources alone. Containers that were added, removed or renamed are kept as
 * they were sent, for the validation to refuse.
 */
function withResources(given: PodSpec, old: PodSpec): PodSpec {
  const { initContainers = [] } = given
  const { initContainers: oldInitContainers = [] } = old
  const isSame =
    given.containers.length === old.containers.length &&
    initContainers.length === oldInitContainers.length
  if (!isSame) return given
  const { resources: _, ...kept } = old
  return {
    ...kept,
    ...(given.resources !== undefined && { resources: given.resources }),
    containers: withResourcesOf(given.containers, old.containers),
    ...(old.initContainers !== undefined && {
      initContainers: withResourcesOf(initContainers, oldInitContainers),
    }),
  }
}

function withResourcesOf(
  given: readonly Container[],
  old: readonly Container[],
): readonly Container[] {
  if (given.some(({ name }, index) => old[index]?.name !== name)) return given
  return old.map((container, index) => {
    const { resizePolicy: __, ...rest } = container
    const { resources, resizePolicy } = given[index] as Container
    return { ...rest, resources, ...(resizePolicy !== undefined && { resizePolicy }) }
  })
}

type Rules = (errors: FieldError[], pod: Pod, old: Pod, path: FieldPath) => void

function partOf(
  merge: (given: PodSpec, old: PodSpec) => PodSpec,
  validate: Rules,
): SubresourceHandler {
  return (request, resource, context) => {
    const rules: UpdateRules = {
      prepare: (_kind, given, old) => withPart(given as Pod, old as Pod, merge),
      check: checkBy((pod: Pod, old: Pod, path) => collected(validate, pod, old, path)),
      allowsCreate: false,
    }
    switch (request.info.verb) {
      case 'get':
        return get(request, resource, { now: context.clock.now() })
      case 'update':
        return update(request, resource, context, rules)
      case 'patch':
        return patch(request, resource, context, rules)
      default:
        throw notAllowed()
    }
  }
}

/**
 * Nothing else of the pod changes, not even its labels. A changed spec is a new generation, as with
 * any other update of a pod.
 */
function withPart(given: Pod, old: Pod, merge: (given: PodSpec, old: PodSpec) => PodSpec) {
  const { managedFields, resourceVersion } = keepSystemFields(given.metadata, old.metadata)
  const metadata = { ...old.metadata, resourceVersion, managedFields }
  const generation = (old.metadata.generation ?? 0) + 1
  const spec = merge(given.spec, old.spec)
  const isSame = deepEqual(spec, old.spec)
  return {
    ...old,
    metadata: isSame ? metadata : { ...metadata, generation },
    spec,
  } as KubeObject
}
