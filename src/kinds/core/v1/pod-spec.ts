import { type Infer, s } from '../../../machinery/schema.ts'
import { Affinity, TopologySpreadConstraint } from './affinity.ts'
import { Container, EphemeralContainer } from './container.ts'
import { LocalObjectReference } from './object-reference.ts'
import { ResourceRequirements } from './resources.ts'
import { PodSecurityContext } from './security-context.ts'
import { Toleration } from './toleration.ts'
import { Volume } from './volume.ts'

/** A line of the hosts file. */
export const HostAlias = s.struct('core.v1.HostAlias', {
  ip: s.string(),
  hostnames: s.list(s.string(), { listType: 'atomic' }).optional(),
})
export interface HostAlias extends Infer<typeof HostAlias> {}

/** An option of the resolver. */
export const PodDNSConfigOption = s.struct('core.v1.PodDNSConfigOption', {
  name: s.string().optional(),
  value: s.string().optional().pointer(),
})
export interface PodDNSConfigOption extends Infer<typeof PodDNSConfigOption> {}

/** Additions to the resolver configuration that the DNS policy gives. */
export const PodDNSConfig = s.struct('core.v1.PodDNSConfig', {
  nameservers: s.list(s.string(), { listType: 'atomic' }).optional(),
  searches: s.list(s.string(), { listType: 'atomic' }).optional(),
  options: s.list(PodDNSConfigOption, { listType: 'atomic' }).optional(),
})
export interface PodDNSConfig extends Infer<typeof PodDNSConfig> {}

/** The operating system that the containers are made for. */
export const PodOS = s.struct('core.v1.PodOS', {
  name: s.string(),
})
export interface PodOS extends Infer<typeof PodOS> {}

/** A condition that must be true for the pod to be ready. */
export const PodReadinessGate = s.struct('core.v1.PodReadinessGate', {
  conditionType: s.string(),
})
export interface PodReadinessGate extends Infer<typeof PodReadinessGate> {}

/** A claim on devices under the name that containers use for it. */
export const PodResourceClaim = s.struct('core.v1.PodResourceClaim', {
  name: s.string(),
  resourceClaimName: s.string().optional().pointer(),
  resourceClaimTemplateName: s.string().optional().pointer(),
})
export interface PodResourceClaim extends Infer<typeof PodResourceClaim> {}

/** A reason not to schedule the pod yet. */
export const PodSchedulingGate = s.struct('core.v1.PodSchedulingGate', {
  name: s.string(),
})
export interface PodSchedulingGate extends Infer<typeof PodSchedulingGate> {}

/** The group of pods that is scheduled together with this one. */
export const PodSchedulingGroup = s.struct(
  'core.v1.PodSchedulingGroup',
  {
    podGroupName: s.string().optional().pointer(),
  },
  { union: { fields: { podGroupName: 'PodGroupName' } } },
)
export interface PodSchedulingGroup extends Infer<typeof PodSchedulingGroup> {}

/** What a pod runs, where it may run and what its containers share. */
export const PodSpec = s.struct('core.v1.PodSpec', {
  volumes: s
    .list(Volume, {
      listType: 'map',
      listMapKeys: ['name'],
      patchStrategy: 'merge,retainKeys',
      patchMergeKey: 'name',
    })
    .optional(),
  initContainers: s
    .list(Container, {
      listType: 'map',
      listMapKeys: ['name'],
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    })
    .optional(),
  containers: s.list(Container, {
    listType: 'map',
    listMapKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
  ephemeralContainers: s
    .list(EphemeralContainer, {
      listType: 'map',
      listMapKeys: ['name'],
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    })
    .optional(),
  restartPolicy: s.oneOf('Always', 'Never', 'OnFailure').default('Always'),
  terminationGracePeriodSeconds: s.int64().default(30).pointer(),
  activeDeadlineSeconds: s.int64().optional().pointer(),
  dnsPolicy: s
    .oneOf('ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None')
    .default('ClusterFirst'),
  nodeSelector: s.map(s.string(), { mapType: 'atomic' }).optional(),
  serviceAccountName: s.string().optional(),
  serviceAccount: s.string().optional(),
  automountServiceAccountToken: s.bool().optional().pointer(),
  nodeName: s.string().optional(),
  hostNetwork: s.bool().optional(),
  hostPID: s.bool().optional(),
  hostIPC: s.bool().optional(),
  shareProcessNamespace: s.bool().optional().pointer(),
  securityContext: PodSecurityContext.default({}).pointer(),
  imagePullSecrets: s
    .list(LocalObjectReference, {
      listType: 'map',
      listMapKeys: ['name'],
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    })
    .optional(),
  hostname: s.string().optional(),
  subdomain: s.string().optional(),
  affinity: Affinity.optional(),
  schedulerName: s.string().default('default-scheduler'),
  tolerations: s.list(Toleration, { listType: 'atomic' }).optional(),
  hostAliases: s
    .list(HostAlias, {
      listType: 'map',
      listMapKeys: ['ip'],
      patchStrategy: 'merge',
      patchMergeKey: 'ip',
    })
    .optional(),
  priorityClassName: s.string().optional(),
  priority: s.int32().optional().pointer(),
  dnsConfig: PodDNSConfig.optional(),
  readinessGates: s.list(PodReadinessGate, { listType: 'atomic' }).optional(),
  runtimeClassName: s.string().optional().pointer(),
  enableServiceLinks: s.bool().optional().pointer(),
  preemptionPolicy: s.oneOf('Never', 'PreemptLowerPriority').optional().pointer(),
  overhead: s.map(s.quantity()).optional(),
  topologySpreadConstraints: s
    .list(TopologySpreadConstraint, {
      listType: 'map',
      listMapKeys: ['topologyKey', 'whenUnsatisfiable'],
      patchStrategy: 'merge',
      patchMergeKey: 'topologyKey',
    })
    .optional(),
  setHostnameAsFQDN: s.bool().optional().pointer(),
  os: PodOS.optional(),
  hostUsers: s.bool().optional().pointer(),
  schedulingGates: s
    .list(PodSchedulingGate, {
      listType: 'map',
      listMapKeys: ['name'],
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    })
    .optional(),
  resourceClaims: s
    .list(PodResourceClaim, {
      listType: 'map',
      listMapKeys: ['name'],
      patchStrategy: 'merge,retainKeys',
      patchMergeKey: 'name',
    })
    .optional(),
  resources: ResourceRequirements.optional(),
  hostnameOverride: s.string().optional().pointer(),
  schedulingGroup: PodSchedulingGroup.optional(),
})
export interface PodSpec extends Infer<typeof PodSpec> {}
