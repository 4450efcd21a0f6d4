import type { StatefulSet } from './stateful-set.ts'

/**
 * `maxUnavailable` is behind a gate that is off by default (upstream's MaxUnavailableStatefulSet):
 * it is dropped, unless the stored object has it.
 */
export function prepareStatefulSet(statefulSet: StatefulSet, old?: StatefulSet): StatefulSet {
  const { spec } = statefulSet
  const { updateStrategy } = spec
  const { maxUnavailable, ...rollingUpdate } = updateStrategy.rollingUpdate ?? {}
  const isKept = old?.spec.updateStrategy.rollingUpdate?.maxUnavailable !== undefined
  if (maxUnavailable === undefined || isKept) return statefulSet
  return { ...statefulSet, spec: { ...spec, updateStrategy: { ...updateStrategy, rollingUpdate } } }
}
