import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { Random } from '../base/random.ts'
import { Endpoints } from '../kinds/core/v1/endpoints.ts'
import { LimitRange } from '../kinds/core/v1/limit-range.ts'
import { Namespace } from '../kinds/core/v1/namespace.ts'
import { Service } from '../kinds/core/v1/service.ts'
import { ServiceAccount as ServiceAccountKind } from '../kinds/core/v1/service-account.ts'
import { PriorityClass } from '../kinds/scheduling/v1/priority-class.ts'
import type { Kind } from '../machinery/kind.ts'
import type { AdmissionPlugin } from './admission/admission.ts'
import { DefaultTolerationSeconds } from './admission/default-toleration-seconds.ts'
import { LimitRanger } from './admission/limit-ranger.ts'
import { NamespaceLifecycle } from './admission/namespace-lifecycle.ts'
import { Priority } from './admission/priority.ts'
import { ServiceAccount } from './admission/service-account.ts'
import { TaintNodesByCondition } from './admission/taint-nodes-by-condition.ts'
import type { RegistryHooks } from './registry/registry-hooks.ts'
import type { ResourceTable } from './registry/resource-table.ts'
import { SELECT_ALL } from './registry/selection.ts'
import type { PortRange } from './services/allocation.ts'
import { ServiceHooks } from './services/service-hooks.ts'
import { namespaceFinalize } from './subresources/namespace-finalize.ts'
import { bindings, podBinding } from './subresources/pod-binding.ts'
import { podEviction } from './subresources/pod-eviction.ts'
import { podEphemeralContainers, podResize } from './subresources/pod-spec-parts.ts'
import { scale } from './subresources/scale.ts'
import type { SubresourceHandler, VirtualHandler } from './verbs/dispatch.ts'

/** What the parts of a server are made of. */
export interface Ports {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** The admission plugins that need nothing but the objects, in upstream's order. */
export function admissionPlugins(
  resources: ResourceTable,
  { clock, random }: Ports,
): readonly AdmissionPlugin[] {
  const namespaces = resources.store(Namespace)
  const serviceAccounts = resources.store(ServiceAccountKind)
  const { cache: limitRanges } = resources.store(LimitRange)
  const { cache: priorityClasses } = resources.store(PriorityClass)
  return [
    new NamespaceLifecycle(async (name) => (await namespaces.find('', name))?.object),
    new LimitRanger(async (namespace) => {
      await limitRanges.fresh()
      return limitRanges.list({ namespace, name: '' }).map(({ object }) => object as LimitRange)
    }),
    new ServiceAccount({
      clock,
      random,
      find: async (namespace, name) =>
        (await serviceAccounts.find(namespace, name))?.object as ServiceAccountKind | undefined,
    }),
    new TaintNodesByCondition(),
    new Priority(async () => {
      await priorityClasses.fresh()
      return priorityClasses.list(SELECT_ALL).map(({ object }) => object as PriorityClass)
    }),
    new DefaultTolerationSeconds(),
  ]
}

export interface ServiceRanges {
  readonly serviceCidrs: readonly string[]
  /** 30000-32767 when absent. */
  readonly nodePorts?: PortRange
}

/** What resources do beside storing their objects, by `group/plural`. */
export function registryHooks(
  resources: ResourceTable,
  ranges: ServiceRanges,
  { random, logger }: Ports,
): ReadonlyMap<string, RegistryHooks> {
  const services = resources.store(Service)
  const endpoints = resources.store(Endpoints)
  const hooks = new ServiceHooks({ ...ranges, services, endpoints, random, logger })
  return new Map([[idOf(Service), hooks]])
}

/** The subresources that need nothing but the objects, by `group/plural/subresource`. */
export function objectSubresources(
  kinds: readonly Kind[],
): ReadonlyMap<string, SubresourceHandler> {
  const handlers = new Map<string, SubresourceHandler>([
    ['/pods/binding', podBinding],
    ['/pods/eviction', podEviction],
    ['/pods/ephemeralcontainers', podEphemeralContainers],
    ['/pods/resize', podResize],
    ['/namespaces/finalize', namespaceFinalize],
  ])
  for (const kind of kinds) {
    if (kind.scale !== undefined) handlers.set(`${idOf(kind)}/scale`, scale)
  }
  return handlers
}

/** The kinds that are answered from the objects, by `group/plural`. */
export const objectVirtualKinds: ReadonlyMap<string, VirtualHandler> = new Map([
  ['/bindings', bindings],
])

function idOf({ group, plural }: { readonly group: string; readonly plural: string }): string {
  return `${group}/${plural}`
}
