import {
  duplicate,
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
  notFoundField,
  notSupported,
  required,
  tooMany,
} from '../../../machinery/field-error.ts'
import { portNameErrors } from '../../../machinery/names.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import type { Container, ContainerPort, EphemeralContainer } from './container.ts'
import { validateEnv, validateEnvFrom } from './env-validation.ts'
import { notedOf, validateDnsLabel, validateOneOf, validatePortNumber } from './field-rules.ts'
import type { PodSpec } from './pod-spec.ts'
import { validateLifecycle, validateProbes } from './probe-validation.ts'
import { validateContainerResources } from './resource-validation.ts'
import { validateSecurityContext } from './security-context-validation.ts'
import type { Volume } from './volume.ts'
import { validateVolumeUse } from './volume-mount-validation.ts'

type Volumes = ReadonlyMap<string, Volume>

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never']
const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError']
const RESTART_POLICIES = ['Always', 'Never', 'OnFailure']
const RULE_ACTIONS = ['Restart', 'RestartAllContainers']
const EXIT_CODE_OPERATORS = ['In', 'NotIn']
const RESIZABLE = ['cpu', 'memory']
const RESIZE_POLICIES = ['NotRequired', 'RestartContainer']
const WHILE_RUNNING = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const
const NOT_IN_EPHEMERAL = [
  ...(['ports', 'resources', 'resizePolicy', 'restartPolicy', 'restartPolicyRules'] as const),
  ...(['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'] as const),
]

export function validateContainers(
  errors: FieldError[],
  spec: PodSpec,
  volumes: Volumes,
  path: FieldPath,
): void {
  const { containers } = spec
  if (containers.length === 0) {
    errors.push(required(path))
    return
  }
  const names = notedOf(containers)
  for (const [index, container] of containers.entries()) {
    const itemPath = path.index(index)
    validateContainer(errors, container, spec, volumes, itemPath)
    if (names?.has(container.name)) errors.push(duplicate(itemPath.child('name'), container.name))
    names?.add(container.name)
    validateLongRunning(errors, container, spec, itemPath)
    validateRestartPolicy(errors, container, itemPath, false)
  }
  validateHostPorts(errors, containers, path)
}

export function validateInitContainers(
  errors: FieldError[],
  spec: PodSpec,
  volumes: Volumes,
  path: FieldPath,
): void {
  const { containers, initContainers } = spec
  if (initContainers === undefined) return
  const names = new Set(containers.map(({ name }) => name))
  for (const [index, container] of initContainers.entries()) {
    const itemPath = path.index(index)
    validateContainer(errors, container, spec, volumes, itemPath)
    validateRestartPolicy(errors, container, itemPath, true)
    if (names.has(container.name)) errors.push(duplicate(itemPath.child('name'), container.name))
    else if (container.name !== '') names.add(container.name)
    validateHostPorts(errors, [container], path)
    const isSidecar = container.restartPolicy === 'Always'
    if (isSidecar) validateLongRunning(errors, container, spec, itemPath)
    else validateRunsOnce(errors, container, itemPath)
  }
}

/** Containers added for looking into a pod: much that others may have makes no sense in them. */
export function validateEphemeralContainers(
  errors: FieldError[],
  spec: PodSpec,
  volumes: Volumes,
  path: FieldPath,
): void {
  const { containers, initContainers = [], ephemeralContainers } = spec
  if (ephemeralContainers === undefined) return
  const others = [...containers, ...initContainers].map(({ name }) => name)
  const names = new Set(others)
  for (const [index, container] of ephemeralContainers.entries()) {
    const itemPath = path.index(index)
    validateContainer(errors, container, spec, volumes, itemPath)
    validateImageSpaces(errors, container, itemPath)
    if (names.has(container.name)) errors.push(duplicate(itemPath.child('name'), container.name))
    names.add(container.name)
    const { targetContainerName: target = '' } = container
    if (target !== '' && !others.includes(target)) {
      errors.push(notFoundField(itemPath.child('targetContainerName'), target))
    }
    validateEphemeralFields(errors, container, itemPath)
  }
}

