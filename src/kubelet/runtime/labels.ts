import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { Container, EphemeralContainer, LifecycleHandler } from '../pod-types.ts'
import { containerHash } from './container-hash.ts'

// The labels and annotations that upstream's kubelet writes on what it makes through CRI: crictl
// shows them, log collectors rely on them, and a restarted kubelet recognizes its containers.

export const POD_NAME = 'io.kubernetes.pod.name'
export const POD_NAMESPACE = 'io.kubernetes.pod.namespace'
export const POD_UID = 'io.kubernetes.pod.uid'
export const CONTAINER_NAME = 'io.kubernetes.container.name'
const HASH = 'io.kubernetes.container.hash'
const RESTART_COUNT = 'io.kubernetes.container.restartCount'
const TERMINATION_MESSAGE_PATH = 'io.kubernetes.container.terminationMessagePath'
const TERMINATION_MESSAGE_POLICY = 'io.kubernetes.container.terminationMessagePolicy'
const PRE_STOP_HANDLER = 'io.kubernetes.container.preStopHandler'
const PORTS = 'io.kubernetes.container.ports'
const DELETION_GRACE_PERIOD = 'io.kubernetes.pod.deletionGracePeriod'
const TERMINATION_GRACE_PERIOD = 'io.kubernetes.pod.terminationGracePeriod'

type StringMap = Readonly<Record<string, string>>

/** A sandbox carries the pod's own labels too. */
export function sandboxLabels({ metadata }: Pod): StringMap {
  return { ...metadata.labels, ...podLabels(metadata) }
}

export function containerLabels({ metadata }: Pod, containerName: string): StringMap {
  return { ...podLabels(metadata), [CONTAINER_NAME]: containerName }
}

function podLabels({ name, namespace, uid }: Pod['metadata']): StringMap {
  return { [POD_NAME]: name, [POD_NAMESPACE]: namespace, [POD_UID]: uid }
}

/** All that is needed to describe or stop the container when its pod is no longer known. */
export function containerAnnotations(
  { metadata, spec }: Pod,
  container: Container | EphemeralContainer,
  restartCount: number,
): StringMap {
  const { deletionGracePeriodSeconds } = metadata
  const { terminationGracePeriodSeconds } = spec
  const preStop = container.lifecycle?.preStop
  const ports = container.ports ?? []
  return {
    [HASH]: containerHash(container),
    [RESTART_COUNT]: `${restartCount}`,
    [TERMINATION_MESSAGE_PATH]: container.terminationMessagePath ?? '',
    [TERMINATION_MESSAGE_POLICY]: container.terminationMessagePolicy ?? '',
    ...(deletionGracePeriodSeconds !== undefined && {
      [DELETION_GRACE_PERIOD]: `${deletionGracePeriodSeconds}`,
    }),
    ...(terminationGracePeriodSeconds !== undefined && {
      [TERMINATION_GRACE_PERIOD]: `${terminationGracePeriodSeconds}`,
    }),
    ...(preStop !== undefined && { [PRE_STOP_HANDLER]: JSON.stringify(preStop) }),
    ...(ports.length > 0 && { [PORTS]: JSON.stringify(ports) }),
  }
}

/** What a container's annotations tell of it. */
export interface AnnotatedContainer {
  readonly hash: string
  readonly restartCount: number
  readonly terminationMessagePath: string
  readonly terminationMessagePolicy: string
  readonly preStop: LifecycleHandler | undefined
  readonly gracePeriodSeconds: number | undefined
}

/** Annotations that are missing or damaged count as absent: the container may be of another age. */
export function readContainerAnnotations(annotations: StringMap): AnnotatedContainer {
  return {
    hash: annotations[HASH] ?? '',
    restartCount: readNumber(annotations[RESTART_COUNT]) ?? 0,
    terminationMessagePath: annotations[TERMINATION_MESSAGE_PATH] ?? '',
    terminationMessagePolicy: annotations[TERMINATION_MESSAGE_POLICY] ?? '',
    preStop: readHandler(annotations[PRE_STOP_HANDLER]),
    gracePeriodSeconds:
      readNumber(annotations[DELETION_GRACE_PERIOD]) ??
      readNumber(annotations[TERMINATION_GRACE_PERIOD]),
  }
}

function readNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]+$/.test(text) ? Number(text) : undefined
}

function readHandler(text: string | undefined): LifecycleHandler | undefined {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as LifecycleHandler
  } catch {
    return undefined // Written by something else: there is no hook that could be run.
  }
}
