/** Why a container waits, as it stands in `state.waiting.reason`. */
export const WAITING = {
  containerCreating: 'ContainerCreating',
  podInitializing: 'PodInitializing',
  crashLoopBackOff: 'CrashLoopBackOff',
  imagePull: 'ErrImagePull',
  imagePullBackOff: 'ImagePullBackOff',
  imageInspect: 'ImageInspectError',
  imageNeverPull: 'ErrImageNeverPull',
  invalidImageName: 'InvalidImageName',
  registryUnavailable: 'RegistryUnavailable',
  signatureValidationFailed: 'SignatureValidationFailed',
  createContainerConfig: 'CreateContainerConfigError',
  createContainer: 'CreateContainerError',
  runContainer: 'RunContainerError',
  postStartHook: 'PostStartHookError',
} as const

/** The reasons of the events that the kubelet writes (upstream's pkg/kubelet/events). */
export const EVENT = {
  created: 'Created',
  started: 'Started',
  failed: 'Failed',
  killing: 'Killing',
  backOff: 'BackOff',
  exceededGracePeriod: 'ExceededGracePeriod',
  failedKillPod: 'FailedKillPod',
  networkNotReady: 'NetworkNotReady',
  pulling: 'Pulling',
  pulled: 'Pulled',
  inspectFailed: 'InspectFailed',
  neverPull: 'ErrImageNeverPull',
  nodeReady: 'NodeReady',
  nodeNotReady: 'NodeNotReady',
  nodeSchedulable: 'NodeSchedulable',
  nodeNotSchedulable: 'NodeNotSchedulable',
  starting: 'Starting',
  rebooted: 'Rebooted',
  failedMount: 'FailedMount',
  sandboxChanged: 'SandboxChanged',
  failedCreatePodSandbox: 'FailedCreatePodSandBox',
  unhealthy: 'Unhealthy',
  probeWarning: 'ProbeWarning',
  failedPostStartHook: 'FailedPostStartHook',
  failedPreStopHook: 'FailedPreStopHook',
  imageGarbageCollectionFailed: 'ImageGCFailed',
  freeDiskSpaceFailed: 'FreeDiskSpaceFailed',
  dnsConfigForming: 'DNSConfigForming',
  missingClusterDns: 'MissingClusterDNS',
  pullSecretsMissing: 'FailedToRetrieveImagePullSecret',
  resizeStarted: 'ResizeStarted',
  resizeCompleted: 'ResizeCompleted',
  resizeDeferred: 'ResizeDeferred',
  resizeInfeasible: 'ResizeInfeasible',
  resizeError: 'ResizeError',
  lifecycleHttpFallback: 'LifecycleHTTPFallback',
} as const

/** The reasons of the pod conditions that the kubelet sets. */
export const CONDITION = {
  unknownContainerStatuses: 'UnknownContainerStatuses',
  podCompleted: 'PodCompleted',
  podFailed: 'PodFailed',
  containersNotReady: 'ContainersNotReady',
  containersNotInitialized: 'ContainersNotInitialized',
  readinessGatesNotReady: 'ReadinessGatesNotReady',
} as const

/** The condition of a pod that ends for the node’s sake, and the reason that the kubelet gives. */
export const DISRUPTION_TARGET = 'DisruptionTarget'
export const TERMINATION_BY_KUBELET = 'TerminationByKubelet'

/** A container whose end nobody saw; the exit code is then 137. */
export const STATUS_UNKNOWN = 'ContainerStatusUnknown'
