// What containers and pods use.
import {
  boxedUint64,
  type Decoded,
  double,
  exactInt64,
  type Given,
  many,
  map,
  message,
  one,
  string,
  uint64,
} from '../../base/protobuf/message.ts'
import { containerMetadata } from './container.ts'
import { filesystemUsage } from './image.ts'
import { podSandboxMetadata } from './sandbox.ts'

const psiData = message('PsiData', {
  total: uint64(1),
  avg10: double(2),
  avg60: double(3),
  avg300: double(4),
})
export interface PsiData extends Decoded<typeof psiData> {}

const psiStats = message('PsiStats', {
  full: one(1, psiData),
  some: one(2, psiData),
})
export interface PsiStats extends Decoded<typeof psiStats> {}

export const cpuUsage = message('CpuUsage', {
  timestamp: exactInt64(1),
  usageCoreNanoSeconds: boxedUint64(2),
  usageNanoCores: boxedUint64(3),
  psi: one(4, psiStats),
})
export interface CpuUsage extends Decoded<typeof cpuUsage> {}

export const memoryUsage = message('MemoryUsage', {
  timestamp: exactInt64(1),
  workingSetBytes: boxedUint64(2),
  availableBytes: boxedUint64(3),
  usageBytes: boxedUint64(4),
  rssBytes: boxedUint64(5),
  pageFaults: boxedUint64(6),
  majorPageFaults: boxedUint64(7),
  psi: one(8, psiStats),
})
export interface MemoryUsage extends Decoded<typeof memoryUsage> {}

const swapUsage = message('SwapUsage', {
  timestamp: exactInt64(1),
  swapAvailableBytes: boxedUint64(2),
  swapUsageBytes: boxedUint64(3),
})
export interface SwapUsage extends Decoded<typeof swapUsage> {}

const ioUsage = message('IoUsage', {
  timestamp: exactInt64(1),
  psi: one(2, psiStats),
})
export interface IoUsage extends Decoded<typeof ioUsage> {}

const networkInterfaceUsage = message('NetworkInterfaceUsage', {
  name: string(1),
  rxBytes: boxedUint64(2),
  rxErrors: boxedUint64(3),
  txBytes: boxedUint64(4),
  txErrors: boxedUint64(5),
})
export interface NetworkInterfaceUsage extends Decoded<typeof networkInterfaceUsage> {}

const networkUsage = message('NetworkUsage', {
  timestamp: exactInt64(1),
  defaultInterface: one(2, networkInterfaceUsage),
  interfaces: many(3, networkInterfaceUsage),
})
export interface NetworkUsage extends Decoded<typeof networkUsage> {}

const processUsage = message('ProcessUsage', {
  timestamp: exactInt64(1),
  processCount: boxedUint64(2),
})
export interface ProcessUsage extends Decoded<typeof processUsage> {}

const containerAttributes = message('ContainerAttributes', {
  id: string(1),
  metadata: one(2, containerMetadata),
  labels: map(3),
  annotations: map(4),
})
export interface ContainerAttributes extends Decoded<typeof containerAttributes> {}

export const containerStats = message('ContainerStats', {
  attributes: one(1, containerAttributes),
  cpu: one(2, cpuUsage),
  memory: one(3, memoryUsage),
  writableLayer: one(4, filesystemUsage),
  swap: one(5, swapUsage),
  io: one(6, ioUsage),
})
export interface ContainerStats extends Decoded<typeof containerStats> {}

export const containerStatsFilter = message('ContainerStatsFilter', {
  id: string(1),
  podSandboxId: string(2),
  labelSelector: map(3),
})
export interface ContainerStatsFilter extends Given<typeof containerStatsFilter> {}

const podSandboxAttributes = message('PodSandboxAttributes', {
  id: string(1),
  metadata: one(2, podSandboxMetadata),
  labels: map(3),
  annotations: map(4),
})
export interface PodSandboxAttributes extends Decoded<typeof podSandboxAttributes> {}

const linuxPodSandboxStats = message('LinuxPodSandboxStats', {
  cpu: one(1, cpuUsage),
  memory: one(2, memoryUsage),
  network: one(3, networkUsage),
  process: one(4, processUsage),
  containers: many(5, containerStats),
  io: one(6, ioUsage),
})
export interface LinuxPodSandboxStats extends Decoded<typeof linuxPodSandboxStats> {}

export const podSandboxStats = message('PodSandboxStats', {
  attributes: one(1, podSandboxAttributes),
  linux: one(2, linuxPodSandboxStats),
})
export interface PodSandboxStats extends Decoded<typeof podSandboxStats> {}

export const podSandboxStatsFilter = message('PodSandboxStatsFilter', {
  id: string(1),
  labelSelector: map(2),
})
export interface PodSandboxStatsFilter extends Given<typeof podSandboxStatsFilter> {}
