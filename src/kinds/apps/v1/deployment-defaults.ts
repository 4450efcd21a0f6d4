import { withFields } from '../../../machinery/map-shared.ts'
import { setTemplateDefaults } from '../../core/v1/pod-spec-defaults.ts'
import type { Deployment } from './deployment.ts'

/** A quarter of the pods may be missing, and as many too many, while a change is rolled out. */
const ROLLING_UPDATE = { maxUnavailable: '25%', maxSurge: '25%' } as const

export function setDeploymentDefaults(deployment: Deployment): Deployment {
  const { spec } = deployment
  const { strategy } = spec
  return withFields(deployment, {
    spec: withFields(spec, {
      template: setTemplateDefaults(spec.template),
      strategy:
        strategy.type !== 'RollingUpdate'
          ? strategy
          : withFields(strategy, {
              rollingUpdate:
                strategy.rollingUpdate === undefined
                  ? ROLLING_UPDATE
                  : withFields(strategy.rollingUpdate, {
                      maxUnavailable:
                        strategy.rollingUpdate.maxUnavailable ?? ROLLING_UPDATE.maxUnavailable,
                      maxSurge: strategy.rollingUpdate.maxSurge ?? ROLLING_UPDATE.maxSurge,
                    }),
            }),
    }),
  })
}
