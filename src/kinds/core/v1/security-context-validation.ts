import {
  duplicate,
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../../machinery/field-error.ts'
import { validateDescendingPath, validateId } from './field-rules.ts'
import type { PodSpec } from './pod-spec.ts'
import type {
  AppArmorProfile,
  SeccompProfile,
  SecurityContext,
  Sysctl,
} from './security-context.ts'
import { validateWindowsOptions } from './windows-validation.ts'

type PolicyName = 'fsGroupChangePolicy' | 'supplementalGroupsPolicy' | 'seLinuxChangePolicy'

const IDS = ['fsGroup', 'runAsUser', 'runAsGroup'] as const
const POLICIES: Readonly<Record<PolicyName, readonly string[]>> = {
  fsGroupChangePolicy: ['Always', 'OnRootMismatch'],
  supplementalGroupsPolicy: ['Merge', 'Strict'],
  // `MountOption` belongs to a feature that is off by default.
  seLinuxChangePolicy: ['Recursive'],
}
const PROC_MOUNTS = ['Default', 'Unmasked']
const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined']
const MOST_PROFILE_CHARACTERS = 4095
const MOST_SYSCTL_CHARACTERS = 253
const SYSCTL_SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const SYSCTL_PATTERN = `^(${SYSCTL_SEGMENT}[\\./])*${SYSCTL_SEGMENT}$`
const SYSCTL = new RegExp(SYSCTL_PATTERN)
const IPC_SYSCTL = /^(?:kernel[./](?:sem|shm|msg)|fs[./]mqueue[./])/

/** `isOnHostUsers`: the container's users are those of the node. */
export function validateSecurityContext(
  errors: FieldError[],
  context: SecurityContext,
  isOnHostUsers: boolean,
  path: FieldPath,
): void {
  const { runAsUser, runAsGroup, procMount, seccompProfile, appArmorProfile } = context
  if (runAsUser !== undefined) errors.push(...validateId(runAsUser, path.child('runAsUser')))
  if (runAsGroup !== undefined) errors.push(...validateId(runAsGroup, path.child('runAsGroup')))
  if (procMount !== undefined) {
    if (!PROC_MOUNTS.includes(procMount)) {
      errors.push(notSupported(path.child('procMount'), procMount, PROC_MOUNTS))
    }
    if (isOnHostUsers && procMount === 'Unmasked') {
      const why = '`hostUsers` must be false to use `Unmasked`'
      errors.push(invalid(path.child('procMount'), procMount, why))
    }
  }
  if (seccompProfile) validateSeccomp(errors, seccompProfile, path.child('seccompProfile'))
  validateEscalation(errors, context, path)
  const { windowsOptions } = context
  if (windowsOptions) validateWindowsOptions(errors, windowsOptions, path.child('windowsOptions'))
  if (appArmorProfile) validateAppArmor(errors, appArmorProfile, path.child('appArmorProfile'))
}

/** What is privileged anyway cannot be kept from escalating. */
function validateEscalation(errors: FieldError[], context: SecurityContext, path: FieldPath): void {
  if (context.allowPrivilegeEscalation !== false) return
  const prefix = 'cannot set `allowPrivilegeEscalation` to false and'
  if (context.privileged === true)
    errors.push(invalid(path, context, `${prefix} \`privileged\` to true`))
  if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) {
    errors.push(invalid(path, context, `${prefix} \`capabilities.Add\` CAP_SYS_ADMIN`))
  }
}

export function validatePodSecurityContext(
  errors: FieldError[],
  spec: PodSpec,
  path: FieldPath,
): void {
  const context = spec.securityContext
  const { supplementalGroups, sysctls, seccompProfile, appArmorProfile, windowsOptions } = context
  for (const name of IDS) {
    const id = context[name]
    if (id !== undefined) errors.push(...validateId(id, path.child(name)))
  }
  for (const [index, id] of (supplementalGroups ?? []).entries()) {
    errors.push(...validateId(id, path.child('supplementalGroups').index(index)))
  }
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    const why = 'ShareProcessNamespace and HostPID cannot both be enabled'
    errors.push(invalid(path.child('shareProcessNamespace'), true, why))
  }
  if (sysctls) validateSysctls(errors, sysctls, spec, path.child('sysctls'))
  validatePolicy(errors, context, 'fsGroupChangePolicy', path)
  if (seccompProfile) validateSeccomp(errors, seccompProfile, path.child('seccompProfile'))
  if (windowsOptions) validateWindowsOptions(errors, windowsOptions, path.child('windowsOptions'))
  if (appArmorProfile) validateAppArmor(errors, appArmorProfile, path.child('appArmorProfile'))
  validatePolicy(errors, context, 'supplementalGroupsPolicy', path)
  validatePolicy(errors, context, 'seLinuxChangePolicy', path)
}

