// Constraints on what a container or a pod may use, and on what it may do.
import {
  type Given,
  int64,
  many,
  map,
  message,
  one,
  oneOf,
  string,
  strings,
  uint32,
  uint64,
} from '../../base/protobuf/message.ts'
import { namespaceModes, profileTypes } from './enums.ts'

const hugepageLimit = message('HugepageLimit', {
  pageSize: string(1),
  limit: uint64(2),
})
export interface HugepageLimit extends Given<typeof hugepageLimit> {}

export const linuxContainerResources = message('LinuxContainerResources', {
  cpuPeriod: int64(1),
  cpuQuota: int64(2),
  cpuShares: int64(3),
  memoryLimitInBytes: int64(4),
  oomScoreAdj: int64(5),
  cpusetCpus: string(6),
  cpusetMems: string(7),
  hugepageLimits: many(8, hugepageLimit),
  unified: map(9),
  memorySwapLimitInBytes: int64(10),
})
export interface LinuxContainerResources extends Given<typeof linuxContainerResources> {}

export const containerResources = message('ContainerResources', {
  linux: one(1, linuxContainerResources),
})
export interface ContainerResources extends Given<typeof containerResources> {}

export const idMapping = message('IDMapping', {
  hostId: uint32(1),
  containerId: uint32(2),
  length: uint32(3),
})
export interface IDMapping extends Given<typeof idMapping> {}

const userNamespace = message('UserNamespace', {
  mode: oneOf(1, namespaceModes),
  uids: many(2, idMapping),
  gids: many(3, idMapping),
})
export interface UserNamespace extends Given<typeof userNamespace> {}

export const namespaceOption = message('NamespaceOption', {
  network: oneOf(1, namespaceModes),
  pid: oneOf(2, namespaceModes),
  ipc: oneOf(3, namespaceModes),
  targetId: string(4),
  usernsOptions: one(5, userNamespace),
})
export interface NamespaceOption extends Given<typeof namespaceOption> {}

export const seLinuxOption = message('SELinuxOption', {
  user: string(1),
  role: string(2),
  type: string(3),
  level: string(4),
})
export interface SELinuxOption extends Given<typeof seLinuxOption> {}

export const securityProfile = message('SecurityProfile', {
  profileType: oneOf(1, profileTypes),
  localhostRef: string(2),
})
export interface SecurityProfile extends Given<typeof securityProfile> {}

export const capability = message('Capability', {
  addCapabilities: strings(1),
  dropCapabilities: strings(2),
  addAmbientCapabilities: strings(3),
})
export interface Capability extends Given<typeof capability> {}
