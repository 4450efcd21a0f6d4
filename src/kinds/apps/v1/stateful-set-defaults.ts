import { mapShared, withFields } from '../../../machinery/map-shared.ts'
import { setTemplateDefaults } from '../../core/v1/pod-spec-defaults.ts'
import type { StatefulSet, StatefulSetUpdateStrategy } from './stateful-set.ts'

export function setStatefulSetDefaults(statefulSet: StatefulSet): StatefulSet {
  const { spec } = statefulSet
  const { updateStrategy } = spec
  return withFields(statefulSet, {
    spec: withFields(spec, {
      template: setTemplateDefaults(spec.template),
      ...(spec.volumeClaimTemplates && {
        volumeClaimTemplates: mapShared(spec.volumeClaimTemplates, (claim) =>
          withFields(claim, {
            apiVersion: 'v1',
            kind: 'PersistentVolumeClaim',
            metadata: claim.metadata ?? {},
          }),
        ),
      }),
      updateStrategy: withStrategyDefaults(updateStrategy),
    }),
  })
}

/** Who names the strategy and says nothing more of it gets none of its numbers. */
function withStrategyDefaults(strategy: StatefulSetUpdateStrategy): StatefulSetUpdateStrategy {
  const { type = '', rollingUpdate = type === '' ? {} : undefined } = strategy
  const isRolling = type === '' || type === 'RollingUpdate'
  if (!isRolling) return strategy
  return withFields(strategy, {
    type: 'RollingUpdate',
    ...(rollingUpdate && {
      rollingUpdate: withFields(rollingUpdate, { partition: rollingUpdate.partition ?? 0 }),
    }),
  })
}
