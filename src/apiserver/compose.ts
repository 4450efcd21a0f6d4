import type { Registry } from 'prom-client'
import type { Clock } from '../base/clock.ts'
import { andThen } from '../base/eventual.ts'
import type { Logger } from '../base/logger.ts'
import type { Random } from '../base/random.ts'
import type { Tracer } from '../base/tracing/tracer.ts'
import { CustomResourceDefinition } from '../kinds/apiextensions/v1/custom-resource-definition.ts'
import { CertificateSigningRequest } from '../kinds/certificates/v1/certificate-signing-request.ts'
import { LimitRange } from '../kinds/core/v1/limit-range.ts'
import { Namespace } from '../kinds/core/v1/namespace.ts'
import { Node } from '../kinds/core/v1/node.ts'
import { Pod } from '../kinds/core/v1/pod.ts'
import { ResourceQuota as ResourceQuotaKind } from '../kinds/core/v1/resource-quota.ts'
import { Service } from '../kinds/core/v1/service.ts'
import { ServiceAccount as ServiceAccountKind } from '../kinds/core/v1/service-account.ts'
import { IngressClass } from '../kinds/networking/v1/ingress-class.ts'
import { RuntimeClass as RuntimeClassKind } from '../kinds/node/v1/runtime-class.ts'
import { PriorityClass } from '../kinds/scheduling/v1/priority-class.ts'
import { Workload } from '../kinds/scheduling/v1alpha2/workload.ts'
import { StorageClass } from '../kinds/storage/v1/storage-class.ts'
import type { Kind, KindRef, KubeObject } from '../machinery/kind.ts'
import type { AdmissionPlugin } from './admission/admission.ts'
import {
  type AdmissionConfiguration,
  DEFAULT_ADMISSION,
} from './admission/admission-configuration.ts'
import { AlwaysPullImages } from './admission/always-pull-images.ts'
import { CertificateApproval } from './admission/certificate-approval.ts'
import { CertificateSigning } from './admission/certificate-signing.ts'
import { CertificateSubjectRestriction } from './admission/certificate-subject-restriction.ts'
import { ClusterTrustBundleAttest } from './admission/cluster-trust-bundle-attest.ts'
import { DefaultIngressClass } from './admission/default-ingress-class.ts'
import { DefaultStorageClass } from './admission/default-storage-class.ts'
import { DefaultTolerationSeconds } from './admission/default-toleration-seconds.ts'
import { DenyServiceExternalIPs } from './admission/deny-service-external-ips.ts'
import { dynamicPlugins } from './admission/dynamic-plugins.ts'
import { enabledPlugins, NO_NAMES, type PluginNames } from './admission/enabled-plugins.ts'
import { LimitRanger } from './admission/limit-ranger.ts'
import { NamespaceLifecycle } from './admission/namespace-lifecycle.ts'
import { NodeDeclaredFeatureValidator } from './admission/node-declared-feature-validator.ts'
import { PersistentVolumeClaimResize } from './admission/persistent-volume-claim-resize.ts'
import { PodGroupWorkloadExists } from './admission/pod-group-workload-exists.ts'
import { PodResizeValidator } from './admission/pod-resize-validator.ts'
import { PodSecurity } from './admission/pod-security/pod-security.ts'
import { PodSecurityMetrics } from './admission/pod-security/pod-security-metrics.ts'
import { PodTopologyLabels } from './admission/pod-topology-labels.ts'
import { Priority } from './admission/priority.ts'
import { ResourceQuota } from './admission/resource-quota.ts'
import { RuntimeClass } from './admission/runtime-class.ts'
import { ServiceAccount } from './admission/service-account.ts'
import { StorageObjectInUseProtection } from './admission/storage-object-in-use-protection.ts'
import { TaintNodesByCondition } from './admission/taint-nodes-by-condition.ts'
import type { Authorizer } from './authorization/authorizer.ts'
import { NodeRestriction } from './authorization/node/node-restriction.ts'
import { issuedDurations } from './certificates/issued-durations.ts'
import { definitionHooks } from './extensions/custom-resources/definition-hooks.ts'
import type { RegistryHooks } from './registry/registry-hooks.ts'
import type { ResourceTable } from './registry/resource-table.ts'
import type { DecodeYaml } from './request.ts'
import type { PortRange } from './services/range-allocation.ts'
import type { ServiceAllocation } from './services/service-allocation.ts'
import { certificateApproval } from './subresources/certificate-approval.ts'
import { namespaceFinalize } from './subresources/namespace-finalize.ts'
import { bindings, podBinding } from './subresources/pod-binding.ts'
import { podEviction } from './subresources/pod-eviction.ts'
import { podEphemeralContainers, podResize } from './subresources/pod-spec-parts.ts'
import { scale } from './subresources/scale.ts'
import type { SubresourceHandler, VirtualHandler } from './verbs/dispatch.ts'
import type { OwnServer } from './webhooks/own-server.ts'
import type { WebhookClientOptions } from './webhooks/webhook-client.ts'

/** What the parts of a server are made of. */
export interface Ports {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Where metrics are registered; nobody measures when absent. */
  readonly registry?: Registry
  /** Called by webhooks that are behind this server itself. */
  readonly ownServer?: OwnServer
  /** How webhooks are reached; over the network when absent. */
  readonly openPools?: WebhookClientOptions['openPools']
  /** Records calls of webhooks; nothing when absent. */
  readonly tracer?: Tracer | undefined
  /** For long YAML in webhooks' answers. */
  readonly decodeYaml?: DecodeYaml | undefined
}

