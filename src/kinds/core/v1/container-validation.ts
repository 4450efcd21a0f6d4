import {
  duplicate,
  type FieldErrors,
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
import { validateDnsLabel, validateOneOf, validatePortNumber } from './field-rules.ts'
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
const NOT_IN_EPHEMERAL = [
  ...(['ports', 'resources', 'resizePolicy', 'restartPolicy', 'restartPolicyRules'] as const),
  ...(['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'] as const),
]

export function* validateContainers(spec: PodSpec, volumes: Volumes, path: FieldPath): FieldErrors {
  const { containers } = spec
  if (containers.length === 0) {
    yield required(path)
    return
  }
  const names = new Set<string>()
  for (const [index, container] of containers.entries()) {
    const itemPath = path.index(index)
    yield* validateContainer(container, spec, volumes, itemPath)
    if (names.has(container.name)) yield duplicate(itemPath.child('name'), container.name)
    names.add(container.name)
    yield* validateLongRunning(container, spec, itemPath)
    yield* validateRestartPolicy(container, itemPath, false)
  }
  yield* validateHostPorts(containers, path)
}

export function* validateInitContainers(
  spec: PodSpec,
  volumes: Volumes,
  path: FieldPath,
): FieldErrors {
  const names = new Set(spec.containers.map(({ name }) => name))
  for (const [index, container] of (spec.initContainers ?? []).entries()) {
    const itemPath = path.index(index)
    yield* validateContainer(container, spec, volumes, itemPath)
    yield* validateRestartPolicy(container, itemPath, true)
    if (names.has(container.name)) yield duplicate(itemPath.child('name'), container.name)
    else if (container.name !== '') names.add(container.name)
    yield* validateHostPorts([container], path)
    const isSidecar = container.restartPolicy === 'Always'
    if (isSidecar) yield* validateLongRunning(container, spec, itemPath)
    else yield* validateRunsOnce(container, itemPath)
  }
}

/** Containers added for looking into a pod: much that others may have makes no sense in them. */
export function* validateEphemeralContainers(
  spec: PodSpec,
  volumes: Volumes,
  path: FieldPath,
): FieldErrors {
  const others = [...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name)
  const names = new Set(others)
  for (const [index, container] of (spec.ephemeralContainers ?? []).entries()) {
    const itemPath = path.index(index)
    yield* validateContainer(container, spec, volumes, itemPath)
    yield* validateImageSpaces(container, itemPath)
    if (names.has(container.name)) yield duplicate(itemPath.child('name'), container.name)
    names.add(container.name)
    const { targetContainerName: target = '' } = container
    if (target !== '' && !others.includes(target)) {
      yield notFoundField(itemPath.child('targetContainerName'), target)
    }
    yield* validateEphemeralFields(container, itemPath)
  }
}

/** In a pod, unlike in a template, an image has no spaces around it. */
export function* validateImageSpaces(
  { image = '' }: Pick<Container, 'image'>,
  path: FieldPath,
): FieldErrors {
  if (image.trim() === image) return
  yield invalid(path.child('image'), image, 'must not have leading or trailing whitespace')
}

function* validateContainer(
  container: Container | EphemeralContainer,
  spec: PodSpec,
  volumes: Volumes,
  path: FieldPath,
): FieldErrors {
  const { name, image = '', ports = [], env = [], envFrom = [], securityContext } = container
  const { terminationMessagePolicy, imagePullPolicy } = container
  const claims = (spec.resourceClaims ?? []).map((claim) => claim.name)
  if (name === '') yield required(path.child('name'))
  else yield* validateDnsLabel(name, path.child('name'))
  if (image === '') yield required(path.child('image'))
  const messagePath = path.child('terminationMessagePolicy')
  yield* validateOneOf(terminationMessagePolicy, MESSAGE_POLICIES, messagePath)
  yield* validatePorts(ports, path.child('ports'))
  yield* validateEnv(env, path.child('env'))
  yield* validateEnvFrom(envFrom, path.child('envFrom'))
  yield* validateVolumeUse(container as Container, volumes, path)
  yield* validateOneOf(imagePullPolicy, PULL_POLICIES, path.child('imagePullPolicy'))
  yield* validateContainerResources(container.resources, claims, path.child('resources'))
  yield* validateResizePolicy(container, spec.restartPolicy, path.child('resizePolicy'))
  if (securityContext !== undefined) {
    const isOnHostUsers = spec.hostUsers !== false
    yield* validateSecurityContext(securityContext, isOnHostUsers, path.child('securityContext'))
  }
}

function* validatePorts(ports: readonly ContainerPort[], path: FieldPath): FieldErrors {
  const names = new Set<string>()
  for (const [index, port] of ports.entries()) {
    const { name = '', containerPort, hostPort = 0, protocol } = port
    const itemPath = path.index(index)
    if (name !== '') {
      const reasons = portNameErrors(name)
      yield* invalids(itemPath.child('name'), name, reasons)
      if (reasons.length === 0 && names.has(name)) yield duplicate(itemPath.child('name'), name)
      names.add(name)
    }
    if (containerPort === 0) yield required(itemPath.child('containerPort'))
    else yield* validatePortNumber(containerPort, itemPath.child('containerPort'))
    if (hostPort !== 0) yield* validatePortNumber(hostPort, itemPath.child('hostPort'))
    yield* validateOneOf(protocol, PROTOCOLS, itemPath.child('protocol'))
  }
}

/** Two containers cannot both have one port of the node. */
function* validateHostPorts(containers: readonly Container[], path: FieldPath): FieldErrors {
  const taken = new Set<string>()
  for (const [index, { ports = [] }] of containers.entries()) {
    for (const [place, { protocol, hostIP = '', hostPort = 0 }] of ports.entries()) {
      if (hostPort === 0) continue
      const key = `${protocol}/${hostIP}/${hostPort}`
      const portPath = path.index(index).child('ports').index(place).child('hostPort')
      if (taken.has(key)) yield duplicate(portPath, key)
      taken.add(key)
    }
  }
}

function* validateLongRunning(container: Container, spec: PodSpec, path: FieldPath): FieldErrors {
  if (container.lifecycle !== undefined) {
    const pod = { gracePeriodSeconds: spec.terminationGracePeriodSeconds, os: spec.os }
    yield* validateLifecycle(container.lifecycle, pod, path.child('lifecycle'))
  }
  yield* validateProbes(container, path)
}

function* validateRunsOnce(container: Container, path: FieldPath): FieldErrors {
  const why = 'may not be set for init containers without restartPolicy=Always'
  for (const name of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    if (container[name] !== undefined) yield forbidden(path.child(name), why)
  }
  for (const [index, policy] of (container.resizePolicy ?? []).entries()) {
    if (policy.restartPolicy !== 'RestartContainer') continue
    yield invalid(
      path.child('resizePolicy').index(index).child('restartPolicy'),
      policy.restartPolicy,
      "must not be set to 'RestartContainer' for non-sidecar initContainers",
    )
  }
}

function* validateRestartPolicy(
  { restartPolicy, restartPolicyRules: rules = [] }: Container,
  path: FieldPath,
  isInit: boolean,
): FieldErrors {
  const policyPath = path.child('restartPolicy')
  if (restartPolicy === undefined) {
    if (rules.length === 0) return
    yield required(policyPath, 'must specify restartPolicy when restart rules are used')
    if (isInit) return
  } else if (!RESTART_POLICIES.includes(restartPolicy)) {
    yield notSupported(policyPath, restartPolicy, RESTART_POLICIES)
  }
  const rulesPath = path.child('restartPolicyRules')
  if (rules.length > 20) yield tooMany(rulesPath, rules.length, 20)
  for (const [index, { action, exitCodes }] of rules.entries()) {
    const itemPath = rulesPath.index(index)
    if (!RULE_ACTIONS.includes(action)) {
      yield notSupported(itemPath.child('action'), action, RULE_ACTIONS)
    }
    const codesPath = itemPath.child('exitCodes')
    if (exitCodes === undefined) {
      yield required(codesPath, 'must be specified')
      continue
    }
    const { operator, values = [] } = exitCodes
    if (!EXIT_CODE_OPERATORS.includes(operator)) {
      yield notSupported(codesPath.child('operator'), operator, EXIT_CODE_OPERATORS)
    }
    if (values.length > 255) yield tooMany(codesPath.child('values'), values.length, 255)
  }
}

function* validateResizePolicy(
  { resizePolicy = [] }: Pick<Container, 'resizePolicy'>,
  podRestartPolicy: string,
  path: FieldPath,
): FieldErrors {
  const seen = new Set<string>()
  for (const [index, { resourceName, restartPolicy }] of resizePolicy.entries()) {
    if (seen.has(resourceName)) yield duplicate(path.index(index), resourceName)
    seen.add(resourceName)
    yield* validateOneOf(resourceName, RESIZABLE, path)
    yield* validateOneOf(restartPolicy, RESIZE_POLICIES, path)
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired') {
      const why = "must be 'NotRequired' when pod `restartPolicy` is 'Never'"
      yield invalid(path, restartPolicy, why)
    }
  }
}

function* validateEphemeralFields(container: EphemeralContainer, path: FieldPath): FieldErrors {
  const why = 'cannot be set for an Ephemeral Container'
  for (const name of NOT_IN_EPHEMERAL) {
    const value = container[name]
    const isSet =
      name === 'resources' ? Object.keys(container.resources).length > 0 : value !== undefined
    if (isSet) yield forbidden(path.child(name), why)
  }
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    for (const name of ['subPath', 'subPathExpr'] as const) {
      if (mount[name]) yield forbidden(path.child('volumeMounts').index(index).child(name), why)
    }
  }
}
