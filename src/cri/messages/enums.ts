// The names of each enumeration by number.

export const namespaceModes = ['POD', 'CONTAINER', 'NODE', 'TARGET'] as const
export type NamespaceMode = (typeof namespaceModes)[number]

export const profileTypes = ['RuntimeDefault', 'Unconfined', 'Localhost'] as const
export type ProfileType = (typeof profileTypes)[number]

export const protocols = ['TCP', 'UDP', 'SCTP'] as const
export type Protocol = (typeof protocols)[number]

export const supplementalGroupsPolicies = ['Merge', 'Strict'] as const
export type SupplementalGroupsPolicy = (typeof supplementalGroupsPolicies)[number]

export const podSandboxStates = ['SANDBOX_READY', 'SANDBOX_NOTREADY'] as const
export type PodSandboxState = (typeof podSandboxStates)[number]

export const mountPropagations = [
  'PROPAGATION_PRIVATE',
  'PROPAGATION_HOST_TO_CONTAINER',
  'PROPAGATION_BIDIRECTIONAL',
] as const
export type MountPropagation = (typeof mountPropagations)[number]

export const signals = [
  'RUNTIME_DEFAULT',
  'SIGABRT',
  'SIGALRM',
  'SIGBUS',
  'SIGCHLD',
  'SIGCLD',
  'SIGCONT',
  'SIGFPE',
  'SIGHUP',
  'SIGILL',
  'SIGINT',
  'SIGIO',
  'SIGIOT',
  'SIGKILL',
  'SIGPIPE',
  'SIGPOLL',
  'SIGPROF',
  'SIGPWR',
  'SIGQUIT',
  'SIGSEGV',
  'SIGSTKFLT',
  'SIGSTOP',
  'SIGSYS',
  'SIGTERM',
  'SIGTRAP',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
  'SIGURG',
  'SIGUSR1',
  'SIGUSR2',
  'SIGVTALRM',
  'SIGWINCH',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGRTMIN',
  'SIGRTMINPLUS1',
  'SIGRTMINPLUS2',
  'SIGRTMINPLUS3',
  'SIGRTMINPLUS4',
  'SIGRTMINPLUS5',
  'SIGRTMINPLUS6',
  'SIGRTMINPLUS7',
  'SIGRTMINPLUS8',
  'SIGRTMINPLUS9',
  'SIGRTMINPLUS10',
  'SIGRTMINPLUS11',
  'SIGRTMINPLUS12',
  'SIGRTMINPLUS13',
  'SIGRTMINPLUS14',
  'SIGRTMINPLUS15',
  'SIGRTMAXMINUS14',
  'SIGRTMAXMINUS13',
  'SIGRTMAXMINUS12',
  'SIGRTMAXMINUS11',
  'SIGRTMAXMINUS10',
  'SIGRTMAXMINUS9',
  'SIGRTMAXMINUS8',
  'SIGRTMAXMINUS7',
  'SIGRTMAXMINUS6',
  'SIGRTMAXMINUS5',
  'SIGRTMAXMINUS4',
  'SIGRTMAXMINUS3',
  'SIGRTMAXMINUS2',
  'SIGRTMAXMINUS1',
  'SIGRTMAX',
] as const
export type Signal = (typeof signals)[number]

export const containerStates = [
  'CONTAINER_CREATED',
  'CONTAINER_RUNNING',
  'CONTAINER_EXITED',
  'CONTAINER_UNKNOWN',
] as const
export type ContainerState = (typeof containerStates)[number]

export const cgroupDrivers = ['SYSTEMD', 'CGROUPFS'] as const
export type CgroupDriver = (typeof cgroupDrivers)[number]

export const containerEventTypes = [
  'CONTAINER_CREATED_EVENT',
  'CONTAINER_STARTED_EVENT',
  'CONTAINER_STOPPED_EVENT',
  'CONTAINER_DELETED_EVENT',
] as const
export type ContainerEventType = (typeof containerEventTypes)[number]
