import {
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
} from '../../../machinery/field-error.ts'
import { parseIp } from '../../../machinery/ip-address.ts'
import { subdomainNameErrors } from '../../../machinery/names.ts'
import { invalids, validateImmutable } from '../../../machinery/validate-object-meta.ts'
import type { Container } from './container.ts'
import {
  validateContainerUsers,
  validateDeviceHealth,
  validateNoDeviceHealth,
} from './container-status-validation.ts'
import { validateIp, validateQualifiedName } from './field-rules.ts'
import type { Pod } from './pod.ts'
import {
  validateClaimStatuses,
  validateExtendedClaimStatus,
} from './pod-claim-status-validation.ts'
import type { PodSpec } from './pod-spec.ts'
import { validateMirror } from './pod-update-validation.ts'
import { validatePodAnnotations } from './pod-validation.ts'

const STATUSES = [
  'containerStatuses',
  'initContainerStatuses',
  'ephemeralContainerStatuses',
] as const
const NOT_NEGATIVE = 'must be a non-negative integer'
const SYSTEM_CONDITIONS = ['PodScheduled', 'Ready', 'Initialized']

/** What a report of a pod's state may say. */
export function validatePodStatusUpdate(
  errors: FieldError[],
  pod: Pod,
  old: Pod,
  path: FieldPath,
): void {
  const { spec, status } = pod
  const statusPath = path.child('status')
  validateMirror(errors, pod, old, path.child('metadata', 'annotations'))
  validatePodAnnotations(errors, pod, path.child('metadata', 'annotations'))
  for (const [index, { type, observedGeneration = 0 }] of (status.conditions ?? []).entries()) {
    const at = statusPath.child('conditions').index(index)
    if (observedGeneration < 0) {
      errors.push(invalid(at.child('observedGeneration'), observedGeneration, NOT_NEGATIVE))
    }
    if (SYSTEM_CONDITIONS.includes(type)) continue
    errors.push(...validateQualifiedName(type, at.child('Type')))
  }
  if (spec.nodeName !== old.spec.nodeName) {
    errors.push(forbidden(statusPath.child('nodeName'), 'may not be changed directly'))
  }
  validateNomination(errors, pod, old, statusPath.child('nominatedNodeName'))
  const { observedGeneration = 0, qosClass } = status
  if (observedGeneration < 0) {
    errors.push(invalid(statusPath.child('observedGeneration'), observedGeneration, NOT_NEGATIVE))
  }
  errors.push(...validateImmutable(qosClass, old.status.qosClass, statusPath.child('qosClass')))
  validateTransitions(errors, pod, old, statusPath)
  validateClaims(errors, pod, statusPath)
  validateIps(errors, pod, old, statusPath)
  validateContainerStatuses(errors, pod, statusPath)
}

function validateClaims(errors: FieldError[], { spec, status }: Pod, path: FieldPath): void {
  const { resourceClaimStatuses = [], extendedResourceClaimStatus: extended } = status
  const claimsPath = path.child('resourceClaimStatuses')
  errors.push(...validateClaimStatuses(resourceClaimStatuses, spec, claimsPath))
  if (extended === undefined) return
  const extendedPath = path.child('extendedResourceClaimStatus')
  errors.push(...validateExtendedClaimStatus(extended, spec, extendedPath))
}

function validateContainerStatuses(
  errors: FieldError[],
  { spec, status }: Pod,
  path: FieldPath,
): void {
  const os = spec.os?.name ?? 'linux'
  for (const list of STATUSES) {
    errors.push(...validateContainerUsers(status[list] ?? [], os, path.child(list)))
  }
  const { containerStatuses, initContainerStatuses, ephemeralContainerStatuses } = status
  const { containers, initContainers = [] } = spec
  const initPath = path.child('initContainerStatuses')
  const ephemeralPath = path.child('ephemeralContainerStatuses')
  errors.push(
    ...validateDeviceHealth(containerStatuses ?? [], containers, path.child('containerStatuses')),
    ...validateDeviceHealth(initContainerStatuses ?? [], initContainers, initPath),
    ...validateNoDeviceHealth(ephemeralContainerStatuses ?? [], ephemeralPath),
  )
}