/** In a pod, unlike in a template, an image has no spaces around it. */
export function validateImageSpaces(
  errors: FieldError[],
  { image = '' }: Pick<Container, 'image'>,
  path: FieldPath,
): void {
  if (image.trim() === image) return
  errors.push(invalid(path.child('image'), image, 'must not have leading or trailing whitespace'))
}

function validateContainer(
  errors: FieldError[],
  container: Container | EphemeralContainer,
  spec: PodSpec,
  volumes: Volumes,
  path: FieldPath,
): void {
  const { name, image = '', ports, env, envFrom, resources, securityContext } = container
  const { terminationMessagePolicy, imagePullPolicy } = container
  if (name === '') errors.push(required(path.child('name')))
  else errors.push(...validateDnsLabel(name, path.child('name')))
  if (image === '') errors.push(required(path.child('image')))
  const messagePath = path.child('terminationMessagePolicy')
  errors.push(...validateOneOf(terminationMessagePolicy, MESSAGE_POLICIES, messagePath))
  if (ports) validatePorts(errors, ports, path.child('ports'))
  if (env) validateEnv(errors, env, path.child('env'))
  if (envFrom) validateEnvFrom(errors, envFrom, path.child('envFrom'))
  validateVolumeUse(errors, container as Container, volumes, path)
  errors.push(...validateOneOf(imagePullPolicy, PULL_POLICIES, path.child('imagePullPolicy')))
  validateContainerResources(errors, resources, spec.resourceClaims, path.child('resources'))
  validateResizePolicy(errors, container, spec.restartPolicy, path)
  if (securityContext !== undefined) {
    const isOnHostUsers = spec.hostUsers !== false
    validateSecurityContext(errors, securityContext, isOnHostUsers, path.child('securityContext'))
  }
}

function validatePorts(
  errors: FieldError[],
  ports: readonly ContainerPort[],
  path: FieldPath,
): void {
  const names = notedOf(ports)
  for (const [index, port] of ports.entries()) {
    const { name = '', containerPort, hostPort = 0, protocol } = port
    const itemPath = path.index(index)
    if (name !== '') {
      const reasons = portNameErrors(name)
      const isRepeated = names?.has(name) === true
      errors.push(...invalids(itemPath.child('name'), name, reasons))
      if (reasons.length === 0 && isRepeated) errors.push(duplicate(itemPath.child('name'), name))
      names?.add(name)
    }
    if (containerPort === 0) errors.push(required(itemPath.child('containerPort')))
    else errors.push(...validatePortNumber(containerPort, itemPath.child('containerPort')))
    if (hostPort !== 0) errors.push(...validatePortNumber(hostPort, itemPath.child('hostPort')))
    errors.push(...validateOneOf(protocol, PROTOCOLS, itemPath.child('protocol')))
  }
}

/** Two containers cannot both have one port of the node. */
function validateHostPorts(
  errors: FieldError[],
  containers: readonly Container[],
  path: FieldPath,
): void {
  let taken: Set<string> | undefined
  for (const [index, { ports }] of containers.entries()) {
    if (ports === undefined) continue
    for (const [place, { protocol, hostIP = '', hostPort = 0 }] of ports.entries()) {
      if (hostPort === 0) continue
      const key = `${protocol}/${hostIP}/${hostPort}`
      const portPath = path.index(index).child('ports').index(place).child('hostPort')
      taken ??= new Set()
      if (taken.has(key)) errors.push(duplicate(portPath, key))
      taken.add(key)
    }
  }
}

function validateLongRunning(
  errors: FieldError[],
  container: Container,
  spec: PodSpec,
  path: FieldPath,
): void {
  if (container.lifecycle !== undefined) {
    const pod = { gracePeriodSeconds: spec.terminationGracePeriodSeconds, os: spec.os }
    validateLifecycle(errors, container.lifecycle, pod, path.child('lifecycle'))
  }
  validateProbes(errors, container, path)
}

