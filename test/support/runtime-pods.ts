import type { PodSandboxStatus } from '../../src/cri/messages/sandbox.ts'
import { containerHash } from '../../src/kubelet/runtime/container-hash.ts'
import type { RuntimeContainer, RuntimePod } from '../../src/kubelet/runtime/runtime-pod.ts'

let created = 1n

/** A container in the runtime, running unless told otherwise. The later made, the newer. */
export function runtimeContainer(
  name: string,
  about: Partial<RuntimeContainer> & { readonly spec?: { readonly image: string } } = {},
): RuntimeContainer {
  const { spec, ...rest } = about
  created++
  return {
    id: `${name}-${created}`,
    name,
    podSandboxId: 'sandbox-0',
    state: 'running',
    hash: containerHash({ name, image: spec?.image ?? 'busybox' }),
    restartCount: 0,
    createdNanos: created,
    startedMs: Date.UTC(2030, 0, 1),
    finishedMs: 0,
    exitCode: 0,
    reason: '',
    message: '',
    image: 'docker.io/library/busybox:latest',
    imageRef: 'sha256:1',
    logPath: '',
    status: {} as RuntimeContainer['status'],
    ...rest,
  }
}

export function sandbox(attempt = 0, about: Partial<PodSandboxStatus> = {}): PodSandboxStatus {
  return {
    id: `sandbox-${attempt}`,
    metadata: { name: 'web', namespace: 'default', uid: 'uid-1', attempt },
    state: 'SANDBOX_READY',
    createdAt: BigInt(attempt),
    network: { ip: '10.1.0.2', additionalIps: [] },
    linux: undefined,
    labels: {},
    annotations: {},
    runtimeHandler: '',
    ...about,
  }
}

/** What the runtime has of a pod; containers are given from the oldest to the newest. */
export function runtimePod(
  containers: readonly RuntimeContainer[] = [],
  sandboxes: readonly PodSandboxStatus[] = [sandbox()],
): RuntimePod {
  const ips = sandboxes[0]?.network?.ip ? [sandboxes[0].network.ip] : []
  return {
    ...{ uid: 'uid-1', namespace: 'default', name: 'web', ips, sandboxes },
    containers: containers.toReversed(),
  }
}
