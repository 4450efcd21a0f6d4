import type { Pod } from '../../kinds/core/v1/pod.ts'
import {
  validateEphemeralContainersUpdate,
  validatePodResize,
} from '../../kinds/core/v1/pod-parts-validation.ts'
import type { PodSpec } from '../../kinds/core/v1/pod-spec.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import type { FieldErrors, FieldPath } from '../../machinery/field-error.ts'
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
export const podResize = partOf(
  (given, old) => ({
    ...old,
    ...(given.resources !== undefined && { resources: given.resources }),
    containers: withResources(old.containers, given.containers),
    ...(old.initContainers !== undefined && {
      initContainers: withResources(old.initContainers, given.initContainers ?? []),
    }),
  }),
  validatePodResize,
)

type Container = PodSpec['containers'][number]

/** By their order, which no update of a pod can change. */
function withResources(
  old: readonly Container[],
  given: readonly Container[],
): readonly Container[] {
  return old.map((container, index) => {
    const wanted = given[index]
    if (wanted?.name !== container.name) return container
    const { resources, resizePolicy } = wanted
    return { ...container, resources, ...(resizePolicy !== undefined && { resizePolicy }) }
  })
}

type Rules = (pod: Pod, old: Pod, path: FieldPath) => FieldErrors

function partOf(
  merge: (given: PodSpec, old: PodSpec) => PodSpec,
  validate: Rules,
): SubresourceHandler {
  return (request, resource, context) => {
    const rules: UpdateRules = {
      prepare: (_kind, given, old) => withPart(given as Pod, old as Pod, merge),
      check: checkBy(validate),
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
