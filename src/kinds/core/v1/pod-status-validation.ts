import {
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
} from '../../../machinery/field-error.ts'
import { parseIp } from '../../../machinery/ip-address.ts'
import { subdomainNameErrors } from '../../../machinery/names.ts'
import { invalids, validateImmutable } from '../../../machinery/validate-object-meta.ts'
import type { Container } from './container.ts'
import type { ContainerStatus } from './container-status.ts'
import { validateIp, validateQualifiedName } from './field-rules.ts'
import type { Pod } from './pod.ts'
import { validateMirror } from './pod-update-validation.ts'
import { validatePodAnnotations } from './pod-validation.ts'

const SYSTEM_CONDITIONS = ['PodScheduled', 'Ready', 'Initialized']

/** What a report of a pod's state may say. */
export function* validatePodStatusUpdate(pod: Pod, old: Pod, path: FieldPath): FieldErrors {
  const { spec, status } = pod
  const statusPath = path.child('status')
  yield* validateMirror(pod, old, path.child('metadata', 'annotations'))
  yield* validatePodAnnotations(pod, path.child('metadata', 'annotations'))
  for (const [index, { type }] of (status.conditions ?? []).entries()) {
    if (SYSTEM_CONDITIONS.includes(type)) continue
    yield* validateQualifiedName(type, statusPath.child('conditions').index(index).child('Type'))
  }
  if (spec.nodeName !== old.spec.nodeName) {
    yield forbidden(statusPath.child('nodeName'), 'may not be changed directly')
  }
  yield* validateNomination(pod, old, statusPath.child('nominatedNodeName'))
  if ((status.observedGeneration ?? 0) < 0) {
    const value = status.observedGeneration
    yield invalid(statusPath.child('observedGeneration'), value, 'must be a non-negative integer')
  }
  yield* validateImmutable(status.qosClass, old.status.qosClass, statusPath.child('qosClass'))
  yield* validateTransitions(pod, old, statusPath)
  yield* validateIps(pod, old, statusPath)
}

function* validateNomination(pod: Pod, old: Pod, path: FieldPath): FieldErrors {
  const { nominatedNodeName: name = '' } = pod.status
  if (name === '' || name === old.status.nominatedNodeName) return
  yield* invalids(path, name, subdomainNameErrors(name, false))
  if (old.spec.nodeName) {
    yield forbidden(path, 'may not be set on pods that are already bound to a node')
  }
}

/** A container that has ended for good cannot run again. */
function* validateTransitions(pod: Pod, old: Pod, path: FieldPath): FieldErrors {
  const { restartPolicy, containers, initContainers = [] } = old.spec
  const all = [...containers, ...initContainers]
  const restartsAll = all.some(({ restartPolicyRules: rules = [] }) =>
    rules.some(({ action }) => action === 'RestartAllContainers'),
  )
  const lists = {
    containerStatuses: (name: string, exitCode: number) => {
      const container = containers.find((one) => one.name === name)
      return restartsAll || (container && mayRestart(container, restartPolicy, exitCode)) === true
    },
    initContainerStatuses: (name: string, exitCode: number) => {
      const container = initContainers.find((one) => one.name === name)
      if (restartsAll || restartPolicy === 'Always') return true
      if (container?.restartPolicy === 'Always') return true
      return exitCode !== 0 && restartPolicy === 'OnFailure'
    },
    ephemeralContainerStatuses: () => false,
  } as const
  for (const [list, may] of Object.entries(lists)) {
    const name = list as keyof typeof lists
    yield* validateEnded(pod.status[name], old.status[name], may, path.child(name))
  }
}

function* validateEnded(
  statuses: readonly ContainerStatus[] = [],
  old: readonly ContainerStatus[] = [],
  may: (name: string, exitCode: number) => boolean,
  path: FieldPath,
): FieldErrors {
  for (const [index, { name, state }] of old.entries()) {
    const terminated = state?.terminated
    if (terminated === undefined || may(name, terminated.exitCode)) continue
    const now = statuses.find((status) => status.name === name)
    if (now === undefined || now.state?.terminated !== undefined) continue
    const why = 'may not be transitioned to non-terminated state'
    yield forbidden(path.index(index).child('state'), why)
  }
}

function mayRestart(container: Container, podPolicy: string, exitCode: number): boolean {
  for (const { exitCodes } of container.restartPolicyRules ?? []) {
    const isListed = (exitCodes?.values ?? []).includes(exitCode)
    if (exitCodes !== undefined && isListed === (exitCodes.operator === 'In')) return true
  }
  const policy = container.restartPolicy ?? podPolicy
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}

/** One address of each family; what was there before is not questioned. */
function* validateIps({ status }: Pod, old: Pod, path: FieldPath): FieldErrors {
  for (const list of ['podIPs', 'hostIPs'] as const) {
    const addresses = (status[list] ?? []).map(({ ip = '' }) => ip)
    const known = (old.status[list] ?? []).map(({ ip = '' }) => ip)
    const listPath = path.child(list)
    if (list === 'hostIPs' && addresses.length > 0 && status.hostIP !== addresses[0]) {
      yield invalid(listPath.index(0).child('ip'), addresses[0], 'must be equal to `hostIP`')
    }
    for (const [index, address] of addresses.entries()) {
      if (!known.includes(address)) yield* validateIp(address, listPath.index(index))
    }
    const families = new Set(addresses.map((address) => parseIp(address)?.family))
    if (addresses.length > 1 && (addresses.length > 2 || families.size !== 2)) {
      const why = 'may specify no more than one IP for each IP family'
      yield invalid(listPath, status[list], why)
    }
  }
}
