import type { Check } from './check.ts'
import { allowPrivilegeEscalation } from './checks/allow-privilege-escalation.ts'
import { appArmorProfile } from './checks/app-armor-profile.ts'
import { capabilitiesBaseline } from './checks/capabilities-baseline.ts'
import { capabilitiesRestricted } from './checks/capabilities-restricted.ts'
import { hostNamespaces } from './checks/host-namespaces.ts'
import { hostPathVolumes } from './checks/host-path-volumes.ts'
import { hostPorts } from './checks/host-ports.ts'
import { hostProbesAndHostLifecycle } from './checks/host-probes-and-host-lifecycle.ts'
import { privileged } from './checks/privileged.ts'
import { procMountBaseline } from './checks/proc-mount-baseline.ts'
import { procMountRestricted } from './checks/proc-mount-restricted.ts'
import { restrictedVolumes } from './checks/restricted-volumes.ts'
import { runAsNonRoot } from './checks/run-as-non-root.ts'
import { runAsUser } from './checks/run-as-user.ts'
import { seLinuxOptions } from './checks/se-linux-options.ts'
import { seccompProfileBaseline } from './checks/seccomp-profile-baseline.ts'
import { seccompProfileRestricted } from './checks/seccomp-profile-restricted.ts'
import { sysctls } from './checks/sysctls.ts'
import { windowsHostProcess } from './checks/windows-host-process.ts'

/** The Pod Security Standards. */
export const podSecurityChecks: readonly Check[] = [
  allowPrivilegeEscalation,
  appArmorProfile,
  capabilitiesBaseline,
  capabilitiesRestricted,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbesAndHostLifecycle,
  privileged,
  procMountBaseline,
  procMountRestricted,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seLinuxOptions,
  seccompProfileBaseline,
  seccompProfileRestricted,
  sysctls,
  windowsHostProcess,
]
