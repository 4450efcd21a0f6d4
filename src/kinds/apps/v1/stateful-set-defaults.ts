import { mapShared, withFields } from '../../../machinery/map-shared.ts'
import { setTemplateDefaults } from '../../core/v1/pod-spec-defaults.ts'
import type { StatefulSet } from './stateful-set.ts'

export function setStatefulSetDefaults(statefulSet: StatefulSet): StatefulSet {
  const { spec } = statefulSet
  const { updateStrategy } = spec
  const { type, rollingUpdate } = updateStrategy
  const isRolling = type === 'RollingUpdate'
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
      updateStrategy: isRolling
        ? withFields(updateStrategy, {
            rollingUpdate: withFields(rollingUpdate ?? {}, {
              partition: rollingUpdate?.partition ?? 0,
            }),
          })
        : updateStrategy,
    }),
  })
}