/** Without user namespaces of its own a pod may not use certain things of the host with them. */
export function validateHostUsers(errors: FieldError[], spec: PodSpec, path: FieldPath): void {
  if (spec.hostUsers !== false) return
  const why = 'when `hostUsers` is false'
  if (spec.hostNetwork === true) errors.push(forbidden(path.child('hostNetwork'), why))
  if (spec.hostPID === true) errors.push(forbidden(path.child('HostPID'), why))
  if (spec.hostIPC === true) errors.push(forbidden(path.child('HostIPC'), why))
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [index, { volumeDevices = [] }] of (spec[list] ?? []).entries()) {
      if (volumeDevices.length === 0) continue
      errors.push(forbidden(path.child(list).index(index).child('volumeDevices'), why))
    }
  }
}

function validateSysctls(
  errors: FieldError[],
  sysctls: readonly Sysctl[],
  { hostNetwork, hostIPC }: PodSpec,
  path: FieldPath,
): void {
  const names = new Set<string>()
  for (const [index, { name }] of sysctls.entries()) {
    const namePath = path.index(index).child('name')
    if (name === '') errors.push(required(namePath))
    else if (name.length > MOST_SYSCTL_CHARACTERS || !SYSCTL.test(name)) {
      const most = `must have at most ${MOST_SYSCTL_CHARACTERS} characters`
      errors.push(invalid(namePath, name, `${most} and match regex ${SYSCTL_PATTERN}`))
    } else if (names.has(name)) errors.push(duplicate(namePath, name))
    if (hostNetwork === true && /^net[./]/.test(name)) {
      errors.push(invalid(namePath, name, "may not be specified when 'hostNetwork' is true"))
    } else if (hostIPC === true && IPC_SYSCTL.test(name)) {
      errors.push(invalid(namePath, name, "may not be specified when 'hostIPC' is true"))
    }
    names.add(name)
  }
}

function validateSeccomp(errors: FieldError[], profile: SeccompProfile, path: FieldPath): void {
  const { type, localhostProfile } = profile
  if (!type)
    errors.push(required(path.child('type'), 'type is required when seccompProfile is set'))
  else if (!PROFILE_TYPES.includes(type))
    errors.push(notSupported(path.child('type'), type, PROFILE_TYPES))
  const profilePath = path.child('localhostProfile')
  if (type !== 'Localhost') {
    if (localhostProfile === undefined) return
    errors.push(invalid(profilePath, profile, 'can only be set when seccomp type is Localhost'))
  } else if (localhostProfile === undefined) {
    errors.push(required(profilePath, 'must be set when seccomp type is Localhost'))
  } else errors.push(...validateDescendingPath(localhostProfile, profilePath))
}

function validateAppArmor(errors: FieldError[], profile: AppArmorProfile, path: FieldPath): void {
  const { type, localhostProfile } = profile
  const profilePath = path.child('localhostProfile')
  if (type === 'Localhost') validateAppArmorName(errors, localhostProfile, profilePath)
  else if (!type)
    errors.push(required(path.child('type'), 'type is required when appArmorProfile is set'))
  else if (!PROFILE_TYPES.includes(type))
    errors.push(notSupported(path.child('type'), type, PROFILE_TYPES))
  else if (localhostProfile !== undefined) {
    const why = 'can only be set when AppArmor type is Localhost'
    errors.push(invalid(profilePath, localhostProfile, why))
  }
}

function validateAppArmorName(
  errors: FieldError[],
  name: string | undefined,
  path: FieldPath,
): void {
  const missing = 'must be set when AppArmor type is Localhost'
  if (name === undefined) {
    errors.push(required(path, missing))
    return
  }
  if (name.trim() !== name) errors.push(invalid(path, name, 'must not be padded with whitespace'))
  else if (name === '') errors.push(required(path, missing))
  if (name.length > MOST_PROFILE_CHARACTERS) errors.push(tooLong(path, MOST_PROFILE_CHARACTERS))
}

function validatePolicy(
  errors: FieldError[],
  context: PodSpec['securityContext'],
  name: PolicyName,
  path: FieldPath,
): void {
  const policy = context[name]
  if (policy === undefined || POLICIES[name].includes(policy)) return
  errors.push(notSupported(path.child(name), policy, POLICIES[name]))
}
