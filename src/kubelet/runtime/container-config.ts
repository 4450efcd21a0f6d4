import type { ContainerConfig, Mount } from '../../cri/messages/container.ts'
import type { Signal } from '../../cri/messages/enums.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { expandReferences } from '../environment/expand.ts'
import type { Container } from '../pod-types.ts'
import { containerAnnotations, containerLabels } from './labels.ts'
import { containerLogPath } from './log-paths.ts'
import { containerResources } from './resources.ts'
import { containerSecurityContext, type ImageUser } from './security-context.ts'

/** All that was found out for one start of a container. */
export interface ContainerStart {
  readonly restartCount: number
  /** The image as the runtime knows it. */
  readonly imageRef: string
  readonly imageUser: ImageUser
  readonly environment: ReadonlyMap<string, string>
  readonly mounts: readonly Mount[]
  readonly nodeMemoryBytes: number
  readonly seccompRoot: string
  /** An ephemeral container joins the process namespace of this one. */
  readonly targetContainerId?: string | undefined
}

/** How the runtime shall make a container. */
export function containerConfig(
  pod: Pod,
  container: Container,
  start: ContainerStart,
): ContainerConfig {
  const { restartCount, imageRef, environment, targetContainerId } = start
  const expand = (text: string) => expandReferences(text, (name) => environment.get(name))
  const security = containerSecurityContext(pod, container, start.imageUser, start.seccompRoot)
  const { namespaceOptions } = security
  const joins = targetContainerId !== undefined && namespaceOptions?.pid === 'CONTAINER'
  const target = { ...namespaceOptions, pid: 'TARGET', targetId: targetContainerId ?? '' } as const
  const stopSignal = toRuntimeSignal(container.lifecycle?.stopSignal)
  return {
    metadata: { name: container.name, attempt: restartCount },
    image: { image: imageRef, userSpecifiedImage: container.image ?? '' },
    command: (container.command ?? []).map(expand),
    args: (container.args ?? []).map(expand),
    workingDir: container.workingDir ?? '',
    envs: [...environment].map(([key, value]) => ({ key, value: Buffer.from(value) })),
    mounts: start.mounts,
    labels: containerLabels(pod, container.name),
    annotations: containerAnnotations(pod, container, restartCount),
    logPath: containerLogPath(container.name, restartCount),
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    linux: {
      resources: containerResources(pod, container, start.nodeMemoryBytes),
      securityContext: joins ? { ...security, namespaceOptions: target } : security,
    },
    ...(stopSignal !== undefined && { stopSignal }),
  }
}

/** `SIGRTMIN+1` is written SIGRTMINPLUS1 in CRI. */
function toRuntimeSignal(signal: string | undefined): Signal | undefined {
  return signal?.replace('+', 'PLUS').replace('-', 'MINUS') as Signal | undefined
}
