import type { LinuxContainerSecurityContext } from '../../cri/messages/container.ts'
import type { SecurityProfile } from '../../cri/messages/resources.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { type Container, formatPod, type SecurityContext } from '../pod-types.ts'
import { podNamespaces } from './namespaces.ts'

/** As whom an image runs when nobody says otherwise: an id, or a name that only it knows. */
export interface ImageUser {
  readonly uid?: number | undefined
  readonly username: string
}

const MASKED_PATHS = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
]
const READONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']

/** A container's settings over its pod's. */
function effectiveSecurityContext(pod: Pod, container: Container): SecurityContext {
  const ofPod = pod.spec.securityContext ?? {}
  const own: SecurityContext = container.securityContext ?? {}
  return {
    ...own,
    seLinuxOptions: own.seLinuxOptions ?? ofPod.seLinuxOptions,
    runAsUser: own.runAsUser ?? ofPod.runAsUser,
    runAsGroup: own.runAsGroup ?? ofPod.runAsGroup,
    runAsNonRoot: own.runAsNonRoot ?? ofPod.runAsNonRoot,
    seccompProfile: own.seccompProfile ?? ofPod.seccompProfile,
    appArmorProfile: own.appArmorProfile ?? ofPod.appArmorProfile,
  }
}

/** Throws upstream's text where a pod that must not run as root would, or might. */
export function verifyRunsAsNonRoot(pod: Pod, container: Container, image: ImageUser): void {
  const { runAsNonRoot, runAsUser } = effectiveSecurityContext(pod, container)
  if (runAsNonRoot !== true) return
  const who = `(pod: "${formatPod(pod)}", container: ${container.name})`
  if (runAsUser !== undefined) {
    if (runAsUser !== 0) return
    throw new Error(`container's runAsUser breaks non-root policy ${who}`)
  }
  if (image.uid === 0) {
    throw new Error(`container has runAsNonRoot and image will run as root ${who}`)
  }
  if (image.uid === undefined && image.username !== '') {
    throw new Error(
      `container has runAsNonRoot and image has non-numeric user (${image.username}), ` +
        `cannot verify user is non-root ${who}`,
    )
  }
}

/** What a container's processes may do, in CRI's terms. */
export function containerSecurityContext(
  pod: Pod,
  container: Container,
  image: ImageUser,
  seccompRoot: string,
): LinuxContainerSecurityContext {
  const context = effectiveSecurityContext(pod, container)
  const { add = [], drop = [] } = context.capabilities ?? {}
  const isUnmasked = context.procMount === 'Unmasked'
  const runAsUser = context.runAsUser ?? image.uid
  return {
    capabilities: { addCapabilities: add, dropCapabilities: drop },
    privileged: context.privileged ?? false,
    readonlyRootfs: context.readOnlyRootFilesystem ?? false,
    noNewPrivs: context.allowPrivilegeEscalation === false,
    ...(runAsUser !== undefined && { runAsUser }),
    ...(context.runAsUser === undefined && { runAsUsername: image.username }),
    ...(context.runAsGroup !== undefined && { runAsGroup: context.runAsGroup }),
    ...(context.seLinuxOptions !== undefined && { selinuxOptions: context.seLinuxOptions }),
    namespaceOptions: podNamespaces(pod),
    supplementalGroups: supplementalGroups(pod),
    supplementalGroupsPolicy: pod.spec.securityContext?.supplementalGroupsPolicy ?? 'Merge',
    maskedPaths: isUnmasked ? [] : MASKED_PATHS,
    readonlyPaths: isUnmasked ? [] : READONLY_PATHS,
    seccomp: securityProfile(context.seccompProfile, seccompRoot),
    ...(context.appArmorProfile !== undefined && {
      apparmor: securityProfile(context.appArmorProfile, ''),
    }),
  }
}

/** The group of the pod's volumes and the groups that it names. */
export function supplementalGroups({ spec: { securityContext } }: Pod): readonly number[] {
  const { fsGroup, supplementalGroups: groups = [] } = securityContext ?? {}
  return fsGroup === undefined ? groups : [fsGroup, ...groups]
}

interface Profile {
  readonly type: 'Localhost' | 'RuntimeDefault' | 'Unconfined'
  readonly localhostProfile?: string | undefined
}

function securityProfile(profile: Profile | undefined, root: string): SecurityProfile {
  const profileType = profile?.type ?? 'Unconfined'
  if (profileType !== 'Localhost') return { profileType }
  const file = profile?.localhostProfile ?? ''
  if (file === '') {
    throw new Error('localhostProfile must be set if seccompProfile type is Localhost.')
  }
  return { profileType, localhostRef: root === '' ? file : `${root}/${file}` }
}
