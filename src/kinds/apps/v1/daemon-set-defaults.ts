import { withFields } from '../../../machinery/map-shared.ts'
import { setTemplateDefaults } from '../../core/v1/pod-spec-defaults.ts'
import type { DaemonSet } from './daemon-set.ts'
import { withAnyTemplateGeneration } from './daemon-set-strategy.ts'

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
  return withFields(withAnyTemplateGeneration(daemonSet), {
    spec: withFields(spec, {
      template: setTemplateDefaults(spec.template),
      updateStrategy: isRolling
        ? withFields(updateStrategy, {
            rollingUpdate:
              rollingUpdate === undefined ? complete : withFields(rollingUpdate, complete),
          })
        : withoutRolling(updateStrategy),
    }),
  })
}

/** What a strategy that never rolls says about rolling is kept, zeros for what it leaves out. */
function withoutRolling(strategy: DaemonSet['spec']['updateStrategy']) {
  const { rollingUpdate } = strategy
  if (rollingUpdate === undefined) return strategy
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate
  return withFields(strategy, {
    rollingUpdate: withFields(rollingUpdate, { maxUnavailable, maxSurge }),
  })
}
