import { type Infer, s } from '../../../machinery/schema.ts'

/** The AppArmor profile of a process. */
export const AppArmorProfile = s.struct(
  'core.v1.AppArmorProfile',
  {
    type: s.oneOf('Localhost', 'RuntimeDefault', 'Unconfined'),
    localhostProfile: s.string().optional().pointer(),
  },
  { union: { discriminator: 'type', fields: { localhostProfile: 'LocalhostProfile' } } },
)
export interface AppArmorProfile extends Infer<typeof AppArmorProfile> {}

/** Linux capabilities to give and to take. */
export const Capabilities = s.struct('core.v1.Capabilities', {
  add: s.list(s.string(), { listType: 'atomic' }).optional(),
  drop: s.list(s.string(), { listType: 'atomic' }).optional(),
})
export interface Capabilities extends Infer<typeof Capabilities> {}

/** The SELinux label of a process. */
export const SELinuxOptions = s.struct('core.v1.SELinuxOptions', {
  user: s.string().optional(),
  role: s.string().optional(),
  type: s.string().optional(),
  level: s.string().optional(),
})
export interface SELinuxOptions extends Infer<typeof SELinuxOptions> {}

/** The identity of a process on Windows. */
export const WindowsSecurityContextOptions = s.struct('core.v1.WindowsSecurityContextOptions', {
  gmsaCredentialSpecName: s.string().optional().pointer(),
  gmsaCredentialSpec: s.string().optional().pointer(),
  runAsUserName: s.string().optional().pointer(),
  hostProcess: s.bool().optional().pointer(),
})
export interface WindowsSecurityContextOptions
  extends Infer<typeof WindowsSecurityContextOptions> {}

/** A kernel parameter of the pod's namespaces. */
export const Sysctl = s.struct('core.v1.Sysctl', {
  name: s.string(),
  value: s.string(),
})
export interface Sysctl extends Infer<typeof Sysctl> {}

/** Which system calls are allowed. */
export const SeccompProfile = s.struct(
  'core.v1.SeccompProfile',
  {
    type: s.oneOf('Localhost', 'RuntimeDefault', 'Unconfined'),
    localhostProfile: s.string().optional().pointer(),
  },
  { union: { discriminator: 'type', fields: { localhostProfile: 'LocalhostProfile' } } },
)
export interface SeccompProfile extends Infer<typeof SeccompProfile> {}

/** What all containers of a pod may do, and as whom they run. */
export const PodSecurityContext = s.struct('core.v1.PodSecurityContext', {
  seLinuxOptions: SELinuxOptions.optional(),
  windowsOptions: WindowsSecurityContextOptions.optional(),
  runAsUser: s.int64().optional().pointer(),
  runAsGroup: s.int64().optional().pointer(),
  runAsNonRoot: s.bool().optional().pointer(),
  supplementalGroups: s.list(s.int64(), { listType: 'atomic' }).optional(),
  supplementalGroupsPolicy: s.oneOf('Merge', 'Strict').optional().pointer(),
  fsGroup: s.int64().optional().pointer(),
  sysctls: s.list(Sysctl, { listType: 'atomic' }).optional(),
  fsGroupChangePolicy: s.oneOf('Always', 'OnRootMismatch').optional().pointer(),
  seccompProfile: SeccompProfile.optional(),
  appArmorProfile: AppArmorProfile.optional(),
  seLinuxChangePolicy: s.string().optional().pointer(),
})
export interface PodSecurityContext extends Infer<typeof PodSecurityContext> {}

/** What a container may do; it goes before the pod's context. */
export const SecurityContext = s.struct('core.v1.SecurityContext', {
  capabilities: Capabilities.optional(),
  privileged: s.bool().optional().pointer(),
  seLinuxOptions: SELinuxOptions.optional(),
  windowsOptions: WindowsSecurityContextOptions.optional(),
  runAsUser: s.int64().optional().pointer(),
  runAsGroup: s.int64().optional().pointer(),
  runAsNonRoot: s.bool().optional().pointer(),
  readOnlyRootFilesystem: s.bool().optional().pointer(),
  allowPrivilegeEscalation: s.bool().optional().pointer(),
  procMount: s.oneOf('Default', 'Unmasked').optional().pointer(),
  seccompProfile: SeccompProfile.optional(),
  appArmorProfile: AppArmorProfile.optional(),
})
export interface SecurityContext extends Infer<typeof SecurityContext> {}
