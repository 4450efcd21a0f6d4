import { type AccessSettings, accessDefinitions } from './access-definitions.ts'
import { ClusterRoleAggregationController } from './clusterrole-aggregation/cluster-role-aggregation-controller.ts'
import { CronJobController } from './cronjob/cron-job-controller.ts'
import { DaemonSetController } from './daemon/daemon-set-controller.ts'
import { DeploymentController } from './deployment/deployment-controller.ts'
import { DisruptionController } from './disruption/disruption-controller.ts'
import { EndpointsController } from './endpoints/endpoints-controller.ts'
import { EndpointSliceController } from './endpointslice/endpoint-slice-controller.ts'
import { EndpointSliceMirroringController } from './endpointslicemirroring/endpoint-slice-mirroring-controller.ts'
import { GarbageCollector } from './garbagecollector/garbage-collector.ts'
import { JobController } from './job/job-controller.ts'
import { NamespaceController } from './namespace/namespace-controller.ts'
import { NodeIpamController } from './nodeipam/node-ipam-controller.ts'
import { NodeLifecycleController } from './nodelifecycle/node-lifecycle-controller.ts'
import { PodGcController } from './podgc/pod-gc-controller.ts'
import { PvcProtectionController } from './pvcprotection/pvc-protection-controller.ts'
import { PvProtectionController } from './pvprotection/pv-protection-controller.ts'
import { ReplicaSetController } from './replicaset/replica-set-controller.ts'
import { ReplicationControllerController } from './replicationcontroller/replication-controller-controller.ts'
import { ResourceQuotaController } from './resourcequota/resource-quota-controller.ts'
import { RootCaCertPublisher } from './root-ca-cert-publisher/root-ca-cert-publisher.ts'
import type { ControllerDefinition } from './runtime/controller-manager.ts'
import { ServiceLbController } from './service-lb/service-lb-controller.ts'
import { ServiceAccountsController } from './serviceaccount/service-accounts-controller.ts'
import { type LegacyClaims, TokensController } from './serviceaccount-token/tokens-controller.ts'
import { ServiceCidrsController } from './servicecidrs/service-cidrs-controller.ts'
import { StatefulSetController } from './statefulset/stateful-set-controller.ts'
import { TaintEvictionController } from './tainteviction/taint-eviction-controller.ts'
import { TtlController } from './ttl/ttl-controller.ts'
import { TtlAfterFinishedController } from './ttlafterfinished/ttl-after-finished-controller.ts'
import { VacProtectionController } from './vacprotection/vac-protection-controller.ts'
import { ValidatingAdmissionPolicyStatusController } from './validatingadmissionpolicy-status/validating-admission-policy-status-controller.ts'

/** What the controllers must be told of the cluster. Absent settings have upstream's defaults. */
export interface ControllerSettings extends AccessSettings {
  /** The PEM bundle by which pods recognize the API server. */
  readonly authority: string
  /** Signs lasting tokens for secrets; without it such secrets stay empty. */
  readonly signToken?: (claims: LegacyClaims) => Promise<string>
  /** Ranges for pods; without one, nodes get no addresses from here. */
  readonly clusterCidrs?: readonly string[]
  readonly serviceCidrs?: readonly string[]
  /** The size of a node's part of the ranges: 24 and 64. */
  readonly nodeMaskSize?: { readonly ipv4: number; readonly ipv6: number }
  /** How long a node may be silent: 50,000. */
  readonly nodeMonitorGraceMs?: number
  /** How long a new node may take to report: 60,000. */
  readonly nodeStartupGraceMs?: number
  /** How many finished pods are kept: 12,500. */
  readonly finishedPodThreshold?: number
  /**
   * Before a namespace is emptied, for the sake of other API servers: 5,000; 0 where there is one.
   */
  readonly namespaceDeletionDelayMs?: number
}

/** All controllers under upstream's names, in upstream's order, and the one of our own last. */
export function controllerDefinitions(
  settings: ControllerSettings,
): readonly ControllerDefinition[] {
  return [
    ...tokens(settings),
    ...workloads(),
    ...namespaces(settings),
    ...nodes(settings),
    ...storage(),
    ...network(),
    ...accessDefinitions(settings),
    {
      name: 'validatingadmissionpolicy-status-controller',
      serviceAccount: 'validatingadmissionpolicy-status-controller',
      create: (context) => new ValidatingAdmissionPolicyStatusController(context),
    },
  ]
}

function tokens({ authority, signToken }: ControllerSettings): readonly ControllerDefinition[] {
  if (signToken === undefined) return []
  return [
    {
      name: 'serviceaccount-token-controller',
      create: (context) => new TokensController(context, { authority, sign: signToken }),
    },
  ]
}