function validateRunsOnce(errors: FieldError[], container: Container, path: FieldPath): void {
  const why = 'may not be set for init containers without restartPolicy=Always'
  for (const name of WHILE_RUNNING) {
    if (container[name] !== undefined) errors.push(forbidden(path.child(name), why))
  }
  for (const [index, policy] of (container.resizePolicy ?? []).entries()) {
    if (policy.restartPolicy !== 'RestartContainer') continue
    errors.push(
      invalid(
        path.child('resizePolicy').index(index).child('restartPolicy'),
        policy.restartPolicy,
        "must not be set to 'RestartContainer' for non-sidecar initContainers",
      ),
    )
  }
}

function validateRestartPolicy(
  errors: FieldError[],
  { restartPolicy, restartPolicyRules }: Container,
  path: FieldPath,
  isInit: boolean,
): void {
  if (restartPolicy === undefined && restartPolicyRules === undefined) return
  const rules = restartPolicyRules ?? []
  const policyPath = path.child('restartPolicy')
  if (restartPolicy === undefined) {
    if (rules.length === 0) return
    errors.push(required(policyPath, 'must specify restartPolicy when restart rules are used'))
    if (isInit) return
  } else if (!RESTART_POLICIES.includes(restartPolicy)) {
    errors.push(notSupported(policyPath, restartPolicy, RESTART_POLICIES))
  }
  const rulesPath = path.child('restartPolicyRules')
  if (rules.length > 20) errors.push(tooMany(rulesPath, rules.length, 20))
  for (const [index, { action, exitCodes }] of rules.entries()) {
    const itemPath = rulesPath.index(index)
    if (!RULE_ACTIONS.includes(action)) {
      errors.push(notSupported(itemPath.child('action'), action, RULE_ACTIONS))
    }
    const codesPath = itemPath.child('exitCodes')
    if (exitCodes === undefined) {
      errors.push(required(codesPath, 'must be specified'))
      continue
    }
    const { operator, values = [] } = exitCodes
    if (!EXIT_CODE_OPERATORS.includes(operator)) {
      errors.push(notSupported(codesPath.child('operator'), operator, EXIT_CODE_OPERATORS))
    }
    if (values.length > 255) errors.push(tooMany(codesPath.child('values'), values.length, 255))
  }
}

function validateResizePolicy(
  errors: FieldError[],
  { resizePolicy }: Pick<Container, 'resizePolicy'>,
  podRestartPolicy: string,
  containerPath: FieldPath,
): void {
  if (resizePolicy === undefined) return
  const path = containerPath.child('resizePolicy')
  const seen = notedOf(resizePolicy)
  for (const [index, { resourceName, restartPolicy }] of resizePolicy.entries()) {
    if (seen?.has(resourceName)) errors.push(duplicate(path.index(index), resourceName))
    seen?.add(resourceName)
    errors.push(...validateOneOf(resourceName, RESIZABLE, path))
    errors.push(...validateOneOf(restartPolicy, RESIZE_POLICIES, path))
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired') {
      const why = "must be 'NotRequired' when pod `restartPolicy` is 'Never'"
      errors.push(invalid(path, restartPolicy, why))
    }
  }
}

function validateEphemeralFields(
  errors: FieldError[],
  container: EphemeralContainer,
  path: FieldPath,
): void {
  const why = 'cannot be set for an Ephemeral Container'
  for (const name of NOT_IN_EPHEMERAL) {
    const value = container[name]
    const isSet =
      name === 'resources' ? Object.keys(container.resources).length > 0 : value !== undefined
    if (isSet) errors.push(forbidden(path.child(name), why))
  }
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    for (const name of ['subPath', 'subPathExpr'] as const) {
      if (!mount[name]) continue
      errors.push(forbidden(path.child('volumeMounts').index(index).child(name), why))
    }
  }
}
