import { type Infer, s } from '../../../machinery/schema.ts'
import { EnvFromSource, EnvVar } from './env-var.ts'
import { Lifecycle, Probe } from './probe.ts'
import { ResourceRequirements } from './resources.ts'
import { SecurityContext } from './security-context.ts'

/** A port on which a container listens. */
export const ContainerPort = s.struct('core.v1.ContainerPort', {
  name: s.string().optional(),
  hostPort: s.int32().optional(),
  containerPort: s.int32(),
  protocol: s.oneOf('SCTP', 'TCP', 'UDP').publishedDefault('TCP'),
  hostIP: s.string().optional(),
})
export interface ContainerPort extends Infer<typeof ContainerPort> {}

/** Whether a change of a resource needs a restart. */
export const ContainerResizePolicy = s.struct('core.v1.ContainerResizePolicy', {
  resourceName: s.string(),
  restartPolicy: s.string(),
})
export interface ContainerResizePolicy extends Infer<typeof ContainerResizePolicy> {}

/** A set of exit codes. */
export const ContainerRestartRuleOnExitCodes = s.struct('core.v1.ContainerRestartRuleOnExitCodes', {
  operator: s.string().pointer(),
  values: s.list(s.int32(), { listType: 'set' }).optional(),
})
export interface ContainerRestartRuleOnExitCodes
  extends Infer<typeof ContainerRestartRuleOnExitCodes> {}

/** An exit code, and whether the container restarts after it. */
export const ContainerRestartRule = s.struct('core.v1.ContainerRestartRule', {
  action: s.string().pointer(),
  exitCodes: ContainerRestartRuleOnExitCodes.optional(),
})
export interface ContainerRestartRule extends Infer<typeof ContainerRestartRule> {}

/** A volume at a path in a container. */
export const VolumeMount = s.struct('core.v1.VolumeMount', {
  name: s.string(),
  readOnly: s.bool().optional(),
  recursiveReadOnly: s.string().optional().pointer(),
  mountPath: s.string(),
  subPath: s.string().optional(),
  mountPropagation: s.oneOf('Bidirectional', 'HostToContainer', 'None').optional().pointer(),
  subPathExpr: s.string().optional(),
})
export interface VolumeMount extends Infer<typeof VolumeMount> {}

/** A block device at a path in a container. */
export const VolumeDevice = s.struct('core.v1.VolumeDevice', {
  name: s.string(),
  devicePath: s.string(),
})
export interface VolumeDevice extends Infer<typeof VolumeDevice> {}

/** What containers that are declared and those that are added have in common. */
const programFields = {
  name: s.string(),
  image: s.string().optional(),
  command: s.list(s.string(), { listType: 'atomic' }).optional(),
  args: s.list(s.string(), { listType: 'atomic' }).optional(),
  workingDir: s.string().optional(),
  ports: s
    .list(ContainerPort, {
      listType: 'map',
      listMapKeys: ['containerPort', 'protocol'],
      patchStrategy: 'merge',
      patchMergeKey: 'containerPort',
    })
    .optional(),
  envFrom: s.list(EnvFromSource, { listType: 'atomic' }).optional(),
  env: s
    .list(EnvVar, {
      listType: 'map',
      listMapKeys: ['name'],
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    })
    .optional(),
  resources: ResourceRequirements.default({}),
  resizePolicy: s.list(ContainerResizePolicy, { listType: 'atomic' }).optional(),
  restartPolicy: s.string().optional().pointer(),
  restartPolicyRules: s.list(ContainerRestartRule, { listType: 'atomic' }).optional(),
  volumeMounts: s
    .list(VolumeMount, {
      listType: 'map',
      listMapKeys: ['mountPath'],
      patchStrategy: 'merge',
      patchMergeKey: 'mountPath',
    })
    .optional(),
  volumeDevices: s
    .list(VolumeDevice, {
      listType: 'map',
      listMapKeys: ['devicePath'],
      patchStrategy: 'merge',
      patchMergeKey: 'devicePath',
    })
    .optional(),
  livenessProbe: Probe.optional(),
  readinessProbe: Probe.optional(),
  startupProbe: Probe.optional(),
  lifecycle: Lifecycle.optional(),
  terminationMessagePath: s.string().default('/dev/termination-log'),
}

const attachFields = {
  securityContext: SecurityContext.optional(),
  stdin: s.bool().optional(),
  stdinOnce: s.bool().optional(),
  tty: s.bool().optional(),
}

/** A program to run: image, command, variables, mounts, resources and probes. */
export const Container = s.struct('core.v1.Container', {
  ...programFields,
  terminationMessagePolicy: s.oneOf('FallbackToLogsOnError', 'File').default('File'),
  imagePullPolicy: s.oneOf('Always', 'IfNotPresent', 'Never').filled(),
  ...attachFields,
})
export interface Container extends Infer<typeof Container> {}

/** A container that is added to a running pod in order to look into it. */
export const EphemeralContainer = s.struct('core.v1.EphemeralContainer', {
  ...programFields,
  terminationMessagePolicy: s.string().default('File'),
  imagePullPolicy: s.string().filled(),
  ...attachFields,
  targetContainerName: s.string().optional(),
})
export interface EphemeralContainer extends Infer<typeof EphemeralContainer> {}