function workloads(): readonly ControllerDefinition[] {
  return [
    {
      name: 'endpoints-controller',
      serviceAccount: 'endpoint-controller',
      eventSource: 'endpoint-controller',
      create: (context) => new EndpointsController(context),
    },
    {
      name: 'endpointslice-controller',
      serviceAccount: 'endpointslice-controller',
      eventSource: 'endpoint-slice-controller',
      create: (context) => new EndpointSliceController(context),
    },
    {
      name: 'endpointslice-mirroring-controller',
      serviceAccount: 'endpointslicemirroring-controller',
      eventSource: 'endpoint-slice-mirroring-controller',
      create: (context) => new EndpointSliceMirroringController(context),
    },
    {
      name: 'replicationcontroller-controller',
      serviceAccount: 'replication-controller',
      eventSource: 'replication-controller',
      create: (context) => new ReplicationControllerController(context),
    },
    {
      name: 'daemonset-controller',
      serviceAccount: 'daemon-set-controller',
      create: (context) => new DaemonSetController(context),
    },
    {
      name: 'deployment-controller',
      serviceAccount: 'deployment-controller',
      create: (context) => new DeploymentController(context),
    },
    {
      name: 'job-controller',
      serviceAccount: 'job-controller',
      create: (context) => new JobController(context),
    },
    {
      name: 'replicaset-controller',
      serviceAccount: 'replicaset-controller',
      create: (context) => new ReplicaSetController(context),
    },
    {
      name: 'disruption-controller',
      serviceAccount: 'disruption-controller',
      eventSource: 'controllermanager',
      create: (context) => new DisruptionController(context),
    },
    {
      name: 'statefulset-controller',
      serviceAccount: 'statefulset-controller',
      create: (context) => new StatefulSetController(context),
    },
    {
      name: 'cronjob-controller',
      serviceAccount: 'cronjob-controller',
      create: (context) => new CronJobController(context),
    },
    {
      name: 'ttl-after-finished-controller',
      serviceAccount: 'ttl-after-finished-controller',
      create: (context) => new TtlAfterFinishedController(context),
    },
  ]
}

function namespaces(settings: ControllerSettings): readonly ControllerDefinition[] {
  return [
    {
      name: 'pod-garbage-collector-controller',
      serviceAccount: 'pod-garbage-collector',
      create: (context) => new PodGcController(context, settings.finishedPodThreshold ?? 12_500),
    },
    {
      name: 'resourcequota-controller',
      serviceAccount: 'resourcequota-controller',
      create: (context) => new ResourceQuotaController(context),
    },
    {
      name: 'namespace-controller',
      serviceAccount: 'namespace-controller',
      create: (context) =>
        new NamespaceController(context, settings.namespaceDeletionDelayMs ?? 5_000),
    },
    {
      name: 'serviceaccount-controller',
      serviceAccount: 'service-account-controller',
      create: (context) => new ServiceAccountsController(context),
    },
    {
      name: 'garbage-collector-controller',
      serviceAccount: 'generic-garbage-collector',
      create: (context) => new GarbageCollector(context),
    },
    {
      name: 'clusterrole-aggregation-controller',
      serviceAccount: 'clusterrole-aggregation-controller',
      create: (context) => new ClusterRoleAggregationController(context),
    },
    {
      name: 'root-ca-certificate-publisher-controller',
      serviceAccount: 'root-ca-cert-publisher',
      create: (context) => new RootCaCertPublisher(context, settings.authority),
    },
  ]
}

function storage(): readonly ControllerDefinition[] {
  return [
    {
      name: 'persistentvolumeclaim-protection-controller',
      serviceAccount: 'pvc-protection-controller',
      create: (context) => new PvcProtectionController(context),
    },
    {
      name: 'persistentvolume-protection-controller',
      serviceAccount: 'pv-protection-controller',
      create: (context) => new PvProtectionController(context),
    },
    {
      name: 'volumeattributesclass-protection-controller',
      serviceAccount: 'volumeattributesclass-protection-controller',
      create: (context) => new VacProtectionController(context),
    },
  ]
}

function nodes(settings: ControllerSettings): readonly ControllerDefinition[] {
  const { clusterCidrs = [], serviceCidrs = [] } = settings
  const { nodeMaskSize = { ipv4: 24, ipv6: 64 } } = settings
  const ipam: ControllerDefinition = {
    name: 'node-ipam-controller',
    serviceAccount: 'node-controller',
    eventSource: 'cidrAllocator',
    create: (context) =>
      new NodeIpamController(context, { clusterCidrs, serviceCidrs, nodeMaskSize }),
  }
  return [
    ...(clusterCidrs.length > 0 ? [ipam] : []),
    {
      name: 'ttl-controller',
      serviceAccount: 'ttl-controller',
      create: (context) => new TtlController(context),
    },
    {
      name: 'node-lifecycle-controller',
      serviceAccount: 'node-controller',
      eventSource: 'node-controller',
      create: (context) =>
        new NodeLifecycleController(context, {
          monitorGraceMs: settings.nodeMonitorGraceMs ?? 50_000,
          startupGraceMs: settings.nodeStartupGraceMs ?? 60_000,
        }),
    },
    {
      name: 'taint-eviction-controller',
      serviceAccount: 'node-controller',
      create: (context) => new TaintEvictionController(context),
    },
  ]
}

function network(): readonly ControllerDefinition[] {
  return [
    {
      name: 'service-lb-controller',
      serviceAccount: 'service-controller',
      eventSource: 'service-controller',
      create: (context) => new ServiceLbController(context),
    },
    {
      name: 'service-cidr-controller',
      serviceAccount: 'service-cidrs-controller',
      eventSource: 'service-cidr-controller',
      create: (context) => new ServiceCidrsController(context),
    },
  ]
}
