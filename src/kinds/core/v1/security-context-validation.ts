import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../../machinery/field-error.ts'
import { userIdErrors } from '../../../machinery/names.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import { validateDescendingPath } from './field-rules.ts'
import type { PodSpec } from './pod-spec.ts'
import type {
  AppArmorProfile,
  SeccompProfile,
  SecurityContext,
  Sysctl,
} from './security-context.ts'

const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined']
const MOST_PROFILE_CHARACTERS = 4095
const MOST_SYSCTL_CHARACTERS = 253
const SYSCTL_SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const SYSCTL_PATTERN = `^(${SYSCTL_SEGMENT}[\\./])*${SYSCTL_SEGMENT}$`
const SYSCTL = new RegExp(SYSCTL_PATTERN)
const IPC_SYSCTL = /^(?:kernel[./](?:sem|shm|msg)|fs[./]mqueue[./])/

/** `isOnHostUsers`: the container's users are those of the node. */
export function* validateSecurityContext(
  context: SecurityContext,
  isOnHostUsers: boolean,
  path: FieldPath,
): FieldErrors {
  const { runAsUser, runAsGroup, procMount, seccompProfile, appArmorProfile } = context
  if (runAsUser !== undefined) yield* validateId(runAsUser, path.child('runAsUser'))
  if (runAsGroup !== undefined) yield* validateId(runAsGroup, path.child('runAsGroup'))
  if (procMount !== undefined) {
    if (!['Default', 'Unmasked'].includes(procMount)) {
      yield notSupported(path.child('procMount'), procMount, ['Default', 'Unmasked'])
    }
    if (isOnHostUsers && procMount === 'Unmasked') {
      const why = '`hostUsers` must be false to use `Unmasked`'
      yield invalid(path.child('procMount'), procMount, why)
    }
  }
  if (seccompProfile) yield* validateSeccomp(seccompProfile, path.child('seccompProfile'))
  yield* validateEscalation(context, path)
  if (appArmorProfile) yield* validateAppArmor(appArmorProfile, path.child('appArmorProfile'))
}

/** What is privileged anyway cannot be kept from escalating. */
function* validateEscalation(context: SecurityContext, path: FieldPath): FieldErrors {
  if (context.allowPrivilegeEscalation !== false) return
  const prefix = 'cannot set `allowPrivilegeEscalation` to false and'
  if (context.privileged === true) yield invalid(path, context, `${prefix} \`privileged\` to true`)
  if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) {
    yield invalid(path, context, `${prefix} \`capabilities.Add\` CAP_SYS_ADMIN`)
  }
}

export function* validatePodSecurityContext(spec: PodSpec, path: FieldPath): FieldErrors {
  const context = spec.securityContext
  for (const name of ['fsGroup', 'runAsUser', 'runAsGroup'] as const) {
    const id = context[name]
    if (id !== undefined) yield* validateId(id, path.child(name))
  }
  for (const [index, id] of (context.supplementalGroups ?? []).entries()) {
    yield* validateId(id, path.child('supplementalGroups').index(index))
  }
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    const why = 'ShareProcessNamespace and HostPID cannot both be enabled'
    yield invalid(path.child('shareProcessNamespace'), true, why)
  }
  yield* validateSysctls(context.sysctls ?? [], spec, path.child('sysctls'))
  yield* validatePolicy(
    context.fsGroupChangePolicy,
    ['Always', 'OnRootMismatch'],
    path.child('fsGroupChangePolicy'),
  )
  if (context.seccompProfile) {
    yield* validateSeccomp(context.seccompProfile, path.child('seccompProfile'))
  }
  if (context.appArmorProfile) {
    yield* validateAppArmor(context.appArmorProfile, path.child('appArmorProfile'))
  }
  yield* validatePolicy(
    context.supplementalGroupsPolicy,
    ['Merge', 'Strict'],
    path.child('supplementalGroupsPolicy'),
  )
  yield* validatePolicy(
    context.seLinuxChangePolicy,
    ['MountOption', 'Recursive'],
    path.child('seLinuxChangePolicy'),
  )
}