/** The built-in admission plugins in upstream's order: those on by default, but for the names. */
export function admissionPlugins(
  resources: ResourceTable,
  ports: Ports,
  authorizer: Authorizer,
  configuration: AdmissionConfiguration = DEFAULT_ADMISSION,
  names: PluginNames = NO_NAMES,
): readonly AdmissionPlugin[] {
  const { clock, random } = ports
  const { podSecurity, limitedResources, tolerationSeconds } = configuration
  const namespace = finderOf<Namespace>(resources, Namespace)
  const node = finderOf<Node>(resources, Node)
  const listPriorityClasses = listerOf<PriorityClass>(resources, PriorityClass)
  const storageClass = finderOf<StorageClass>(resources, StorageClass)
  const plugins = [
    new NamespaceLifecycle(namespace),
    new LimitRanger(listerOf<LimitRange>(resources, LimitRange)),
    new ServiceAccount({ clock, random, find: serviceAccountFinder(resources) }),
    new NodeRestriction(resources, authorizer),
    new TaintNodesByCondition(),
    new AlwaysPullImages(),
    new PodSecurity({
      clock,
      configuration: podSecurity,
      findNamespace: namespace,
      listPods: listerOf<Pod>(resources, Pod),
      observer: ports.registry && new PodSecurityMetrics(ports.registry),
    }),
    new Priority(listPriorityClasses),
    new DefaultTolerationSeconds(tolerationSeconds),
    new DefaultStorageClass(listerOf<StorageClass>(resources, StorageClass)),
    new StorageObjectInUseProtection(),
    new PersistentVolumeClaimResize(storageClass),
    new RuntimeClass(finderOf<RuntimeClassKind>(resources, RuntimeClassKind)),
    new CertificateApproval(authorizer),
    new CertificateSigning(authorizer),
    new ClusterTrustBundleAttest(authorizer),
    new CertificateSubjectRestriction(),
    new DefaultIngressClass(listerOf<IngressClass>(resources, IngressClass)),
    new DenyServiceExternalIPs(),
    new PodTopologyLabels(node),
    new PodGroupWorkloadExists(workloadFinder(resources)),
    new NodeDeclaredFeatureValidator(node),
    new PodResizeValidator(node),
    ...dynamicPlugins({ ...ports, resources, authorizer }, configuration),
    new ResourceQuota(resources.store(ResourceQuotaKind), clock, limitedResources),
  ]
  return enabledPlugins(plugins, names)
}

function serviceAccountFinder(resources: ResourceTable) {
  const { store } = resources.of(ServiceAccountKind)
  return (namespace: string, name: string) =>
    andThen(store.find(namespace, name), (found) => found?.object as ServiceAccountKind | undefined)
}

function workloadFinder(resources: ResourceTable) {
  const store = resources.store(Workload)
  return async (namespace: string, name: string) =>
    (await store.find(namespace, name))?.object as Workload | undefined
}

/** Finds objects of cluster scope as of now. The first call loads them. */
function finderOf<T extends KubeObject>(resources: ResourceTable, kind: KindRef) {
  const { store } = resources.of(kind)
  return (name: string) => andThen(store.find('', name), (found) => found?.object as T | undefined)
}

/** Lists the objects of a namespace as of now, or all. The first call loads them. */
function listerOf<T extends KubeObject>(resources: ResourceTable, kind: KindRef) {
  const { cache } = resources.store(kind)
  return (namespace = '') =>
    andThen(cache.isFresh ? undefined : cache.fresh(), () =>
      cache.list({ namespace, name: '' }).map(({ object }) => object as T),
    )
}

export interface ServiceRanges {
  /** Such as `10.96.0.0/16`; a second one of the other family makes the cluster dual-stack. */
  readonly serviceCidrs: readonly string[]
  /** 30000-32767 when absent. */
  readonly nodePorts?: PortRange
}

/** What resources do beside storing their objects, by `group/plural`. */
export function registryHooks(
  allocation: ServiceAllocation,
  registry?: Registry,
): ReadonlyMap<string, RegistryHooks> {
  return new Map([
    [idOf(Service), allocation.hooks],
    [idOf(CustomResourceDefinition), definitionHooks],
    ...(registry === undefined ? [] : ([measuredRequests(registry)] as const)),
  ])
}

function measuredRequests(registry: Registry): readonly [string, RegistryHooks] {
  return [idOf(CertificateSigningRequest), issuedDurations(registry)]
}

/** The subresources that need nothing but the objects, by `group/plural/subresource`. */
export function objectSubresources(
  kinds: readonly Kind[],
): ReadonlyMap<string, SubresourceHandler> {
  const handlers = new Map<string, SubresourceHandler>([
    ['(custom)/scale', scale],
    ['/pods/binding', podBinding],
    ['/pods/eviction', podEviction],
    ['/pods/ephemeralcontainers', podEphemeralContainers],
    ['/pods/resize', podResize],
    ['/namespaces/finalize', namespaceFinalize],
    ['certificates.k8s.io/certificatesigningrequests/approval', certificateApproval],
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
