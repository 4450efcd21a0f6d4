import { keyOf } from '../../client/client.ts'
import type { Informer, InformerEvent } from '../../client/lister.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { Service } from '../../kinds/core/v1/service.ts'
import type { ServicePort } from '../../kinds/core/v1/service-spec.ts'
import { type Labels, Selector } from '../../machinery/label-selector.ts'
import { type Watch, watch } from '../runtime/controller.ts'
import { areSameStrings } from '../runtime/owner.ts'
import { isPodFinished, isPodReady } from '../runtime/pods.ts'

/** The pods that a service selects. */
export function podsOf(pods: Informer<Pod>, { metadata, spec }: Service): readonly Pod[] {
  const selector = Selector.fromLabels(spec.selector)
  return pods.list(metadata.namespace).filter((pod) => selector.matches(pod.metadata.labels))
}

/** Pods of services with a selector: those of others are managed by somebody else. */
export function hasManagedEndpoints({ spec }: Service): boolean {
  return spec.type !== 'ExternalName' && spec.selector !== undefined
}

/** Enqueues the services for which a change of a pod matters. */
export function watchServicePods(pods: Informer<Pod>, services: Informer<Service>): Watch {
  return watch(pods, (event) => servicesFor(event, services.list(event.object.metadata.namespace)))
}

/** Those that select the pod now or did before; one of both where only the labels are new. */
export function servicesFor(
  { type, object, old }: InformerEvent<Pod>,
  services: readonly Service[],
): readonly string[] {
  if (type !== 'MODIFIED' || old === undefined) return selecting(services, object.metadata.labels)
  const isDifferent = hasNewEndpoint(object, old)
  const isRelabelled =
    !areSameStrings(object.metadata.labels, old.metadata.labels) ||
    object.spec.hostname !== old.spec.hostname ||
    object.spec.subdomain !== old.spec.subdomain
  if (!isDifferent && !isRelabelled) return []
  const now = selecting(services, object.metadata.labels)
  if (!isRelabelled) return now
  const before = selecting(services, old.metadata.labels)
  if (isDifferent) return [...new Set([...now, ...before])]
  return [
    ...now.filter((key) => !before.includes(key)),
    ...before.filter((key) => !now.includes(key)),
  ]
}

function selecting(services: readonly Service[], labels: Labels | undefined): readonly string[] {
  return services
    .filter(({ spec }) => spec.selector !== undefined)
    .filter(({ spec }) => Selector.fromLabels(spec.selector).matches(labels))
    .map(keyOf)
}

function hasNewEndpoint(pod: Pod, old: Pod): boolean {
  return (
    pod.metadata.deletionTimestamp !== old.metadata.deletionTimestamp ||
    isPodReady(pod) !== isPodReady(old) ||
    isPodFinished(pod) !== isPodFinished(old) ||
    pod.spec.nodeName !== old.spec.nodeName ||
    addressText(pod) !== addressText(old)
  )
}

function addressText({ status }: Pod): string {
  return (status.podIPs ?? []).map(({ ip }) => ip).join()
}

/** Whether a pod can be reached at all: it has an address and has not finished. */
export function hasEndpoint(pod: Pod): boolean {
  const { podIP, podIPs } = pod.status
  return !isPodFinished(pod) && ((podIP ?? '') !== '' || (podIPs ?? []).length > 0)
}

/** The name under which a pod of a headless service with its own subdomain is found. */
export function hostnameIn({ metadata, spec }: Pod, service: Service): string | undefined {
  const { hostname, subdomain } = spec
  if (hostname === undefined || hostname === '') return undefined
  const isSame = metadata.namespace === service.metadata.namespace
  return isSame && subdomain === service.metadata.name ? hostname : undefined
}

/** The port of a pod behind a service's port; undefined for a name that no container has. */
export function targetPortOf({ spec }: Pod, port: ServicePort): number | undefined {
  const { targetPort, protocol } = port
  if (typeof targetPort === 'number') return targetPort
  const sidecars = (spec.initContainers ?? []).filter(
    ({ restartPolicy }) => restartPolicy === 'Always',
  )
  for (const { ports = [] } of [...spec.containers, ...sidecars]) {
    const found = ports.find((one) => one.name === targetPort && one.protocol === protocol)
    if (found !== undefined) return found.containerPort
  }
  return undefined
}

/** The service has no address of its own: its name stands for its pods. */
export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === undefined || spec.clusterIP === '' || spec.clusterIP === 'None'
}

export function isIpv6(address: string): boolean {
  return address.includes(':')
}