/** Without user namespaces of its own a pod may not use certain things of the host with them. */
export function* validateHostUsers(spec: PodSpec, path: FieldPath): FieldErrors {
  if (spec.hostUsers !== false) return
  const why = 'when `hostUsers` is false'
  if (spec.hostNetwork === true) yield forbidden(path.child('hostNetwork'), why)
  if (spec.hostPID === true) yield forbidden(path.child('HostPID'), why)
  if (spec.hostIPC === true) yield forbidden(path.child('HostIPC'), why)
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [index, { volumeDevices = [] }] of (spec[list] ?? []).entries()) {
      if (volumeDevices.length === 0) continue
      yield forbidden(path.child(list).index(index).child('volumeDevices'), why)
    }
  }
}

function* validateSysctls(
  sysctls: readonly Sysctl[],
  { hostNetwork, hostIPC }: PodSpec,
  path: FieldPath,
): FieldErrors {
  const names = new Set<string>()
  for (const [index, { name }] of sysctls.entries()) {
    const namePath = path.index(index).child('name')
    if (name === '') yield required(namePath)
    else if (name.length > MOST_SYSCTL_CHARACTERS || !SYSCTL.test(name)) {
      const most = `must have at most ${MOST_SYSCTL_CHARACTERS} characters`
      yield invalid(namePath, name, `${most} and match regex ${SYSCTL_PATTERN}`)
    } else if (names.has(name)) yield duplicate(namePath, name)
    if (hostNetwork === true && /^net[./]/.test(name)) {
      yield invalid(namePath, name, "may not be specified when 'hostNetwork' is true")
    } else if (hostIPC === true && IPC_SYSCTL.test(name)) {
      yield invalid(namePath, name, "may not be specified when 'hostIPC' is true")
    }
    names.add(name)
  }
}

function* validateSeccomp(profile: SeccompProfile, path: FieldPath): FieldErrors {
  const { type, localhostProfile } = profile
  if (!type) yield required(path.child('type'), 'type is required when seccompProfile is set')
  else if (!PROFILE_TYPES.includes(type))
    yield notSupported(path.child('type'), type, PROFILE_TYPES)
  const profilePath = path.child('localhostProfile')
  if (type !== 'Localhost') {
    if (localhostProfile === undefined) return
    yield invalid(profilePath, profile, 'can only be set when seccomp type is Localhost')
  } else if (localhostProfile === undefined) {
    yield required(profilePath, 'must be set when seccomp type is Localhost')
  } else yield* validateDescendingPath(localhostProfile, profilePath)
}

function* validateAppArmor(profile: AppArmorProfile, path: FieldPath): FieldErrors {
  const { type, localhostProfile } = profile
  const profilePath = path.child('localhostProfile')
  if (type === 'Localhost') yield* validateAppArmorName(localhostProfile, profilePath)
  else if (!type) yield required(path.child('type'), 'type is required when appArmorProfile is set')
  else if (!PROFILE_TYPES.includes(type))
    yield notSupported(path.child('type'), type, PROFILE_TYPES)
  else if (localhostProfile !== undefined) {
    const why = 'can only be set when AppArmor type is Localhost'
    yield invalid(profilePath, localhostProfile, why)
  }
}

function* validateAppArmorName(name: string | undefined, path: FieldPath): FieldErrors {
  const missing = 'must be set when AppArmor type is Localhost'
  if (name === undefined) {
    yield required(path, missing)
    return
  }
  if (name.trim() !== name) yield invalid(path, name, 'must not be padded with whitespace')
  else if (name === '') yield required(path, missing)
  if (name.length > MOST_PROFILE_CHARACTERS) yield tooLong(path, MOST_PROFILE_CHARACTERS)
}

function* validatePolicy(
  policy: string | undefined,
  supported: readonly string[],
  path: FieldPath,
): FieldErrors {
  if (policy !== undefined && !supported.includes(policy)) {
    yield notSupported(path, policy, supported)
  }
}

function* validateId(id: number, path: FieldPath): FieldErrors {
  yield* invalids(path, id, userIdErrors(id))
}
