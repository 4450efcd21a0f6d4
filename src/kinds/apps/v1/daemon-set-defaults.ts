import { withFields } from '../../../machinery/map-shared.ts'
import { setTemplateDefaults } from '../../core/v1/pod-spec-defaults.ts'
import type { DaemonSet } from './daemon-set.ts'

/** Counts the changes of the template; the API has had no field for it since apps/v1. */
export const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'
/** One pod after the other is replaced. */
const ROLLING_UPDATE = { maxUnavailable: 1, maxSurge: 0 } as const

export function setDaemonSetDefaults(daemonSet: DaemonSet): DaemonSet {
  const { spec } = daemonSet
  const { updateStrategy } = spec
  const { type, rollingUpdate } = updateStrategy
  const complete = {
    maxUnavailable: rollingUpdate?.maxUnavailable ?? ROLLING_UPDATE.maxUnavailable,
    maxSurge: rollingUpdate?.maxSurge ?? ROLLING_UPDATE.maxSurge,
  }
  const isRolling = type === 'RollingUpdate'
  return withFields(daemonSet, {
    metadata: withTemplateGeneration(daemonSet),
    spec: withFields(spec, {
      template: setTemplateDefaults(spec.template),
      updateStrategy: isRolling
        ? withFields(updateStrategy, {
            rollingUpdate:
              rollingUpdate === undefined ? complete : withFields(rollingUpdate, complete),
          })
        : updateStrategy,
    }),
  })
}

/** Upstream writes this annotation in all of apps/v1, and so it is its writer's. */
function withTemplateGeneration({ metadata }: DaemonSet): DaemonSet['metadata'] {
  const { annotations = {} } = metadata
  if (annotations[TEMPLATE_GENERATION] !== undefined) return metadata
  return { ...metadata, annotations: { ...annotations, [TEMPLATE_GENERATION]: '0' } }
}
