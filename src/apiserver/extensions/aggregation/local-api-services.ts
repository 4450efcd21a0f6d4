import type { CustomResourceDefinition } from '../../../kinds/apiextensions/v1/custom-resource-definition.ts'
import type { APIService } from '../../../kinds/apiregistration/v1/api-service.ts'
import { CUSTOM_GROUP_PRIORITY, GROUP_PRIORITIES } from '../../../machinery/group-priority.ts'
import type { Kind } from '../../../machinery/kind.ts'
import { VERSION_PRIORITIES } from './version-priorities.data.ts'

/** Says of an APIService that the API server keeps it: `onstart` once, `true` for ever. */
export const AUTOMANAGED_LABEL = 'kube-aggregator.kubernetes.io/automanaged'

export type Management = 'onstart' | 'true'

/** An APIService that there should be. */
export interface DesiredApiService {
  readonly metadata: {
    readonly name: string
    readonly labels: { readonly [AUTOMANAGED_LABEL]: Management }
  }
  readonly spec: Pick<
    APIService['spec'],
    'group' | 'version' | 'groupPriorityMinimum' | 'versionPriority'
  >
}

/** Upstream's `versionPriority` of custom resources: names alone then order the versions. */
export const CUSTOM_VERSION_PRIORITY = 100
/** Registers all others, and cannot register itself. */
export const OWN_GROUP = 'apiregistration.k8s.io'

/** The APIServices of the groups and versions that are built in. */
export function builtInApiServices(kinds: readonly Kind[]): readonly DesiredApiService[] {
  const services = new Map<string, DesiredApiService>()
  for (const { group, version, plural } of kinds) {
    const versionPriority = VERSION_PRIORITIES[`${group}/${version}`]
    const groupPriorityMinimum = GROUP_PRIORITIES[group]
    if (plural === '' || group === OWN_GROUP) continue
    if (versionPriority === undefined || groupPriorityMinimum === undefined) continue
    const name = `${version}.${group}`
    services.set(name, {
      metadata: { name, labels: { [AUTOMANAGED_LABEL]: 'onstart' } },
      spec: { ...(group !== '' && { group }), version, groupPriorityMinimum, versionPriority },
    })
  }
  return [...services.values()]
}

/** The APIServices of the versions that definitions serve. */
export function customApiServices(
  definitions: Iterable<CustomResourceDefinition>,
): ReadonlyMap<string, DesiredApiService> {
  const services = new Map<string, DesiredApiService>()
  for (const { spec } of definitions) {
    const { group } = spec
    for (const { name: version, served } of spec.versions) {
      if (!served) continue
      const name = `${version}.${group}`
      services.set(name, {
        metadata: { name, labels: { [AUTOMANAGED_LABEL]: 'true' } },
        spec: {
          ...{ group, version },
          groupPriorityMinimum: CUSTOM_GROUP_PRIORITY,
          versionPriority: CUSTOM_VERSION_PRIORITY,
        },
      })
    }
  }
  return services
}