function validateNomination(errors: FieldError[], pod: Pod, old: Pod, path: FieldPath): void {
  const { nominatedNodeName: name = '' } = pod.status
  if (name === '' || name === old.status.nominatedNodeName) return
  errors.push(...invalids(path, name, subdomainNameErrors(name, false)))
  if (old.spec.nodeName) {
    errors.push(forbidden(path, 'may not be set on pods that are already bound to a node'))
  }
}

/** A container that has ended for good cannot run again. */
function validateTransitions(errors: FieldError[], pod: Pod, old: Pod, path: FieldPath): void {
  for (const list of STATUSES) {
    const before = old.status[list]
    if (before === undefined) continue
    const mayRunAgain = MAY_RUN_AGAIN[list]
    for (const [index, { name, state }] of before.entries()) {
      const terminated = state?.terminated
      if (terminated === undefined || mayRunAgain(old.spec, name, terminated.exitCode)) continue
      const now = pod.status[list]?.find((status) => status.name === name)
      if (now === undefined || now.state?.terminated !== undefined) continue
      const why = 'may not be transitioned to non-terminated state'
      errors.push(forbidden(path.child(list).index(index).child('state'), why))
    }
  }
}

/** Whether the container with a name may run again after an exit. */
type MayRunAgain = (spec: PodSpec, name: string, exitCode: number) => boolean

const MAY_RUN_AGAIN: Readonly<Record<(typeof STATUSES)[number], MayRunAgain>> = {
  containerStatuses(spec, name, exitCode) {
    if (restartsAll(spec)) return true
    const container = spec.containers.find((one) => one.name === name)
    return container !== undefined && mayRestart(container, spec.restartPolicy, exitCode)
  },
  initContainerStatuses(spec, name, exitCode) {
    if (spec.restartPolicy === 'Always' || restartsAll(spec)) return true
    const container = spec.initContainers?.find((one) => one.name === name)
    if (container?.restartPolicy === 'Always') return true
    return exitCode !== 0 && spec.restartPolicy === 'OnFailure'
  },
  ephemeralContainerStatuses: () => false,
}

function restartsAll({ containers, initContainers = [] }: PodSpec): boolean {
  return [...containers, ...initContainers].some(({ restartPolicyRules: rules = [] }) =>
    rules.some(({ action }) => action === 'RestartAllContainers'),
  )
}

function mayRestart(container: Container, podPolicy: string, exitCode: number): boolean {
  for (const { exitCodes } of container.restartPolicyRules ?? []) {
    const isListed = (exitCodes?.values ?? []).includes(exitCode)
    if (exitCodes !== undefined && isListed === (exitCodes.operator === 'In')) return true
  }
  const policy = container.restartPolicy ?? podPolicy
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}

/** One address of each family; what was there before is not questioned. */
function validateIps(errors: FieldError[], { status }: Pod, old: Pod, path: FieldPath): void {
  for (const list of ['podIPs', 'hostIPs'] as const) {
    if (status[list] === undefined) continue
    const addresses = status[list].map(({ ip = '' }) => ip)
    const known = (old.status[list] ?? []).map(({ ip = '' }) => ip)
    const listPath = path.child(list)
    if (list === 'hostIPs' && addresses.length > 0 && status.hostIP !== addresses[0]) {
      errors.push(invalid(listPath.index(0).child('ip'), addresses[0], 'must be equal to `hostIP`'))
    }
    for (const [index, address] of addresses.entries()) {
      if (!known.includes(address)) errors.push(...validateIp(address, listPath.index(index)))
    }
    if (addresses.length > 1 && !areOfBothFamilies(addresses)) {
      const why = 'may specify no more than one IP for each IP family'
      errors.push(invalid(listPath, status[list], why))
    }
  }
}

function areOfBothFamilies(addresses: readonly string[]): boolean {
  const families = new Set(addresses.map((address) => parseIp(address)?.family))
  return addresses.length === 2 && families.size === 2
}
