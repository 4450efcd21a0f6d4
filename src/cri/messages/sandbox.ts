// Pod sandboxes: what is asked for and what stands.
import {
  bool,
  boxedInt64,
  type Decoded,
  exactInt64,
  type Given,
  int32,
  int64s,
  many,
  map,
  message,
  one,
  oneOf,
  string,
  strings,
  uint32,
} from '../../base/protobuf/message.ts'
import { podSandboxStates, protocols, supplementalGroupsPolicies } from './enums.ts'
import {
  linuxContainerResources,
  namespaceOption,
  securityProfile,
  seLinuxOption,
} from './resources.ts'

export const podSandboxMetadata = message('PodSandboxMetadata', {
  name: string(1),
  uid: string(2),
  namespace: string(3),
  attempt: uint32(4),
})
export interface PodSandboxMetadata extends Decoded<typeof podSandboxMetadata> {}

export const dnsConfig = message('DNSConfig', {
  servers: strings(1),
  searches: strings(2),
  options: strings(3),
})
export interface DNSConfig extends Given<typeof dnsConfig> {}

const portMapping = message('PortMapping', {
  protocol: oneOf(1, protocols),
  containerPort: int32(2),
  hostPort: int32(3),
  hostIp: string(4),
})
export interface PortMapping extends Given<typeof portMapping> {}

const linuxSandboxSecurityContext = message('LinuxSandboxSecurityContext', {
  namespaceOptions: one(1, namespaceOption),
  selinuxOptions: one(2, seLinuxOption),
  runAsUser: boxedInt64(3),
  runAsGroup: boxedInt64(8),
  readonlyRootfs: bool(4),
  supplementalGroups: int64s(5),
  supplementalGroupsPolicy: oneOf(11, supplementalGroupsPolicies),
  privileged: bool(6),
  seccomp: one(9, securityProfile),
  apparmor: one(10, securityProfile),
})
export interface LinuxSandboxSecurityContext extends Given<typeof linuxSandboxSecurityContext> {}

const linuxPodSandboxConfig = message('LinuxPodSandboxConfig', {
  cgroupParent: string(1),
  securityContext: one(2, linuxSandboxSecurityContext),
  sysctls: map(3),
  overhead: one(4, linuxContainerResources),
  resources: one(5, linuxContainerResources),
})
export interface LinuxPodSandboxConfig extends Given<typeof linuxPodSandboxConfig> {}

export const podSandboxConfig = message('PodSandboxConfig', {
  metadata: one(1, podSandboxMetadata),
  hostname: string(2),
  logDirectory: string(3),
  dnsConfig: one(4, dnsConfig),
  portMappings: many(5, portMapping),
  labels: map(6),
  annotations: map(7),
  linux: one(8, linuxPodSandboxConfig),
})
export interface PodSandboxConfig extends Given<typeof podSandboxConfig> {}

export const podIP = message('PodIP', {
  ip: string(1),
})
export interface PodIP extends Decoded<typeof podIP> {}

const podSandboxNetworkStatus = message('PodSandboxNetworkStatus', {
  ip: string(1),
  additionalIps: many(2, podIP),
})
export interface PodSandboxNetworkStatus extends Decoded<typeof podSandboxNetworkStatus> {}

export const namespace = message('Namespace', {
  options: one(2, namespaceOption),
})
export interface Namespace extends Decoded<typeof namespace> {}

const linuxPodSandboxStatus = message('LinuxPodSandboxStatus', {
  namespaces: one(1, namespace),
})
export interface LinuxPodSandboxStatus extends Decoded<typeof linuxPodSandboxStatus> {}

export const podSandboxStatus = message('PodSandboxStatus', {
  id: string(1),
  metadata: one(2, podSandboxMetadata),
  state: oneOf(3, podSandboxStates),
  createdAt: exactInt64(4),
  network: one(5, podSandboxNetworkStatus),
  linux: one(6, linuxPodSandboxStatus),
  labels: map(7),
  annotations: map(8),
  runtimeHandler: string(9),
})
export interface PodSandboxStatus extends Decoded<typeof podSandboxStatus> {}

const podSandboxStateValue = message('PodSandboxStateValue', {
  state: oneOf(1, podSandboxStates),
})
export interface PodSandboxStateValue extends Given<typeof podSandboxStateValue> {}

export const podSandboxFilter = message('PodSandboxFilter', {
  id: string(1),
  state: one(2, podSandboxStateValue),
  labelSelector: map(3),
})
export interface PodSandboxFilter extends Given<typeof podSandboxFilter> {}

export const podSandbox = message('PodSandbox', {
  id: string(1),
  metadata: one(2, podSandboxMetadata),
  state: oneOf(3, podSandboxStates),
  createdAt: exactInt64(4),
  labels: map(5),
  annotations: map(6),
  runtimeHandler: string(7),
})
export interface PodSandbox extends Decoded<typeof podSandbox> {}
