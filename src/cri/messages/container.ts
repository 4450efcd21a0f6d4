// Containers: what is asked for and what stands.
import {
  bool,
  boxedInt64,
  bytes,
  type Decoded,
  exactInt64,
  type Given,
  int32,
  int64,
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
import { containerStates, mountPropagations, signals, supplementalGroupsPolicies } from './enums.ts'
import { imageSpec } from './image.ts'
import {
  capability,
  containerResources,
  idMapping,
  linuxContainerResources,
  namespaceOption,
  securityProfile,
  seLinuxOption,
} from './resources.ts'

export const containerMetadata = message('ContainerMetadata', {
  name: string(1),
  attempt: uint32(2),
})
export interface ContainerMetadata extends Decoded<typeof containerMetadata> {}

export const keyValue = message('KeyValue', {
  key: string(1),
  value: bytes(2),
})
export interface KeyValue extends Given<typeof keyValue> {}

export const mount = message('Mount', {
  containerPath: string(1),
  hostPath: string(2),
  readonly: bool(3),
  selinuxRelabel: bool(4),
  propagation: oneOf(5, mountPropagations),
  uidMappings: many(6, idMapping),
  gidMappings: many(7, idMapping),
  recursiveReadOnly: bool(8),
  image: one(9, imageSpec),
  imageSubPath: string(10),
})
export interface Mount extends Given<typeof mount> {}

export const device = message('Device', {
  containerPath: string(1),
  hostPath: string(2),
  permissions: string(3),
})
export interface Device extends Given<typeof device> {}

const cdiDevice = message('CDIDevice', {
  name: string(1),
})
export interface CDIDevice extends Given<typeof cdiDevice> {}

const linuxContainerSecurityContext = message('LinuxContainerSecurityContext', {
  capabilities: one(1, capability),
  privileged: bool(2),
  namespaceOptions: one(3, namespaceOption),
  selinuxOptions: one(4, seLinuxOption),
  runAsUser: boxedInt64(5),
  runAsGroup: boxedInt64(12),
  runAsUsername: string(6),
  readonlyRootfs: bool(7),
  supplementalGroups: int64s(8),
  supplementalGroupsPolicy: oneOf(17, supplementalGroupsPolicies),
  noNewPrivs: bool(11),
  maskedPaths: strings(13),
  readonlyPaths: strings(14),
  seccomp: one(15, securityProfile),
  apparmor: one(16, securityProfile),
})
export interface LinuxContainerSecurityContext
  extends Given<typeof linuxContainerSecurityContext> {}

const linuxContainerConfig = message('LinuxContainerConfig', {
  resources: one(1, linuxContainerResources),
  securityContext: one(2, linuxContainerSecurityContext),
})
export interface LinuxContainerConfig extends Given<typeof linuxContainerConfig> {}

export const containerConfig = message('ContainerConfig', {
  metadata: one(1, containerMetadata),
  image: one(2, imageSpec),
  command: strings(3),
  args: strings(4),
  workingDir: string(5),
  envs: many(6, keyValue),
  mounts: many(7, mount),
  devices: many(8, device),
  labels: map(9),
  annotations: map(10),
  logPath: string(11),
  stdin: bool(12),
  stdinOnce: bool(13),
  tty: bool(14),
  linux: one(15, linuxContainerConfig),
  cdiDevices: many(17, cdiDevice),
  stopSignal: oneOf(18, signals),
})
export interface ContainerConfig extends Given<typeof containerConfig> {}

const containerStateValue = message('ContainerStateValue', {
  state: oneOf(1, containerStates),
})
export interface ContainerStateValue extends Given<typeof containerStateValue> {}

export const containerFilter = message('ContainerFilter', {
  id: string(1),
  state: one(2, containerStateValue),
  podSandboxId: string(3),
  labelSelector: map(4),
})
export interface ContainerFilter extends Given<typeof containerFilter> {}

export const container = message('Container', {
  id: string(1),
  podSandboxId: string(2),
  metadata: one(3, containerMetadata),
  image: one(4, imageSpec),
  imageRef: string(5),
  state: oneOf(6, containerStates),
  createdAt: exactInt64(7),
  labels: map(8),
  annotations: map(9),
  imageId: string(10),
})
export interface Container extends Decoded<typeof container> {}

const linuxContainerUser = message('LinuxContainerUser', {
  uid: int64(1),
  gid: int64(2),
  supplementalGroups: int64s(3),
})
export interface LinuxContainerUser extends Decoded<typeof linuxContainerUser> {}

const containerUser = message('ContainerUser', {
  linux: one(1, linuxContainerUser),
})
export interface ContainerUser extends Decoded<typeof containerUser> {}

export const containerStatus = message('ContainerStatus', {
  id: string(1),
  metadata: one(2, containerMetadata),
  state: oneOf(3, containerStates),
  createdAt: exactInt64(4),
  startedAt: exactInt64(5),
  finishedAt: exactInt64(6),
  exitCode: int32(7),
  image: one(8, imageSpec),
  imageRef: string(9),
  reason: string(10),
  message: string(11),
  labels: map(12),
  annotations: map(13),
  mounts: many(14, mount),
  logPath: string(15),
  resources: one(16, containerResources),
  imageId: string(17),
  user: one(18, containerUser),
  stopSignal: oneOf(19, signals),
})
export interface ContainerStatus extends Decoded<typeof containerStatus> {}
